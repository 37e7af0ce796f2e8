"""Where the pictures that clients send wait until they are drawn from: a file without a name, not the memory.

Hundreds of edits in flight, and picture links that are fetched a day later, hold a place in the file instead
of bytes. The file has no name, so nothing is left behind however the process ends.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import weakref
from dataclasses import dataclass, field

SEGMENT_BYTES = 256 * 1024 * 1024


class _Segment:
    """A file that has lost its name already and is closed with the last thing that uses it."""

    def __init__(self) -> None:
        self.descriptor, name = tempfile.mkstemp(prefix="simulator-")
        os.unlink(name)
        weakref.finalize(self, os.close, self.descriptor)


@dataclass(frozen=True)
class Kept:
    """A file on the shelf. Equal bytes are equal; the room is free again when the last one of a segment is gone."""

    sha256: str
    length: int
    _segment: _Segment = field(compare=False, repr=False)
    _start: int = field(compare=False, repr=False)

    def read(self) -> bytes:
        """The bytes, from any thread."""
        return os.pread(self._segment.descriptor, self.length, self._start)


class Shelf:
    """Keeps each file once as long as its segment is the newest; older ones live as long as something uses them."""

    def __init__(self, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._start_anew()

    def keep(self, data: bytes) -> Kept:
        """Blocks for the time of hashing and writing; call it in a thread for large files."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._lock:
            return self._known.get(sha256) or self._append(sha256, data)

    def _append(self, sha256: str, data: bytes) -> Kept:
        if self._end >= self._segment_bytes:
            self._start_anew()
        written = 0
        while written < len(data):
            written += os.pwrite(self._segment.descriptor, memoryview(data)[written:], self._end + written)
        kept = Kept(sha256, len(data), self._segment, self._end)
        self._known[sha256] = kept
        self._end += len(data)
        return kept

    def _start_anew(self) -> None:
        self._segment, self._end = _Segment(), 0
        self._known: dict[str, Kept] = {}
