"""Bytes on their way into a file: counted, hashed and, where they come as base64, decoded as they pass."""

from __future__ import annotations

import binascii
import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

MAX_PICTURE_BYTES = 64 * 2**20
PICTURE, EVENT = (
    "picture-",
    "event-",
)  # how files begin: part of an answer, or of an event that may be a preview

_NOT_ALPHABET = re.compile(rb"[^A-Za-z0-9+/]")
_WHITE = b" \t\r\n"
_URLSAFE = bytes.maketrans(b"-_", b"+/")


class TooLargeError(Exception):
    """A limit was passed."""


class DiskError(Exception):
    """The disk did not take the bytes."""


@dataclass(frozen=True)
class Blob:
    """Decoded bytes in a file. `is_whole`: the text was valid base64 and its end was seen."""

    path: Path
    sha256: str
    byte_size: int
    is_whole: bool


class BlobWriter:
    """A new file that bytes are written into, hashed and counted on the way."""

    def __init__(self, folder: Path, max_bytes: int = MAX_PICTURE_BYTES, *, prefix: str = PICTURE) -> None:
        try:
            self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 (close() closes it)
                dir=folder, prefix=prefix, suffix=".part", delete=False, buffering=0
            )
        except OSError as error:
            raise DiskError(str(error)) from error
        self.path = Path(self._file.name)
        self._hash = hashlib.sha256()
        self._size = 0
        self._max_bytes = max_bytes

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._max_bytes:
            raise TooLargeError("picture")
        self._hash.update(data)
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise DiskError(str(error)) from error

    def close(self, *, is_whole: bool) -> Blob:
        self._file.close()
        return Blob(self.path, self._hash.hexdigest(), self._size, is_whole)

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class Base64Writer:
    """Base64 text in pieces of any length into a file. Line ends, missing padding and the URL alphabet are
    fine."""

    def __init__(self, folder: Path, max_bytes: int = MAX_PICTURE_BYTES, *, prefix: str = PICTURE) -> None:
        self._blob = BlobWriter(folder, max_bytes, prefix=prefix)
        self._rest = b""
        self._is_padded = False
        self._is_broken = False

    def feed(self, text: bytes) -> None:
        text = text.translate(_URLSAFE, _WHITE)
        if self._is_broken or not text:
            return
        text, padding, after = text.partition(b"=")
        if self._is_padded and text:
            self._is_broken = True
            return
        text = self._rest + text
        cut = len(text) - len(text) % 4
        self._rest = text[cut:]
        self._decode(text[:cut])
        self._is_padded = self._is_padded or bool(padding)
        self._is_broken = self._is_broken or bool(after.strip(b"="))

    def _decode(self, text: bytes) -> None:
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            self._is_broken = True
            found = _NOT_ALPHABET.search(text)
            good = found.start() if found else 0
            data = binascii.a2b_base64(text[: good - good % 4])
        self._blob.write(data)

    def close(self, *, is_ended: bool = True) -> Blob:
        if not self._is_broken and len(self._rest) > 1:
            self._decode(self._rest + b"=" * (4 - len(self._rest)))
        elif self._rest:
            self._is_broken = True
        return self._blob.close(is_whole=is_ended and not self._is_broken)

    def discard(self) -> None:
        self._blob.discard()
