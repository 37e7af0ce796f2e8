"""Originals without what was written into them: the same pixels, to the bit, and nothing on how they were made.

Providers write prompts, models and times into text chunks, EXIF and XMP. Nothing is encoded anew: what a viewer needs
to show the pixels rightly is kept as it is, all else is left out, also what stands behind the end of the picture.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from PIL import Image

CHUNK_BYTES = 256 * 1024
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_ORIENTATION = 0x0112


class NotBareError(Exception):
    """The file is not as its format says, so nobody can tell what is in it."""


@dataclass(frozen=True)
class Span:
    """Bytes of the original, from `start` on."""

    start: int
    length: int


Parts = list[bytes | Span]


def _length_of(parts: Parts) -> int:
    return sum(part.length if isinstance(part, Span) else len(part) for part in parts)


@dataclass(frozen=True)
class Bare:
    """What is left of a file, read from it a quarter of a megabyte at a time. Close it in the end."""

    file: IO[bytes]
    parts: Parts

    @classmethod
    def of(cls, file: IO[bytes], kind: str) -> "Bare":
        """Of an original: png, jpeg or webp. Raises NotBareError."""
        try:
            return cls(file, _KINDS[kind](file))
        except (struct.error, ValueError, IndexError, OSError) as error:
            raise NotBareError(str(error)) from error

    @property
    def length(self) -> int:
        return _length_of(self.parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            self.file.seek(part.start)
            left = part.length
            while left and (data := self.file.read(min(CHUNK_BYTES, left))):
                left -= len(data)
                yield data

    def close(self) -> None:
        self.file.close()


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise ValueError("it ends too early")
    return data


def _png(file: IO[bytes]) -> Parts:
    file.seek(0)
    if _exactly(file, 8) != _PNG_HEAD:
        raise ValueError("it is no PNG")
    parts: Parts = [_PNG_HEAD]
    kind = b""
    while kind != b"IEND":
        start = file.tell()
        length, kind = struct.unpack(">I4s", _exactly(file, 8))
        if kind in _PNG_KEPT:
            parts.append(Span(start, length + 12))
        file.seek(start + length + 12)
    return parts


def _webp(file: IO[bytes]) -> Parts:
    file.seek(0)
    riff, size, webp = struct.unpack("<4sI4s", _exactly(file, 12))
    if (riff, webp) != (b"RIFF", b"WEBP"):
        raise ValueError("it is no WebP")
    parts: Parts = []
    end = size + 8
    if file.seek(0, io.SEEK_END) < end:
        raise ValueError("it ends too early")
    file.seek(12)
    while (start := file.tell()) + 8 <= end:
        kind, length = struct.unpack("<4sI", _exactly(file, 8))
        padded = length + length % 2
        if kind == b"VP8X":
            body = bytearray(_exactly(file, padded))
            body[0] &= ~(_WEBP_EXIF | _WEBP_XMP) & 0xFF
            parts.append(struct.pack("<4sI", kind, length) + bytes(body))
        elif kind in _WEBP_KEPT:
            parts.append(Span(start, padded + 8))
        file.seek(start + 8 + padded)
    return [struct.pack("<4sI4s", b"RIFF", _length_of(parts) + 4, b"WEBP"), *parts]


def _jpeg(file: IO[bytes]) -> Parts:
    """Segments up to the end of the image; between the scans of a progressive one there may be more of them."""
    file.seek(0)
    data = file.read()
    if data[:2] != b"\xff\xd8":
        raise ValueError("it is no JPEG")
    parts: Parts = [b"\xff\xd8", *_orientation(data)]
    at = 2
    while data[at + 1] != 0xD9:
        if data[at] != 0xFF:
            raise ValueError("a segment does not begin where it should")
        kind = data[at + 1]
        if kind == 0xFF:  # padding
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if _is_needed(kind, data[at + 4 : at + 18]):
            parts.append(Span(at, length + 2))
        if kind == 0xDA:
            after = _after_scan(data, end)
            parts.append(Span(end, after - end))
            end = after
        at = end
    return [*parts, b"\xff\xd9"]


def _is_needed(kind: int, head: bytes) -> bool:
    """Tables, frames, scans; of what applications add: the pixel's shape, the colour profile, Adobe's colour order."""
    if kind == 0xFE:
        return False
    if 0xE0 <= kind <= 0xEF:
        return (
            (kind == 0xE0 and head.startswith(b"JFIF\0"))
            or (kind == 0xE2 and head.startswith(b"ICC_PROFILE\0"))
            or (kind == 0xEE and head.startswith(b"Adobe"))
        )
    return True


def _after_scan(data: bytes, at: int) -> int:
    """Where the drawn data ends: at a marker that is neither a restart nor an escaped byte."""
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _orientation(data: bytes) -> Parts:
    """Which side is up, where the EXIF that goes said so: an EXIF of that alone."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        turned = picture.getexif().get(_ORIENTATION, 1)
    if turned not in range(2, 9):
        return []
    exif = Image.Exif()
    exif[_ORIENTATION] = turned
    body = exif.tobytes()
    return [b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body]


_KINDS = {"png": _png, "jpeg": _jpeg, "webp": _webp}
