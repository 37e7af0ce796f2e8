"""Reading the `usage` object of an answer, in every spelling that was seen or is likely.

Understood: input_tokens with input_tokens_details (text_tokens, image_tokens), output_tokens; the chat
spelling (prompt_tokens, prompt_tokens_details, completion_tokens); cached counts as cached_tokens_details
(text_tokens, image_tokens), cached_text_tokens and cached_image_tokens, or one cached_tokens; and plain
counts (text_in, text_in_cached, image_in, image_in_cached, image_out, partial_images).

What is not said is counted so that the result is not too low: tokens without a kind are text for a
text-to-image call and pictures for one with references; cached tokens without a kind are text first, which
saves less; without cached counts everything is uncached. Unknown keys are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PLAIN = ("text_in", "text_in_cached", "image_in", "image_in_cached", "image_out")


class UsageError(ValueError):
    """The usage cannot be read; the message says which key is wrong."""


@dataclass(frozen=True)
class Usage:
    """Token counts of one call; the cached ones are part of the others."""

    text_in: int = 0
    text_in_cached: int = 0
    image_in: int = 0
    image_in_cached: int = 0
    image_out: int = 0


def read_usage(usage: object, partial_image_tokens: int = 0, *, has_references: bool = False) -> Usage:
    """The counts of a usage object; raises UsageError. `partial_image_tokens` is for plain counts."""
    if not isinstance(usage, Mapping):
        raise UsageError("usage must be an object")
    if any(key in usage for key in _PLAIN):
        return _read_plain(usage, partial_image_tokens)
    text, image = _inputs(usage, has_references)
    text_cached, image_cached = _cached(usage, text, image)
    output = _first_count(usage, "output_tokens", "completion_tokens")
    if output is None:
        raise UsageError("output_tokens is missing")
    return _checked(Usage(text, text_cached, image, image_cached, output))


def _read_plain(usage: Mapping[str, Any], partial_image_tokens: int) -> Usage:
    counts = {key: _count(usage, key) or 0 for key in _PLAIN}
    counts["image_out"] += partial_image_tokens * (_count(usage, "partial_images") or 0)
    return _checked(Usage(**counts))


def _checked(usage: Usage) -> Usage:
    if usage.text_in_cached > usage.text_in or usage.image_in_cached > usage.image_in:
        raise UsageError("more tokens are cached than there are")
    return usage


def _inputs(usage: Mapping[str, Any], has_references: bool) -> tuple[int, int]:
    """Text and image tokens. What the details leave open of the total goes to the kind that is left."""
    details = _details(usage)
    text, image = _count(details, "text_tokens"), _count(details, "image_tokens")
    total = _first_count(usage, "input_tokens", "prompt_tokens")
    if total is None:
        if text is None and image is None:
            raise UsageError("input_tokens is missing")
        return text or 0, image or 0
    rest = total - (text or 0) - (image or 0)
    if rest < 0:
        raise UsageError("the details of the input tokens come to more than their total")
    if image is None and (text is not None or has_references):
        return text or 0, rest
    return (text or 0) + rest, image or 0


def _cached(usage: Mapping[str, Any], text: int, image: int) -> tuple[int, int]:
    details = _details(usage)
    for holder in (details, usage):
        split = _object(holder, "cached_tokens_details")
        cached_text = _first_count({**holder, **_renamed(split)}, "cached_text_tokens")
        cached_image = _first_count({**holder, **_renamed(split)}, "cached_image_tokens")
        if cached_text is not None or cached_image is not None:
            return cached_text or 0, cached_image or 0
        total = _first_count(holder, "cached_tokens", "cached_input_tokens")
        if total is not None:
            if total > text + image:
                raise UsageError("more tokens are cached than there are")
            return min(total, text), max(0, total - text)
    return 0, 0


def _renamed(split: Mapping[str, Any]) -> dict[str, Any]:
    names = {"text_tokens": "cached_text_tokens", "image_tokens": "cached_image_tokens"}
    return {names[key]: value for key, value in split.items() if key in names}


def _details(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(usage, "input_tokens_details") or _object(usage, "prompt_tokens_details")


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError(f"{key} must be an object")
    return value


def _first_count(holder: Mapping[str, Any], *keys: str) -> int | None:
    return next((count for key in keys if (count := _count(holder, key)) is not None), None)


def _count(holder: Mapping[str, Any], key: str) -> int | None:
    value = holder.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(f"{key} must be a whole number from 0, not {value!r}")
    return value
