"""Decoding a picture that somebody brought along, in a process of its own, so that nothing in it can hurt ours.

    python -m playground.runs.preparing picture FILE FOLDER
    python -m playground.runs.preparing mask FILE FOLDER PICTURE

Prints one JSON object: `{"refused": CODE, "values": {...}}`, or what was found and which files it left in FOLDER.
What is sent to a provider is always encoded anew: no metadata, no colour profile, no second file hidden behind the
first. Memory and time are limited by the system; whoever is killed for it was refused. Knows no Django, so that it
starts in a tenth of a second.
"""

import io
import json
import math
import resource
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_PIXELS = 64_000_000
# Above one of these a picture is made smaller before it is sent (docs.apiyi.com, image-compression-resolution): the
# size of what goes in does not change the size of what comes out, and big inputs are what `shell_api_error` is about.
ADVISED_BYTES = 1_500_000
ADVISED_EDGE = 4096
SHRUNK_EDGE = 2048
SHRUNK_QUALITY, GOOD_QUALITY = 90, 92
THUMBNAIL_WIDTH = 320
MEMORY_BYTES = 1_000_000_000
CPU_SECONDS = 20
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP")
LOSSLESS = ("png", "gif", "tiff", "bmp")
# Description, maker, model, software, author, copyright, and all that a camera notes.
PRIVATE_TAGS = (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298, 0x8769)
PRIVATE_INFO = {"xmp", "XML:com.adobe.xmp", "comment", "photoshop"}
# What people try although no library here can read it, by how such files begin: (offset, bytes) -> its name.
FOREIGN = (
    (4, b"ftypheic", "HEIC"), (4, b"ftypheix", "HEIC"), (4, b"ftypmif1", "HEIC"), (4, b"ftyphevc", "HEIC"),
    (4, b"ftypmsf1", "HEIC"), (4, b"ftyp", "video"), (0, b"%PDF", "PDF"), (0, b"8BPS", "Photoshop"),
    (0, b"\xff\x0a", "JPEG XL"), (4, b"JXL ", "JPEG XL"), (0, b"\x00\x00\x01\x00", "ICO"), (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"), (4, b"jP  ", "JPEG 2000"),
)  # fmt: skip


class RefusedFileError(Exception):
    """The file can't be used; `code` and `values` become a sentence (see refusals)."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass
class Copy:
    """A file that was written: what is sent."""

    path: str
    format: str
    width: int
    height: int


@dataclass
class Prepared:
    """What the file was (pixels as they lie in it), the copy that is sent, and what was done on the way, as codes."""

    format: str
    width: int
    height: int
    sent: Copy
    thumbnail: str
    notes: list[list[Any]] = field(default_factory=list)


def prepare(source: Path, folder: Path) -> Prepared:
    """Decode the picture with limits and write the copy that can be sent. Raises RefusedFileError."""
    with _open(source) as picture:
        kind = (picture.format or "").lower().replace("mpo", "jpeg")
        width, height = picture.size
        _check_pixels(width, height)
        weight = source.stat().st_size
        is_heavy = weight > ADVISED_BYTES or max(width, height) > ADVISED_EDGE
        notes = _remarks(picture, kind)
        if is_heavy:
            picture.draft(
                None, _within(picture.size, SHRUNK_EDGE)
            )  # a JPEG at a half of its size, for nothing
        plain = _plain(picture, notes)
    if is_heavy:
        plain = _shrunk(plain)
    sent = _write(plain, kind, folder, is_heavy)
    if (sent.width, sent.height) not in ((width, height), (height, width)):
        notes.append(["scaled", {"from": f"{width}x{height}", "to": f"{sent.width}x{sent.height}"}])
    if kind not in ("png", "jpeg", "webp"):
        notes.append(["converted", {"from": kind.upper(), "to": sent.format.upper()}])
    return Prepared(kind, width, height, sent, _thumbnail(plain, folder), notes)


def _open(source: Path) -> Image.Image:
    try:
        return Image.open(source, formats=FORMATS)
    except UnidentifiedImageError:
        name = foreign(source)
        raise (RefusedFileError("format", name=name) if name else RefusedFileError("no_picture")) from None
    except Image.DecompressionBombError:
        raise RefusedFileError("pixels_unknown", most=MAX_PIXELS // 1_000_000) from None


def foreign(source: Path) -> str:
    """The name of a format that can't be read here, from the file's first bytes; empty for anything else."""
    with source.open("rb") as file:
        start = file.read(512)
    for offset, magic, name in FOREIGN:
        if start[offset : offset + len(magic)] == magic:
            return name
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return "SVG"
    return "HTML" if text.startswith((b"<!doctype", b"<html")) else ""


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        megapixels = math.ceil(width * height / 1_000_000)
        raise RefusedFileError("pixels", megapixels=megapixels, most=MAX_PIXELS // 1_000_000)


def _remarks(picture: Image.Image, kind: str) -> list[list[Any]]:
    """What is worth saying of the file as it lies there."""
    notes: list[list[Any]] = []
    exif = picture.getexif()
    if exif.get_ifd(0x8825):
        notes.append(["gps_removed", {}])
    elif any(exif.get(tag) for tag in PRIVATE_TAGS) or PRIVATE_INFO & picture.info.keys():
        notes.append(["metadata_removed", {}])
    if exif.get(0x0112, 1) not in (0, 1):
        notes.append(["rotated", {}])
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        notes.append(["first_frame", {}])
    if picture.mode == "CMYK":
        notes.append(["cmyk", {}])
    if _is_deep(picture):
        notes.append(["deep", {}])
    return notes


def _is_deep(picture: Image.Image) -> bool:
    """Whether it has more than eight bits a channel (Pillow reads sixteen as eight where there are colours)."""
    tiles = getattr(picture, "tile", [])
    raw = str(tiles[0][3]) if tiles else ""
    return picture.mode.startswith("I") or "16" in raw.replace("RGBA", "").replace("RGB", "")


def _plain(picture: Image.Image, notes: list[list[Any]]) -> Image.Image:
    """The picture upright, in eight bits and in sRGB, with transparency only if it has any."""
    picture.load()
    ImageOps.exif_transpose(
        picture, in_place=True
    )  # a copy of a large picture would be hundreds of megabytes
    if picture.mode == "F":
        raise RefusedFileError("mode")
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return _to_srgb(picture, "RGBA" if has_alpha else "RGB", notes)


def _to_srgb(picture: Image.Image, mode: str, notes: list[list[Any]]) -> Image.Image:
    """Colours as their profile means them; a profile that makes no sense is left out."""
    profile = picture.info.get("icc_profile")
    source = picture if picture.mode in ("RGB", "CMYK", "L", mode) else picture.convert(mode)
    if profile and len(profile) < 4_000_000:
        try:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(opened).lower():
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(source, opened, target, outputMode=mode)
                notes.append(["profile", {}])
                return converted if converted is not None else source
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return source if source.mode == mode else source.convert(mode)


def _within(size: tuple[int, int], edge: int) -> tuple[int, int]:
    longest = max(size)
    if longest <= edge:
        return size
    return (max(1, round(size[0] * edge / longest)), max(1, round(size[1] * edge / longest)))


def _shrunk(picture: Image.Image) -> Image.Image:
    size = _within(picture.size, SHRUNK_EDGE)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _write(picture: Image.Image, kind: str, folder: Path, is_heavy: bool) -> Copy:
    """Lossless stays lossless while it is light enough to be sent; else JPEG, or WebP where it is transparent."""
    if kind in LOSSLESS and not (is_heavy and picture.mode == "RGB"):
        made = _save(picture, folder, "png", compress_level=6)
        if _weight(made) <= ADVISED_BYTES:
            return made
        picture, is_heavy = _shrunk(picture), True
    quality = SHRUNK_QUALITY if is_heavy else GOOD_QUALITY
    wanted = "webp" if picture.mode == "RGBA" or kind == "webp" else "jpeg"
    made = _save(picture, folder, wanted, quality=quality)
    if _weight(made) > ADVISED_BYTES and not is_heavy:
        made = _save(_shrunk(picture), folder, wanted, quality=SHRUNK_QUALITY)
    return made


def _weight(copy: Copy) -> int:
    return Path(copy.path).stat().st_size


def _save(picture: Image.Image, folder: Path, kind: str, **options: Any) -> Copy:
    path = folder / f"sent.{kind}"
    picture.info = {}  # what was beside the pixels stays here
    picture.save(path, kind.upper(), **options)
    return Copy(str(path), kind, *picture.size)


def _thumbnail(picture: Image.Image, folder: Path) -> str:
    width = min(THUMBNAIL_WIDTH, picture.width)
    size = (width, max(1, round(picture.height * width / picture.width)))
    path = folder / "thumbnail.webp"
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    small.info = {}
    small.save(path, "WEBP", quality=80, method=4)
    return str(path)


@dataclass
class PreparedMask:
    """A mask as it is sent (alpha 0: may change, 255: stays), how much may change (0 to 1), and the picture as PNG."""

    path: str
    share: float
    picture: str  # empty where the picture is a PNG already
    notes: list[list[Any]] = field(default_factory=list)


def prepare_mask(source: Path, folder: Path, picture: Path) -> PreparedMask:
    """Make the mask hard-edged and exactly as large as the picture that is sent. Raises RefusedFileError.

    What counts is alpha; in a mask that has none, white is what may change. A mask and its picture have one format.
    """
    notes: list[list[Any]] = []
    with _open(picture) as first:
        wanted, is_png = first.size, first.format == "PNG"
    with _open(source) as found:
        _check_pixels(*found.size)
        found.load()
        keep = _kept(found, notes)
    if keep.size != wanted:
        if abs(keep.height * wanted[0] / keep.width - wanted[1]) > 1:
            sizes = {"found": f"{keep.width}x{keep.height}", "wanted": f"{wanted[0]}x{wanted[1]}"}
            raise RefusedFileError("mask_shape", **sizes)
        notes.append(
            ["mask_scaled", {"from": f"{keep.width}x{keep.height}", "to": f"{wanted[0]}x{wanted[1]}"}]
        )
        keep = keep.resize(wanted, Image.Resampling.NEAREST)
    painted = keep.histogram()[0]
    if not painted:
        raise RefusedFileError("mask_empty")
    mask = Image.new("RGBA", wanted, (0, 0, 0, 255))
    mask.putalpha(keep)
    path = folder / "mask.png"
    mask.save(path, "PNG", compress_level=9)
    as_png = "" if is_png else _as_png(picture, folder)
    return PreparedMask(str(path), painted / (keep.width * keep.height), as_png, notes)


def _kept(mask: Image.Image, notes: list[list[Any]]) -> Image.Image:
    """One channel: 255 where the picture stays, 0 where it may change, and nothing between."""
    if mask.mode in ("RGBA", "LA", "PA") or "transparency" in mask.info:
        return mask.convert("RGBA").getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0)
    notes.append(["mask_white", {}])
    return mask.convert("L").point(lambda light: 0 if light >= 128 else 255)


def _as_png(picture: Path, folder: Path) -> str:
    path = folder / "first.png"
    with Image.open(picture, formats=FORMATS) as opened:
        opened.load()
        opened.save(path, "PNG", compress_level=6)
    return str(path)


def limit() -> None:
    """What one picture may cost; the system ends whoever wants more."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main(arguments: list[str]) -> int:
    """Do what the arguments say, and print what came of it."""
    limit()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked, before anything is decoded
    kind, source, folder, *rest = arguments
    try:
        if kind == "mask":
            answer = asdict(prepare_mask(Path(source), Path(folder), Path(rest[0])))
        else:
            answer = asdict(prepare(Path(source), Path(folder)))
    except RefusedFileError as refused:
        answer = {"refused": refused.code, "values": refused.values}
    except Exception as error:  # noqa: BLE001  # decoders stumble in more ways than anybody lists
        code = "truncated" if "truncated" in str(error).lower() else "broken"
        answer = {"refused": code, "values": {}}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
