"""What kind of picture is in a file? Asked of the bytes alone, never of a header, a prefix or the request.

Only the header is parsed: decoding all pixels is slower work for later, and free to repeat.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

# Pillow opens these and nothing else here; SVG, GIF, TIFF, PSD ... are not asked.
_FORMATS = {
    PngImagePlugin.PngImageFile.format: "png",
    JpegImagePlugin.JpegImageFile.format: "jpeg",
    WebPImagePlugin.WebPImageFile.format: "webp",
    "MPO": "jpeg",  # a JPEG with further pictures behind it, as phones make them
}
_ASKED = ("PNG", "JPEG", "WEBP")
_PNG, _JPEG, _RIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF"
_MAGIC = (_PNG, _JPEG, _RIFF)
_PNG_END, _JPEG_END = b"IEND\xaeB`\x82", b"\xff\xd9"
_TAIL_BYTES = 1024  # some writers leave a little behind the end
MAX_EDGE = 16_384
MAX_PIXELS = 80_000_000  # ten times 4K, and below the point at which Pillow warns


@dataclass(frozen=True)
class Facts:
    """Format ("png", "jpeg", "webp"), pixels, and whether the picture can be transparent."""

    format: str
    width: int
    height: int
    has_alpha: bool


def examine(path: Path) -> Facts | None:
    """None: this is not a PNG, JPEG or WebP picture of a believable size."""
    with path.open("rb") as file:
        if not file.read(12).startswith(_MAGIC):
            return None
        file.seek(0)
        try:
            with Image.open(file, formats=_ASKED) as image:
                return _facts(image)
        # What Pillow's parsers raise on hostile headers; a bomb warning is an error where warnings are.
        except (
            OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError,
            EOFError, MemoryError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ):  # fmt: skip
            return None


def _facts(image: Image.Image) -> Facts | None:
    width, height = image.size
    known = _FORMATS.get(image.format or "")
    if known is None or not (
        0 < width <= MAX_EDGE and 0 < height <= MAX_EDGE and width * height <= MAX_PIXELS
    ):
        return None
    return Facts(known, width, height, bool(image.has_transparency_data))


def is_complete(path: Path) -> bool:
    """Whether the file goes on to its format's own end. What wrote it may have been killed at any byte."""
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    if head.startswith(_PNG):
        return _PNG_END in tail
    if head.startswith(_JPEG):
        return tail.rstrip(b"\0\r\n").endswith(_JPEG_END)
    return head.startswith(_RIFF) and size >= 8 + int.from_bytes(head[4:8], "little")
