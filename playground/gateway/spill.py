"""Reading a JSON answer of any size in little memory.

A 4K picture comes as 10 to 30 MB of base64 inside JSON. `Spill` takes the body chunk by chunk, decodes long
base64 strings straight into files while hashing them, and keeps only the skeleton: the same JSON with a
short placeholder where each long string stood. The skeleton is then parsed by `json`.

Promises: the result does not depend on where chunks are cut; a few hundred kilobytes are held whatever
comes; limits on the body, each picture, the skeleton, their number and the nesting. Does not promise that
the decoded bytes are a picture, nor that a file is complete: see `Blob.is_whole`. Raises TooLargeError and
MalformedError, and DiskError when the disk does not take the bytes.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection
from enum import Enum
from pathlib import Path
from typing import cast

from playground.gateway.blobs import MAX_PICTURE_BYTES, PICTURE, Base64Writer, Blob, TooLargeError

MAX_BODY_BYTES = 100 * 2**20
MAX_SKELETON_BYTES = 2**20
MAX_DEPTH = 64
MAX_BLOBS = 64  # drafts and signatures come beside the pictures

# A string of fewer raw bytes stays in the skeleton; a longer one is looked at once, by this many of its
# first bytes.
HEAD_BYTES = 1024
_SLICE_BYTES = 64 * 1024
_NEAR_BYTES = 256
_MARKER_BYTES = 128  # longer than any match of _EMBEDDED

_END_OR_ESCAPE = re.compile(rb'["\\]')
_BRACKETS = re.compile(rb"[\[\]{}]")
_UNITS = re.compile(rb"[^\\]+|\\u.{4}|\\.", re.S)
_PREFIX = rb'(?:data:[^,"\s]{0,100};base64,)'
# A string that is base64 from its first byte on. A blank is no part of it (prose has blanks, wrapped base64
# has line ends).
_ESCAPE = rb"\\[/nrt]|\\u00(?:2[bBfF]|3[dD]|0[aAdD9])"
_CUT_ESCAPE = rb"\\(?:u[0-9a-fA-F]{0,3})?"
_ALL_BASE64 = re.compile(
    rb"\s*%b{0,2}(?:[A-Za-z0-9+/_=\r\n\t-]|%b)*(?:%b)?" % (_PREFIX, _ESCAPE, _CUT_ESCAPE)
)
_LEADING = re.compile(rb"\s*" + _PREFIX + rb"{1,2}")
# Base64 in the middle of words, as in Markdown: ![image](data:image/png;base64,...)
_EMBEDDED = re.compile(rb"""data:[^,\s"'()<>]{0,100};base64,""")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/_=-]")

_ESCAPED = {b"\\/": b"/", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}


class MalformedError(Exception):
    """This is not a JSON object."""


class _At(Enum):
    STRUCTURE = 0  # between strings
    HEAD = 1  # in a string that may still turn out to be short
    TEXT = 2  # in long words
    DATA = 3  # in a string that is base64
    EMBEDDED = 4  # in base64 inside words


class Spill:
    """Feed it the body, then ask `finish()` for the parsed skeleton and `blob(text)` for what a placeholder
    stands for."""

    def __init__(
        self,
        folder: Path,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_picture_bytes: int = MAX_PICTURE_BYTES,
        prefix: str = PICTURE,
    ) -> None:
        self._folder, self._prefix = folder, prefix
        self._max_body_bytes = max_body_bytes
        self._max_picture_bytes = max_picture_bytes
        self.bytes_received = 0
        self.blobs: list[Blob] = []
        self._writer: Base64Writer | None = None
        self._token = secrets.token_hex(8)  # so that no answer can name a placeholder of ours
        self.placeholder = re.compile(rf"spilled-{self._token}-(\d{{1,3}})-")
        self._at = _At.STRUCTURE
        self._carry = b""
        self._text = bytearray()
        self._skeleton = bytearray()
        self._depth = 0

    # What is asked of it.

    def feed(self, chunk: bytes) -> None:
        self.bytes_received += len(chunk)
        if self.bytes_received > self._max_body_bytes:
            raise TooLargeError("body")
        for start in range(0, len(chunk), _SLICE_BYTES):
            self._feed(chunk[start : start + _SLICE_BYTES])

    def finish(self) -> dict[str, object]:
        """The skeleton, parsed. Raises MalformedError when it is not one whole JSON object."""
        if self._at is not _At.STRUCTURE or self._carry:
            self._close_blob(is_ended=False)
            raise MalformedError("the answer ends in the middle of a string")
        try:
            parsed = json.loads(bytes(self._skeleton).decode("utf-8-sig", errors="replace"), strict=False)
        except (ValueError, RecursionError) as error:
            raise MalformedError("the answer is not JSON") from error
        if not isinstance(parsed, dict):
            raise MalformedError("the answer is not a JSON object")
        return cast("dict[str, object]", parsed)

    def blob(self, text: str) -> Blob | None:
        """What this string of the skeleton stands for, if it is a placeholder and nothing else."""
        match = self.placeholder.fullmatch(text)
        return self.blobs[int(match[1])] if match and int(match[1]) < len(self.blobs) else None

    def beginning(self, size: int = 4000) -> str:
        """How the body begins, for an error message when it was no JSON."""
        return bytes(self._skeleton[:size] + self._text[:size])[:size].decode("utf-8", errors="replace")

    def discard(self, keep: Collection[Path] = ()) -> None:
        """Remove every file but these. A picture that was renamed is out of reach, and stays."""
        if self._writer is not None:
            self._writer.discard()
        for blob in self.blobs:
            if blob.path not in keep:
                blob.path.unlink(missing_ok=True)

    # The machine.

    def _feed(self, data: bytes) -> None:
        data, self._carry = self._carry + data, b""
        position = 0
        while position < len(data):
            step = self._structure if self._at is _At.STRUCTURE else self._string
            position = step(data, position)

    def _structure(self, data: bytes, position: int) -> int:
        quote = data.find(b'"', position)
        end = len(data) if quote < 0 else quote
        for bracket in _BRACKETS.findall(data, position, end):
            self._depth += 1 if bracket in b"[{" else -1
            if self._depth > MAX_DEPTH:
                raise MalformedError("nested too deeply")
        self._keep(data[position:end])
        if quote < 0:
            return end
        self._keep(b'"')
        self._at = _At.HEAD
        return quote + 1

    def _string(self, data: bytes, position: int) -> int:
        """Take what is plain; then the closing quote or one whole escape."""
        end = _end_or_escape(data, position)
        if end > position:
            self._content(data[position:end])
        if end == len(data):
            return end
        if data[end : end + 1] == b'"':
            self._end_string()
            return end + 1
        width = 6 if data[end + 1 : end + 2] == b"u" else 2
        if end + width > len(data):
            self._carry = data[end:]
            return len(data)
        self._content(data[end : end + width])
        return end + width

    def _content(self, piece: bytes) -> None:
        """Plain bytes of a string, or one whole escape of it."""
        if self._at is _At.DATA:
            self._data(piece)
        elif self._at is _At.EMBEDDED:
            self._embedded(piece)
        elif self._at is _At.TEXT:
            self._words(piece)
        else:
            self._text += piece
            if len(self._text) >= HEAD_BYTES:
                self._decide()

    def _decide(self) -> None:
        """The string is long: is it base64 or words?"""
        text, self._text = bytes(self._text), bytearray()
        if _ALL_BASE64.fullmatch(text[:HEAD_BYTES]):
            prefix = _LEADING.match(text)
            self._open_blob(_At.DATA)
            text = text[prefix.end() if prefix else 0 :]
        else:
            self._at = _At.TEXT
        for unit in _UNITS.findall(text):
            self._content(unit)

    def _data(self, piece: bytes) -> None:
        self._write(_unescaped(piece))

    def _words(self, piece: bytes) -> None:
        """Collect words until base64 begins in the middle of them."""
        seen = max(0, len(self._text) - _MARKER_BYTES)
        self._text += piece
        found = _EMBEDDED.search(self._text, seen)
        if not found:
            if len(self._skeleton) + len(self._text) > MAX_SKELETON_BYTES:
                raise TooLargeError("skeleton")
            return
        after = bytes(self._text[found.end() :])
        self._keep(bytes(self._text[: found.start()]))
        self._text.clear()
        self._open_blob(_At.EMBEDDED)
        for unit in _UNITS.findall(after):
            self._content(unit)

    def _embedded(self, piece: bytes) -> None:
        text = _unescaped(piece)
        end = _NOT_BASE64.search(text)
        if not end:
            self._write(text)
            return
        self._write(text[: end.start()])
        self._close_blob(is_ended=True)
        self._at = _At.TEXT
        self._words(piece[end.start() :])

    def _end_string(self) -> None:
        self._close_blob(is_ended=True)
        self._keep(bytes(self._text) + b'"')
        self._text.clear()
        self._at = _At.STRUCTURE

    def _keep(self, piece: bytes) -> None:
        if len(self._skeleton) + len(piece) > MAX_SKELETON_BYTES:
            raise TooLargeError("skeleton")
        self._skeleton += piece

    def _open_blob(self, at: _At) -> None:
        if len(self.blobs) >= MAX_BLOBS:
            raise TooLargeError("number of pictures")
        self._writer = Base64Writer(self._folder, self._max_picture_bytes, prefix=self._prefix)
        self._keep(f"spilled-{self._token}-{len(self.blobs)}-".encode())
        self._at = at

    def _write(self, text: bytes) -> None:
        if self._writer is not None:
            self._writer.feed(text)

    def _close_blob(self, *, is_ended: bool) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            self.blobs.append(writer.close(is_ended=is_ended))


def _end_or_escape(data: bytes, position: int) -> int:
    """Where the next quote or backslash is; the length of the data when there is none."""
    near = position + _NEAR_BYTES
    found = _END_OR_ESCAPE.search(data, position, near)
    if found:
        return found.start()
    # Base64 goes on for long, and there two plain searches are many times faster than one for either byte.
    escape = data.find(b"\\", near)
    end = len(data) if escape < 0 else escape
    quote = data.find(b'"', near, end)
    return end if quote < 0 else quote


def _unescaped(piece: bytes) -> bytes:
    """What a plain piece or one escape means; an escape that base64 has no use for becomes a byte that is
    not base64."""
    if piece[:1] != b"\\":
        return piece
    if piece[1:2] == b"u":
        try:
            code = int(piece[2:], 16)
        except ValueError:
            return b"\0"
        return bytes([code]) if code < 128 else b"\0"
    return _ESCAPED.get(piece, b"\0")
