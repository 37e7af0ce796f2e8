"""A picture in another encoding, made in a process of its own: what it takes of memory and time is not the pages'.

    python -m playground.runs.converting SOURCE TARGET FORMAT QUALITY EDGE      (EDGE 0: as large as it is)

Ends with 0 where the target was written. A colour profile goes along; all else that is beside the pixels does not.
"""

import subprocess
import sys
import threading
from pathlib import Path

from PIL import Image, ImageOps

from playground.runs.preparing import FORMATS, MAX_PIXELS, limit

SECONDS = 60
PNG_COMPRESSION = 6
_one_at_a_time = threading.BoundedSemaphore(1)


class UnreadableError(Exception):
    """The picture can't be decoded, or not within the limits."""


def convert(source: Path, target: Path, picture_format: str, quality: int, edge: int) -> None:
    """Write `target`: png, jpeg or webp, no longer than `edge` on its long side. Raises UnreadableError."""
    command = [sys.executable, "-m", "playground.runs.converting"]
    command += [str(source), str(target), picture_format, str(quality), str(edge)]
    root = Path(__file__).resolve().parents[2]
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603  # our own module, and paths that we made
                command, cwd=root, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise UnreadableError("It takes too long.") from None
    if done.returncode:
        raise UnreadableError("It can't be decoded.")


def main(source: str, target: str, picture_format: str, quality: str, edge: str) -> None:
    limit()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # from twice as many on, Pillow refuses
    with Image.open(source, formats=FORMATS) as opened:
        profile = opened.info.get("icc_profile")
        picture = _plain(ImageOps.exif_transpose(opened), picture_format)
    if int(edge):
        picture.thumbnail((int(edge), int(edge)), Image.Resampling.LANCZOS)
    options = {"compress_level": PNG_COMPRESSION} if picture_format == "png" else {"quality": int(quality)}
    picture.save(target, picture_format.upper(), icc_profile=profile, **options)


def _plain(picture: Image.Image, picture_format: str) -> Image.Image:
    """In colours that the format has; what is transparent becomes white in a JPEG."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    clear = picture.convert("RGBA")
    if picture_format != "jpeg":
        return clear
    white = Image.new("RGB", clear.size, (255, 255, 255))
    white.paste(clear, mask=clear.getchannel("A"))
    return white


if __name__ == "__main__":
    main(*sys.argv[1:])
