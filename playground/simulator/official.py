"""What the official models take and refuse, as OpenAI's API words it."""

from __future__ import annotations

from dataclasses import replace

from playground.catalog import Model, Parameter, Size, SizeFormatError, Support
from playground.simulator import errors
from playground.simulator.wanted import (
    Fields,
    Wanted,
    optional_choice,
    optional_flag,
    optional_integer,
    optional_text,
)

# Known to the gateway, so refused with a sentence of its own instead of as unknown.
KNOWN_ELSEWHERE = ("input_fidelity",)
MOST_PICTURES = 10


def check(fields: Fields, wanted: Wanted) -> Wanted:
    """Read every field of an official request; raises Refusal at the first rule that it breaks."""
    for name in fields:
        _known(wanted, name)
    wanted = replace(wanted, size=_size(fields, wanted), quality=_quality(fields, wanted))
    wanted = _file(fields, wanted)
    for name in ("moderation",):
        optional_choice(fields, name, _choices(wanted, name))
    for name in ("user",):
        optional_text(fields, name)
    pictures = (
        optional_integer(fields, "n", 1, MOST_PICTURES if "official-accepts-n" in wanted.quirks else 1) or 1
    )
    return _stream(fields, replace(wanted, pictures=pictures, charged=pictures))


def _known(wanted: Wanted, name: str) -> None:
    parameter = wanted.parameter(name)
    if name in ("model", "prompt", "n") or (parameter and _taken(parameter)):
        return
    if name in KNOWN_ELSEWHERE:
        raise errors.unsupported_parameter(name)
    raise errors.unknown_parameter(name)


def _taken(parameter: Parameter) -> bool:
    return parameter.support in (Support.ACCEPTED, Support.IGNORED, Support.DISPUTED)


def _size(fields: Fields, wanted: Wanted) -> Size | None:
    """The size asked for, None for auto."""
    text, model = optional_text(fields, "size"), wanted.model
    if text is None or (text == "auto" and model.sizes.allows_auto):
        return None
    try:
        size = Size.parse(text)
    except SizeFormatError:
        raise errors.invalid_size(text, "Expected 'auto' or WIDTHxHEIGHT, such as 1536x1024.") from None
    broken = model.sizes.violations(size)
    if broken:
        raise errors.invalid_size(text, _size_rule(model, broken[0]))
    return size


def _size_rule(model: Model, code: str) -> str:
    """The sentence for a broken rule. The first is published, the others follow it."""
    rule = model.sizes
    if code == "max_edge":
        return f"Width and height must both be at most {rule.max_edge}."
    if code == "ratio":
        return f"The long side must be at most {rule.max_ratio} times the short side."
    if code == "min_pixels":
        return f"The picture must have at least {rule.min_pixels} pixels."
    if code == "max_pixels":
        return f"The picture must have at most {rule.max_pixels} pixels."
    if code == "not_in_table":
        return f"Supported sizes are {', '.join(map(str, rule.listed))} and auto."
    return f"Width and height must both be divisible by {rule.step}."


def _quality(fields: Fields, wanted: Wanted) -> str | None:
    quality = optional_choice(fields, "quality", _choices(wanted, "quality"))
    return None if quality == "auto" else quality


def _file(fields: Fields, wanted: Wanted) -> Wanted:
    """Format, compression and background, which depend on each other."""
    form = optional_choice(fields, "output_format", _choices(wanted, "output_format")) or "png"
    compression = optional_integer(fields, "output_compression", 0, 100)
    if form == "png" and compression is not None and compression < 100:
        raise errors.compression_without_loss()
    background = _background(fields, wanted, form)
    return replace(
        wanted, format=form, compression=100 if compression is None else compression, background=background
    )


def _background(fields: Fields, wanted: Wanted, form: str) -> str:
    allowed = _choices(wanted, "background")
    asked = optional_text(fields, "background")
    if asked == "transparent":
        preview = "official-accepts-transparent" in wanted.quirks
        if "transparent" not in allowed and not preview:
            raise errors.transparent_refused()
        if form == "jpeg":
            raise errors.transparent_refused(jpeg=True)
        return asked
    optional_choice(fields, "background", allowed)
    return "opaque"


def _stream(fields: Fields, wanted: Wanted) -> Wanted:
    if "official-refuses-stream" in wanted.quirks:
        for name in ("stream", "partial_images"):
            if fields.get(name):
                raise errors.unsupported_parameter(name)
    stream = optional_flag(fields, "stream")
    partial_images = optional_integer(fields, "partial_images", 0, 3) or 0
    if partial_images and not stream:
        raise errors.needs_stream()
    if "official-ignores-stream" in wanted.quirks:
        return wanted
    return replace(wanted, stream=stream, partial_images=partial_images)


def _choices(wanted: Wanted, name: str) -> tuple[str, ...]:
    parameter = wanted.parameter(name)
    return parameter.choices if parameter else ()
