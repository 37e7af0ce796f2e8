"""JPEG: segments of at most 64 kB before the scan. What is longer goes on in others (ExtendedXMP)."""

import struct
from collections.abc import Iterator
from typing import IO

from playground.runs.embedding.parts import (
    MOST_PACKET_BYTES,
    MOST_PARTS,
    MalformedError,
    Packet,
    Span,
    read_at,
)

START = b"\xff\xd8"
XMP, MORE = b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00"
LARGEST_SEGMENT = 65_533
LARGEST_PACKET = LARGEST_SEGMENT - len(XMP)
_MORE_HEAD = len(MORE) + 32 + 8


def segments(source: IO[bytes], end: int) -> Iterator[tuple[int, Span]]:
    """The marker and place of each up to the scan; last of all (0xDA) from there to the end."""
    if read_at(source, 0, 2) != START:
        raise MalformedError("It does not begin like a JPEG.")
    at = 2
    for _count in range(MOST_PARTS):
        head = read_at(source, at, 4)
        if len(head) < 4 or head[0] != 0xFF:
            raise MalformedError("It ends between its segments.")
        if head[1] == 0xFF:  # between segments there may be more of these
            yield 0xFF, Span(at, at + 1)
            at += 1
            continue
        if head[1] in (0xDA, 0xD9):
            yield 0xDA, Span(at, end)
            return
        stop = at + 2 + int.from_bytes(head[2:])
        if stop > end or stop < at + 4:
            raise MalformedError("It ends within a segment.")
        yield head[1], Span(at, stop)
        at = stop
    raise MalformedError("It has too many segments.")


def parts(source: IO[bytes], end: int, packet: Packet) -> list[bytes | Span]:
    """Ours come behind JFIF and Exif, which want to be first."""
    kept: list[bytes | Span] = [Span(0, 2)]
    behind, first = 1, True
    for marker, span in segments(source, end):
        start = read_at(source, span.start + 4, len(MORE))
        if marker == 0xE1 and (start.startswith(XMP) or start == MORE):
            continue
        kept.append(span)
        first = first and (marker in (0xE0, 0xFF) or marker == 0xE1 and start.startswith(b"Exif\x00"))
        behind = len(kept) if first else behind
    return [*kept[:behind], *_ours(packet), *kept[behind:]]


def _ours(packet: Packet) -> list[bytes]:
    if len(packet.whole) <= LARGEST_PACKET:
        return [_app1(XMP + packet.whole)]
    step, guid = LARGEST_SEGMENT - _MORE_HEAD, Packet.guid(packet.more).encode()
    more = [
        _app1(MORE + guid + struct.pack(">II", len(packet.more), at) + packet.more[at : at + step])
        for at in range(0, len(packet.more), step)
    ]
    return [_app1(XMP + packet.main), *more]


def _app1(body: bytes) -> bytes:
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body


def packets(source: IO[bytes], end: int) -> Iterator[bytes]:
    more: dict[bytes, dict[int, bytes]] = {}
    read = 0
    for marker, span in segments(source, end):
        if marker != 0xE1 or read > 2 * MOST_PACKET_BYTES:
            continue
        body = read_at(source, span.start + 4, span.stop - span.start - 4)
        read += len(body)
        if body.startswith(XMP):
            yield body[len(XMP) :]
        elif body.startswith(MORE) and len(body) > _MORE_HEAD:
            key = body[len(MORE) : _MORE_HEAD - 4]  # who they belong to, and how many bytes that are
            more.setdefault(key, {})[int.from_bytes(body[_MORE_HEAD - 4 : _MORE_HEAD])] = body[_MORE_HEAD:]
    for parts in more.values():
        yield b"".join(parts[at] for at in sorted(parts))
