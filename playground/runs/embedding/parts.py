"""What a file is put together from: bytes of our own between spans of the one that is there."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

MOST_PACKET_BYTES = 1_000_000
MOST_PARTS = 50_000
CHUNK_BYTES = 256 * 1024


class MalformedError(ValueError):
    """The file is not built as its format says."""


class Span(NamedTuple):
    """Bytes of the file, from `start` up to `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class Packet:
    """XMP: `whole` in one piece, and for a format whose pieces are small `main` with the rest in `more`."""

    whole: bytes
    main: bytes = b""
    more: bytes = b""

    @staticmethod
    def guid(more: bytes) -> str:
        """What `main` must name as its other part."""
        return hashlib.md5(more, usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True)
class Plan:
    """A file to be written: bytes of our own between spans of the one that is there."""

    parts: Sequence[bytes | Span]

    @property
    def length(self) -> int:
        return sum(part.stop - part.start if isinstance(part, Span) else len(part) for part in self.parts)

    def pieces(self, source: IO[bytes]) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, Span):
                yield from _copied(source, part)
            else:
                yield part


def _copied(source: IO[bytes], span: Span) -> Iterator[bytes]:
    source.seek(span.start)
    left = span.stop - span.start
    while left and (data := source.read(min(CHUNK_BYTES, left))):
        left -= len(data)
        yield data


def end_of(source: IO[bytes]) -> int:
    return source.seek(0, 2)


def read_at(source: IO[bytes], start: int, count: int) -> bytes:
    source.seek(start)
    return source.read(count)
