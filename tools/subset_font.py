"""Cut Archivo down to the glyphs and axes the pages use, and write the two font files that are served.

usage: python tools/subset_font.py SOURCE.woff2 [--folder static/fonts]

SOURCE is `files/archivo-latin-standard-normal.woff2` of the package @fontsource-variable/archivo 5.3.0
(SIL Open Font License 1.1, no reserved font name; the licence lies beside the result).
The same source gives the same bytes: the clock stays out of the file.
Needs fonttools and brotli, which are among the development requirements.
"""

import argparse
import hashlib
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation
from fontTools.varLib.instancer import instantiateVariableFont
from fontTools.varLib.iup import iup_delta, iup_delta_optimize

SOURCE_SHA256 = "e3a28eade21a900c7155a247757f4b2834c07bb7ef07ad7efa55cebaac1e8f5e"

# What 00-tokens.css asks for: weights 380 to 720 are drawn from 400 up, widths are --cond, --norm and --wide.
AXES = {"wght": (400, 720), "wdth": (88, 116)}

# What every page needs: Basic Latin, the signs of Latin-1, and the punctuation of the pages. Apart from it the accented
# letters, which browsers fetch for the prompts that have them (people write in their own words). Everything else,
# Chinese above all, falls to the reader's own fonts.
NOT_WRITTEN = "\xad¤¦¨ª¬¯´¶¸¹º¼½¾"
SIGNS = [code for code in (*range(0xA0, 0xC0), 0xD7) if chr(code) not in NOT_WRITTEN]
ACCENTED = [code for code in (*range(0xC0, 0x100), *map(ord, "Œœ")) if code != 0xD7]
PLAIN = [*range(0x20, 0x7F), *SIGNS, *map(ord, "–—‘’“”„•…′‹›€™↑↓−")]
FILES = {"archivo-latin.woff2": PLAIN, "archivo-accented.woff2": ACCENTED}
FEATURES = ["kern", "liga", "ccmp", "locl", "tnum", "rvrn"]

# An outline may stand this far from the designer's, in units of a thousandth of the type size:
# under a twentieth of a pixel in the largest figure on screen.
TOLERANCE_UNITS = 1


def subset(source: Path, codes: list[int], out: Path) -> int:
    """Write the glyphs of these characters of `source` to `out`; return its size in bytes."""
    font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), AXES)
    options = Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    _thin_variations(font)
    font.flavor = "woff2"
    font.save(out)
    return out.stat().st_size


def _thin_variations(font: TTFont) -> None:
    """Drop the corners of the design space that no page uses, and points that the rest imply.

    HVAR repeats the advance widths of gvar and would contradict what is left, so it goes.
    """
    codes = {glyph: code for code, glyph in font.getBestCmap().items()}
    metrics = font["hmtx"].metrics
    del font["HVAR"]
    for glyph, variations in font["gvar"].variations.items():
        points, control = font["glyf"]._getCoordinatesAndControls(glyph, metrics)
        kept = [v for v in variations if _is_used(v, is_accented=codes.get(glyph, 0) >= 0xC0)]
        for variation in kept:
            _simplify(variation, list(points), list(control.endPts))
        font["gvar"].variations[glyph] = [v for v in kept if any(v.coordinates)]


def _is_used(variation: TupleVariation, *, is_accented: bool) -> bool:
    """Say whether a page can reach this corner.

    The wide voice is always heavy (frame numbers, day headings) and never accented; accented letters
    take weight and width one by one, without the small correction for both at once.
    """
    width = variation.axes.get("wdth", (0, 0, 0))[1]
    weight = variation.axes.get("wght", (0, 0, 0))[1]
    if width > 0 and (weight < 0 or is_accented):
        return False
    return not (is_accented and width and weight)


def _simplify(variation: TupleVariation, points: list[tuple[int, int]], ends: list[int]) -> None:
    deltas = variation.coordinates
    if None in deltas:
        deltas = iup_delta(deltas, points, ends)
    deltas = [(round(x), round(y)) for x, y in deltas]
    if all(max(abs(x), abs(y)) <= TOLERANCE_UNITS for x, y in deltas):
        variation.coordinates = [None] * len(deltas)
        return
    variation.coordinates = iup_delta_optimize(deltas, points, ends, tolerance=TOLERANCE_UNITS)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("static/fonts"))
    arguments = parser.parse_args()
    if hashlib.sha256(arguments.source.read_bytes()).hexdigest() != SOURCE_SHA256:
        sys.stderr.write(f"{arguments.source} is not the file that this script was written for.\n")
        return 1
    for name, codes in FILES.items():
        size_bytes = subset(arguments.source, codes, arguments.folder / name)
        sys.stdout.write(f"{name}: {size_bytes} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
