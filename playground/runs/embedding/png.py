"""PNG: chunks of any size, each with its checksum."""

import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from playground.runs.embedding.parts import (
    MOST_PACKET_BYTES,
    MOST_PARTS,
    MalformedError,
    Packet,
    Span,
    read_at,
)

START = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp\x00"


def chunks(source: IO[bytes], end: int) -> Iterator[tuple[bytes, Span]]:
    """The kind and place of each, head and checksum included."""
    if read_at(source, 0, 8) != START:
        raise MalformedError("It does not begin like a PNG.")
    at = 8
    for _count in range(MOST_PARTS):
        head = read_at(source, at, 8)
        if len(head) < 8:
            raise MalformedError("It ends between its chunks.")
        stop = at + 12 + int.from_bytes(head[:4])
        if stop > end:
            raise MalformedError("It ends within a chunk.")
        yield head[4:], Span(at, stop)
        if head[4:] == b"IEND":
            return
        at = stop
    raise MalformedError("It has too many chunks.")


def parts(
    source: IO[bytes], end: int, packet: Packet, texts: Sequence[tuple[str, str]]
) -> Iterator[bytes | Span]:
    """Ours come before the pixels, so that whoever streams the file meets them first."""
    ours = [
        _text(XMP[:-1], packet.whole),
        *(_text(key.encode(), text.encode()) for key, text in texts),
    ]
    yield Span(0, 8)
    begun, last = 8, 8
    for kind, span in chunks(source, end):
        last = span.stop
        is_pixels = kind == b"IDAT" and ours
        if is_pixels or _is_xmp(source, kind, span):
            yield Span(begun, span.start)
            begun = span.start if is_pixels else span.stop
            if is_pixels:
                yield b"".join(ours)
                ours = []
    if ours:
        raise MalformedError("It has no pixels.")
    yield Span(begun, last)
    yield Span(last, end)


def _text(keyword: bytes, text: bytes) -> bytes:
    body = b"iTXt" + keyword + b"\x00\x00\x00\x00\x00" + text
    return (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def _is_xmp(source: IO[bytes], kind: bytes, span: Span) -> bool:
    return kind == b"iTXt" and read_at(source, span.start + 8, len(XMP)) == XMP


def packets(source: IO[bytes], end: int) -> Iterator[bytes]:
    for kind, span in chunks(source, end):
        if _is_xmp(source, kind, span) and span.stop - span.start <= MOST_PACKET_BYTES:
            body = read_at(source, span.start + 8 + len(XMP), span.stop - span.start - 12 - len(XMP))
            is_packed, rest = body[:1] == b"\x01", body[2:].split(b"\x00", 2)
            if len(rest) == 3:
                yield _unpacked(rest[2]) if is_packed else rest[2]


def _unpacked(data: bytes) -> bytes:
    """No further than the limit, whatever it claims to become."""
    try:
        return zlib.decompressobj().decompress(data, MOST_PACKET_BYTES)
    except zlib.error:
        return b""
