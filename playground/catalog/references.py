"""The pictures that go along with a request: how many, how large, of which kind, and what a mask must be.

What is known of a file comes from whoever has it (`PictureFacts`): no file is opened here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playground.catalog.facts import Endpoint, Model, Problem, Value

MEGABYTE = 1_000_000  # the smaller of the two meanings, so that neither is exceeded

_Values = dict[str, str | int]

PICTURE_FIELD = "image[]"
"""The parameter that carries the pictures of an edit; its value in a request is the name they are sent under."""


@dataclass(frozen=True)
class PictureFacts:
    """A picture file as its own bytes describe it. `format` is empty where nobody could read it."""

    format: str
    byte_size: int
    width: int = 0
    height: int = 0
    has_alpha: bool = False


def takes_mask(model: Model, endpoint: Endpoint) -> bool:
    """Whether a mask may go along; only edits know masks, and only some models."""
    parameter = model.parameter(endpoint, "mask") if endpoint is Endpoint.EDITS else None
    return endpoint in model.endpoints and parameter is not None and parameter.may_be_sent


def check_references(model: Model, endpoint: Endpoint, references: int) -> Iterator[Problem]:
    """The number of pictures alone."""
    most = model.limits.references
    values: _Values = {"references": references, "maximum": most, "model": model.label}
    if references > most:
        message = f"{model.label} takes at most {most} reference pictures, not {references}."
        yield Problem("too_many_references", "references", message, values)
    elif endpoint is Endpoint.EDITS and references < 1:
        yield Problem(
            "reference_missing", "references", "An edit needs at least one reference picture.", values
        )
    elif endpoint is Endpoint.GENERATIONS and references and Endpoint.EDITS in model.endpoints:
        message = "Text to image takes no reference picture: that is an edit."
        yield Problem("references_not_taken", "references", message, values)


def check_pictures(model: Model, pictures: Sequence[PictureFacts]) -> Iterator[Problem]:
    """Each picture by itself (counted from 1, as the prompt counts them), then all together."""
    for number, picture in enumerate(pictures, 1):
        yield from _picture_problems(model, number, picture)
    most, total = model.limits.request_megabytes, sum(picture.byte_size for picture in pictures)
    if most is not None and total > most * MEGABYTE:
        values: _Values = {"megabytes": _megabytes(total), "maximum": most, "model": model.label}
        message = (
            "The pictures have {megabytes} MB together; {model} takes at most {maximum} MB in one request."
        )
        yield Problem("references_too_large", "references", message.format(**values), values)


def _picture_problems(model: Model, number: int, picture: PictureFacts) -> Iterator[Problem]:
    limits = model.limits
    place: _Values = {"number": number, "model": model.label}
    types = ", ".join(limits.reference_types)
    if not picture.format:
        message = f"Picture {number} cannot be read as {types}."
        yield Problem("reference_unreadable", "references", message, {**place, "types": types})
    elif picture.format not in limits.reference_types:
        message = f"Picture {number} is {picture.format}; {model.label} takes {types}."
        yield Problem(
            "reference_type", "references", message, {**place, "format": picture.format, "types": types}
        )
    if picture.byte_size > limits.reference_megabytes * MEGABYTE:
        values: _Values = {
            **place,
            "megabytes": _megabytes(picture.byte_size),
            "maximum": limits.reference_megabytes,
        }
        message = "Picture {number} has {megabytes} MB; {model} takes at most {maximum} MB for each."
        yield Problem("reference_too_large", "references", message.format(**values), values)


def check_mask(
    model: Model, endpoint: Endpoint, mask: PictureFacts, pictures: Sequence[PictureFacts]
) -> Iterator[Problem]:
    """A mask is a PNG with an alpha channel, of the first picture's size in pixels and not too large."""
    parameter = model.parameter(endpoint, "mask")
    if parameter is None or not parameter.may_be_sent:
        reason = str(parameter.reason) if parameter is not None else ""
        message = f"{model.label} does not take mask on {endpoint.value}. {reason}".rstrip()
        values: _Values = {"parameter": "mask", "model": model.label, "reason": reason}
        yield Problem("parameter_not_taken", "mask", message, {**values, "endpoint": endpoint.value})
        return
    if mask.format != "png" or not mask.has_alpha:
        message = (
            "A mask must be a PNG with an alpha channel: transparent where the picture may change, "
            "opaque where it stays."
        )
        yield Problem("mask_without_alpha", "mask", message)
    most = model.limits.mask_megabytes
    if most is not None and mask.byte_size >= most * MEGABYTE:
        values = {"megabytes": _megabytes(mask.byte_size), "maximum": most}
        message = "The mask has {megabytes} MB; it must be below {maximum} MB."
        yield Problem("mask_too_large", "mask", message.format(**values), values)
    if not pictures:
        yield Problem("mask_without_picture", "mask", "A mask needs the picture that it belongs to.")
    elif (mask.width, mask.height) != (pictures[0].width, pictures[0].height):
        values = {"mask": _pixels(mask), "picture": _pixels(pictures[0])}
        message = "The mask has {mask} pixels and the first picture {picture}: they must be the same."
        yield Problem("mask_size_differs", "mask", message.format(**values), values)


def picture_field_problem(choices: Sequence[str], value: Value) -> Problem | None:
    """Is this a name that the pictures may be sent under?"""
    if value in choices:
        return None
    allowed = ", ".join(choices)
    message = f"The pictures of an edit are sent as one of {allowed}, not {value!r}."
    return Problem("value_not_allowed", PICTURE_FIELD, message, {"value": str(value), "choices": allowed})


def _megabytes(count: int) -> str:
    return f"{count / MEGABYTE:.1f}"


def _pixels(picture: PictureFacts) -> str:
    return f"{picture.width}x{picture.height}"
