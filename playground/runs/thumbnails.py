"""Small versions of a picture: three widths of WebP and a placeholder of a few hundred bytes.

Derived and repeatable: whoever finds them missing may make them again. Decoding happens with limits, a few at a
time, because one 4K picture is 25 MB of pixels in memory.
"""

import base64
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from playground.runs.models import Output
from playground.runs.storage import keep_together, thumbnail_name

MAX_PIXELS = 64_000_000
PLACEHOLDER_WIDTH = 20
QUALITY = 80
CORES = os.cpu_count() or 1
_decoders = threading.BoundedSemaphore(CORES)
_encoders = ThreadPoolExecutor(CORES, thread_name_prefix="encoder")


class UnreadablePictureError(Exception):
    """The bytes are kept, but they can't be decoded into a picture."""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Which widths (pixels) were made, and the placeholder as a data URL."""

    widths: tuple[int, ...]
    placeholder: str


def make_thumbnails(source: Path, sha256: str, workbench: Path) -> Thumbnails:
    """Decode the picture once and keep its small versions. Raises UnreadablePictureError."""
    try:
        with _decoders:
            files, placeholder = _draw(source, workbench)
    except Exception as error:  # decoders and encoders stumble in more ways than anybody lists
        raise UnreadablePictureError(str(error)) from error
    keep_together({thumbnail_name(sha256, width): file for width, file in files.items()})
    return Thumbnails(tuple(sorted(files)), placeholder)


def _draw(source: Path, workbench: Path) -> tuple[dict[int, Path], str]:
    """The small versions as files by their width, and the placeholder. Two cores halve the waiting."""
    picture = _decode(source)
    files: dict[int, Path] = {}
    encoded = []
    for width in sorted(Output.THUMBNAIL_WIDTHS, reverse=True):
        if width >= picture.width and files:
            continue
        # Each is made from the next larger one, while that is encoded: the big one is resampled only once.
        picture = _fit(picture, min(width, picture.width))
        files[width] = workbench / f"{width}.webp"
        encoded.append(_encoders.submit(_encode, picture, files[width]))
    placeholder = _placeholder(picture)
    for one in encoded:
        one.result()
    return files, placeholder


def _encode(picture: Image.Image, file: Path) -> None:
    # Method 1 takes two thirds of the time of method 2, for files a tenth larger.
    picture.save(file, "WEBP", quality=QUALITY, method=1)


def _decode(source: Path) -> Image.Image:
    with Image.open(source, formats=("PNG", "JPEG", "WEBP")) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise UnreadablePictureError(f"{picture.width} x {picture.height} pixels are too many")
        largest = max(Output.THUMBNAIL_WIDTHS)
        # JPEG decodes at a half or a quarter of its size for nothing, as long as that is large enough.
        picture.draft("RGB", (largest, _height(picture, largest)))
        ImageOps.exif_transpose(picture, in_place=True)
        has_alpha = "A" in picture.getbands() or "transparency" in picture.info
        return picture.convert("RGBA" if has_alpha else "RGB")


def _fit(picture: Image.Image, width: int) -> Image.Image:
    """The picture at this width. Hamming costs a third of Lanczos, and at these sizes nobody sees the difference."""
    if width == picture.width:
        return picture
    return picture.resize((width, _height(picture, width)), Image.Resampling.HAMMING, reducing_gap=1.5)


def _height(picture: Image.Image, width: int) -> int:
    return max(1, round(picture.height * width / picture.width))


def _placeholder(picture: Image.Image) -> str:
    tiny = _fit(picture, min(PLACEHOLDER_WIDTH, picture.width)).convert("RGB")
    buffer = io.BytesIO()
    tiny.save(buffer, "WEBP", quality=30, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
