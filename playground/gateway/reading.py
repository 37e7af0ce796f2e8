"""What does an answer hold? Told by what is there, never by the model's name.

The gateway's models answer in changing shapes: base64 with or without a data-URL prefix, a link, both for
one picture, a list or a bare object, chat messages with Markdown, or words alone. `read` turns each into
the same `Found`. It takes any parsed JSON whatever and never raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from playground.gateway.blobs import Blob
from playground.gateway.spill import Spill

_MAX_TEXT = 16_000  # the longest answer in words that is kept in full
_MAX_REPORTED = 100
_MAX_PICTURES = 16
_REPORTED = ("size", "quality", "output_format", "background", "model")

# Every repetition has a limit: these look at a stranger's words, and must not take for ever.
_MAX_SEARCHED = 100_000
_MARKDOWN = re.compile(r"!\[[^\]]{0,300}\]\(\s{0,9}<?([^\s()<>]{1,8192})>?[^()]{0,300}\)")
_DATA_URL = re.compile(r"data:image/[^\s)\"'<>]+")
_PICTURE_LINK = re.compile(
    r"https?://[^\s)\"'<>\]]{1,4096}\.(?:png|jpe?g|webp)(?:\?[^\s)\"'<>\]]{0,4096})?", re.I
)
_LONE_LINK = re.compile(r"\s*<?(https?://[^\s<>\"']+)>?\s*")
_EMPTY_LINK = re.compile(
    r"\[[^\]\n]{0,300}\]\(\s{0,9}\)"
)  # what is left of a link whose picture was taken out
_PREFIX = re.compile(r"\s*(?:data:[^,\"\s]{0,100};base64,){1,2}")


@dataclass(frozen=True)
class Inline:
    """A short piece of base64, without prefix."""

    text: str


@dataclass(frozen=True)
class Link:
    """A picture that has to be fetched."""

    url: str


Source = Blob | Inline | Link


@dataclass(frozen=True)
class Found:
    """What an answer holds. `complaint` is the error object (or message) of an answer that says "error"
    inside."""

    sources: tuple[Source, ...] = ()
    text: str | None = None
    usage: Mapping[str, object] | None = None
    reported: Mapping[str, str] = field(default_factory=dict)
    complaint: object = None


Reader = Callable[[Mapping[str, object], Spill], Found]


def read(body: Mapping[str, object], spill: Spill) -> Found:
    """Pictures in this order: data[].b64_json, data[].url, choices[].message.content. Doubles count once."""
    words: list[str] = []
    sources = [*_from_items(body, spill), *_from_choices(body, spill, words)]
    unique = tuple(dict.fromkeys(sources))[:_MAX_PICTURES]
    return Found(
        sources=unique,
        text=tidied("\n".join(words)) or None,
        usage=numbers(body.get("usage")),
        reported=_reported(body),
        complaint=None if unique else _complaint(body),
    )


def _from_items(body: Mapping[str, object], spill: Spill) -> Iterator[Source]:
    data = body.get("data")
    items = data if isinstance(data, list) else [data]
    if str(body.get("type", "")).endswith(
        ".completed"
    ):  # the last event of a stream has its picture at the top
        items = [*items, body]
    for item in items:
        source = picture_in(item, spill)
        if source is not None:
            yield source


def picture_in(item: object, spill: Spill) -> Source | None:
    """One picture: its bytes if they are here, else its link."""
    if isinstance(item, str):
        return source_of(item, spill) if item.startswith(("http", "data:")) else spill.blob(item)
    if not isinstance(item, dict):
        return None
    for name in ("b64_json", "url"):
        value = item.get(name)
        source = source_of(value, spill) if isinstance(value, str) else None
        if source is not None:
            return source
    return None


def source_of(text: str, spill: Spill) -> Source | None:
    blob = spill.blob(text)
    if blob is not None:
        return blob
    text = text.strip()
    if re.match(r"https?://", text, re.I):
        return Link(text)
    bare = _PREFIX.sub("", text, count=1)
    return Inline(bare) if bare else None


def _from_choices(body: Mapping[str, object], spill: Spill, words: list[str]) -> Iterator[Source]:
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        message = choice.get("message") if isinstance(choice, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else [content]:
            yield from _from_part(part, spill, words)


def _from_part(part: object, spill: Spill, words: list[str]) -> Iterator[Source]:
    if isinstance(part, str):
        yield from _from_words(part, spill, words)
    elif isinstance(part, dict):
        picture = part.get("image_url")
        source = picture_in({"url": picture} if isinstance(picture, str) else picture, spill)
        if source is not None:
            yield source
        text = part.get("text")
        if isinstance(text, str):
            yield from _from_words(text, spill, words)


def _from_words(text: str, spill: Spill, words: list[str]) -> Iterator[Source]:
    """Pictures inside words: what was spilled, data URLs, Markdown pictures, links that end like pictures."""
    text = text[: max(0, _MAX_SEARCHED - sum(map(len, words)))]
    for match in spill.placeholder.finditer(text):
        blob = spill.blob(match[0])
        if blob is not None:
            yield blob
    for pattern, group in ((_DATA_URL, 0), (_MARKDOWN, 1), (_PICTURE_LINK, 0)):
        for match in pattern.finditer(text):
            source = source_of(match[group], spill)
            if source is not None and not (isinstance(source, Inline) and pattern is _MARKDOWN):
                yield source
    lone = _LONE_LINK.fullmatch(text)
    if lone:
        yield Link(lone[1])
    words.append(_without_pictures(text, spill))


def _without_pictures(text: str, spill: Spill) -> str:
    if _LONE_LINK.fullmatch(text):
        return ""
    left = text
    for pattern in (_MARKDOWN, _DATA_URL, _PICTURE_LINK, spill.placeholder):
        left = pattern.sub(" ", left)
    return text if left == text else _EMPTY_LINK.sub(" ", left)


def tidied(text: str) -> str:
    """No gaps where pictures were; the line ends of the words stay."""
    lines = (" ".join(line.split()) for line in text[: 4 * _MAX_TEXT].splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:_MAX_TEXT]


def _complaint(body: Mapping[str, object]) -> object:
    """The error that an answer carries in spite of its status; None when it carries none."""
    return body.get("error") or (body.get("message") if isinstance(body.get("message"), str) else None)


def _reported(body: Mapping[str, object]) -> dict[str, str]:
    return {
        name: str(body[name])[:_MAX_REPORTED]
        for name in _REPORTED
        if isinstance(body.get(name), str) and body[name]
    }


def numbers(usage: object, depth: int = 3) -> dict[str, object] | None:
    """A usage object with nothing but numbers in it; None when there is none."""
    if not isinstance(usage, dict) or depth == 0:
        return None
    kept: dict[str, object] = {}
    for name, value in list(usage.items())[:50]:
        if isinstance(value, dict):
            value = numbers(value, depth - 1)
        elif isinstance(value, float) and math.isfinite(value) and value == int(value):
            value = int(value)
        is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**12
        if is_count or isinstance(value, dict):
            kept[str(name)[:100]] = value
    return kept or None
