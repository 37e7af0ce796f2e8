"""The bodies of good answers, as segments: JSON text with base64 that is made while it is sent.

A 4K picture is never held as bytes and as text at once, so hundreds of answers in flight stay small.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from playground.simulator.errors import JsonObject
from playground.simulator.plan import Job

PIECE = 48 * 1024  # a multiple of 3: base64 of a piece needs no padding
_PLACE = re.compile(r"@@picture-([0-9]+)@@")
DATA_URL = "data:image/png;base64,"  # the channel writes png whatever the bytes are
GARBAGE = b"this is no picture at all\n" * 40
WEAK_INTENT = "I can describe that scene for you, or draw it. What should the picture show first?"


@dataclass(frozen=True)
class Base64:
    data: bytes

    def __len__(self) -> int:
        return 4 * -(-len(self.data) // 3)

    def pieces(self) -> Iterator[bytes]:
        view = memoryview(self.data)
        for start in range(0, len(view), PIECE):
            yield base64.b64encode(view[start : start + PIECE])


Segments = list[bytes | Base64]


def length(segments: Segments) -> int:
    return sum(len(segment) for segment in segments)


def pieces(segments: Segments) -> Iterator[bytes]:
    for segment in segments:
        if isinstance(segment, Base64):
            yield from segment.pieces()
        else:
            yield segment


def fill(body: JsonObject, pictures: Iterable[bytes]) -> Segments:
    """The JSON of a body in which `place(n)` stands for the base64 of the n-th picture."""
    found = list(pictures)
    parts = _PLACE.split(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    segments: Segments = []
    for text, number in zip_longest(parts[::2], parts[1::2]):
        segments.append(text.encode())
        if number is not None:
            segments.append(Base64(found[int(number)]))
    return segments


def has_places(body: JsonObject) -> bool:
    """Whether pictures must be put into this body."""
    return _PLACE.search(json.dumps(body)) is not None


def place(number: int, prefixed: bool) -> str:
    return (DATA_URL if prefixed else "") + f"@@picture-{number}@@"


def official(job: Job, created: int) -> JsonObject:
    """`created`, what was drawn, raw base64, and the usage that is billed."""
    return {
        "created": created,
        "background": job.wanted.background,
        "output_format": job.wanted.format,
        "quality": job.quality,
        "size": str(job.size),
        "data": [{"b64_json": place(number, False)} for number in range(len(job.orders))],
        "usage": job.usage,
    }


def reverse(job: Job, created: int, urls: list[str], with_base64: bool) -> JsonObject:
    """The picture as link or base64; the usage beside base64 is decoration, the price is flat."""
    data: list[JsonObject] = []
    for number in range(len(job.orders)):
        datum: JsonObject = {"url": urls[number]} if urls else {}
        if with_base64:
            datum["b64_json"] = place(number, job.wanted.prefixed)
        data.append(datum)
    body: JsonObject = {"created": created, "data": data}
    if with_base64:
        body["usage"] = job.usage
    return body


def words_only(model_id: str, created: int) -> JsonObject:
    """What a chat model says when it would rather talk."""
    message = {"role": "assistant", "content": WEAK_INTENT}
    return {
        "id": f"chatcmpl-{created}",
        "object": "chat.completion",
        "created": created,
        "model": model_id,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


def event(job: Job, name: str, created: int, index: int | None) -> JsonObject:
    """One server-sent event: a partial picture with its index, or the finished one with the usage."""
    body: JsonObject = {"type": name, "b64_json": place(0, False)}
    if index is not None:
        body["partial_image_index"] = index
    body |= {
        "created_at": created,
        "size": str(job.size),
        "quality": job.quality,
        "background": job.wanted.background,
        "output_format": job.wanted.format,
    }
    if index is None:
        body["usage"] = job.usage
    return body
