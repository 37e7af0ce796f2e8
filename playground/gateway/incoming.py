"""The body of an answer while it comes: one JSON object, or a stream of events. Told by how it begins.

Which of them was asked for does not matter: some providers ignore `stream`, and some name the wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from playground.gateway.answer import Picture
from playground.gateway.events import EventStream, OnPartial
from playground.gateway.reading import Found, Reader
from playground.gateway.results import is_picture
from playground.gateway.spill import MAX_BODY_BYTES, Spill

_SNIFFED_BYTES = 6  # "event:" is the longest name that matters
_MAX_SNIFFED_BYTES = 1024
_STREAM = re.compile(rb"(?:data|event|id|retry)?:")
_BOM = b"\xef\xbb\xbf"


class Incoming:
    """Feed it the body until it says that nothing more is needed, then ask `finish()`; or `salvage()`."""

    def __init__(
        self,
        folder: Path,
        read: Reader,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_partial: OnPartial | None = None,
    ) -> None:
        self._read = read
        self._start: bytes | None = b""  # None once it is clear what this is
        self._whole = Spill(folder, max_body_bytes=max_body_bytes)
        self._stream = EventStream(folder, read, max_body_bytes=max_body_bytes, on_partial=on_partial)
        self._is_stream = False

    @property
    def bytes_received(self) -> int:
        return self._whole.bytes_received + self._stream.bytes_received + len(self._start or b"")

    @property
    def partials(self) -> tuple[Picture, ...]:
        """The previews that came."""
        return tuple(self._stream.partials)

    def feed(self, chunk: bytes) -> bool:
        """True once the answer is there, whatever may still come behind it."""
        if self._start is not None:
            chunk, self._start = self._start + chunk, None
            begun = chunk.removeprefix(_BOM).lstrip()
            if len(begun) < _SNIFFED_BYTES and len(chunk) < _MAX_SNIFFED_BYTES and not begun.startswith(b"{"):
                self._start = chunk
                return False
            self._is_stream = _STREAM.match(begun) is not None
            chunk = begun if self._is_stream else chunk
        if not self._is_stream:
            self._whole.feed(chunk)
            return False
        self._stream.feed(chunk)
        return self._stream.found is not None

    def finish(self) -> Found:
        """What the whole answer holds. Raises MalformedError or StreamEndedError."""
        if self._start:
            start, self._start = self._start, None
            self._whole.feed(start)
        if self._is_stream:
            return self._stream.finish()
        return self._read(self._whole.finish(), self._whole)

    def salvage(self) -> Found | None:
        """The pictures that had arrived whole before the answer broke off: they are paid for."""
        if self._is_stream:
            return self._stream.salvage()
        whole = tuple(blob for blob in self._whole.blobs if is_picture(blob))
        return Found(sources=whole) if whole else None

    def beginning(self) -> str:
        """How the body begins, for an error message when it could not be read."""
        return self._stream.beginning() if self._is_stream else self._whole.beginning()

    def discard(self, keep: Collection[Path] = ()) -> None:
        """Remove every file but these."""
        self._whole.discard(keep)
        self._stream.discard(keep)
