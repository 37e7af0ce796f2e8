"""WebP: RIFF, whose first part says which others there are."""

from collections.abc import Iterator
from typing import IO

from playground.runs.embedding.parts import (
    MOST_PACKET_BYTES,
    MOST_PARTS,
    MalformedError,
    Packet,
    Plan,
    Span,
    read_at,
)

_XMP, _ALPHA = 0x04, 0x10


def chunks(source: IO[bytes], end: int) -> Iterator[tuple[bytes, Span]]:
    """The kind and place of each, head and padding included."""
    start = read_at(source, 0, 12)
    stop = 8 + int.from_bytes(start[4:8], "little")
    if start[:4] != b"RIFF" or start[8:] != b"WEBP" or stop > end:
        raise MalformedError("It does not begin like a WebP.")
    at = 12
    for _count in range(MOST_PARTS):
        if at >= stop:
            return
        head = read_at(source, at, 8)
        size = int.from_bytes(head[4:], "little")
        after = at + 8 + size + size % 2
        if len(head) < 8 or after > stop:
            raise MalformedError("It ends within a chunk.")
        yield head[:4], Span(at, after)
        at = after
    raise MalformedError("It has too many chunks.")


def parts(source: IO[bytes], end: int, packet: Packet) -> list[bytes | Span]:
    """Ours is the last; what the file is made of stands in a first chunk, which a simple file gets."""
    found = list(chunks(source, end))
    if not found:
        raise MalformedError("It has no pixels.")
    kind, first = found[0]
    head = _with_xmp(read_at(source, first.start, 18)) if kind == b"VP8X" else _extended(source, kind, first)
    kept: list[bytes | Span] = [span for name, span in found[kind == b"VP8X" :] if name != b"XMP "]
    ours = (
        b"XMP " + len(packet.whole).to_bytes(4, "little") + packet.whole + b"\x00" * (len(packet.whole) % 2)
    )
    body = Plan([head, *kept, ours])
    last = found[-1][1].stop
    return [b"RIFF" + (4 + body.length).to_bytes(4, "little") + b"WEBP", *body.parts, Span(last, end)]


def _with_xmp(chunk: bytes) -> bytes:
    if len(chunk) < 18 or chunk[4:8] != b"\x0a\x00\x00\x00":
        raise MalformedError("Its first chunk is cut off.")
    return chunk[:8] + bytes([chunk[8] | _XMP]) + chunk[9:]


def _extended(source: IO[bytes], kind: bytes, pixels: Span) -> bytes:
    """The first chunk of a file that was simple: its size, and whether it has transparency."""
    head = read_at(source, pixels.start + 8, 10)
    if kind == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        alpha = 0
    elif kind == b"VP8L" and head[:1] == b"\x2f":
        bits = int.from_bytes(head[1:5], "little")
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, _ALPHA * (bits >> 28 & 1)
    else:
        raise MalformedError("Its pixels do not begin like a WebP's.")
    if not width or not height:
        raise MalformedError("It has no pixels.")
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return b"VP8X\x0a\x00\x00\x00" + bytes([_XMP | alpha, 0, 0, 0]) + sides


def packets(source: IO[bytes], end: int) -> Iterator[bytes]:
    for kind, span in chunks(source, end):
        if kind == b"XMP " and span.stop - span.start <= MOST_PACKET_BYTES:
            yield read_at(
                source, span.start + 8, int.from_bytes(read_at(source, span.start + 4, 4), "little")
            )
