"""Words beside the pixels of a PNG, JPEG or WebP, put in and found again. No pixel is decoded: parts are counted.

    plan = plan_with(file, "png", packet, texts)     # what goes where: nothing is read yet but the parts' heads
    plan.length, plan.pieces(file)                   # for a header, and for whoever streams it

Every byte that was there stays as it is, but an XMP packet of before, because a file has one. Files may be anything:
what does not add up raises MalformedError, and counts are bounded.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from playground.runs.embedding import jpeg, png, webp
from playground.runs.embedding.parts import (
    CHUNK_BYTES,
    MOST_PACKET_BYTES,
    MalformedError,
    Packet,
    Plan,
    Span,
    end_of,
    read_at,
)

__all__ = ["CHUNK_BYTES", "MOST_PACKETS", "MOST_PACKET_BYTES", "MalformedError", "Packet", "Plan", "Span"]
MOST_PACKETS = 4


def plan_as_it_is(source: IO[bytes]) -> Plan:
    return Plan([Span(0, end_of(source))])


def plan_with(
    source: IO[bytes], picture_format: str, packet: Packet, texts: Sequence[tuple[str, str]] = ()
) -> Plan:
    """The file with this packet, and where the format has a place for them these texts (Latin keyword, words).

    Raises MalformedError.
    """
    end = end_of(source)
    if picture_format == "png":
        return Plan(list(png.parts(source, end, packet, texts)))
    return Plan((jpeg if picture_format == "jpeg" else webp).parts(source, end, packet))


def packets_in(source: IO[bytes]) -> Iterator[bytes]:
    """The first few XMP packets of a file; none where it has none, or is not what it seems to be."""
    start, end = read_at(source, 0, 12), end_of(source)
    kind = png if start.startswith(png.START) else jpeg if start.startswith(jpeg.START) else webp
    try:
        yield from islice(kind.packets(source, end), MOST_PACKETS)
    except MalformedError:
        return
