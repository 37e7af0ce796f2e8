"""Which other models can do what a request needs, at what price, cheapest first. Pure: nothing is sent.

What a person can't do without decides who is named: the mask, the pictures that go along, a transparent
background, the shape, and about as many pixels. Settings are translated where the other model has them under
another name, and dropped where it has not; a switch that is off by default is never turned on for a mere wish.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from playground.catalog.facts import Catalog, Endpoint, Model, Value
from playground.catalog.loading import default
from playground.catalog.prices import Estimate, estimate, today
from playground.catalog.references import PICTURE_FIELD
from playground.catalog.rules import SHAPE, check_parameters, check_request, check_size, nearest_size
from playground.catalog.sizes import AUTO, Shape, Size, guess_size

MOST_OFF_SHAPE = 0.05
LEAST_OF_PIXELS = Fraction(3, 5)
TRANSPARENT = "transparent"

# Reasons: what changes for the person, the greatest change first. Pages translate them.
OTHER_SIZE = "other_size"
SIZE_IN_WORDS = "size_in_words"
FEWER_SETTINGS = "fewer_settings"
DOES_IT_ALL = "does_it_all"


class Request(Protocol):
    """What is asked for; the gateway's ImageRequest is one. Of pictures and turns only their number counts."""

    @property
    def endpoint(self) -> Endpoint: ...
    @property
    def prompt(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Value]: ...
    @property
    def references(self) -> Sized: ...
    @property
    def mask(self) -> object | None: ...
    @property
    def messages(self) -> Sized: ...


@dataclass(frozen=True)
class Fallback:
    """Another model for the same request, with the endpoint and the parameters that it would be asked with.

    `reason` says what changes; `dropped` names the settings that it does not have. `shares_line` is a model of
    the same family, which may well be down for the same reason.
    """

    model: Model
    endpoint: Endpoint
    parameters: Mapping[str, Value]
    price: Estimate
    reason: str
    dropped: tuple[str, ...]
    shares_line: bool


def fallbacks(
    model: Model,
    request: Request,
    *,
    catalog: Catalog | None = None,
    on: date | None = None,
    multiplier: Decimal = Decimal(1),
) -> tuple[Fallback, ...]:
    """The models that could take over from `model`, by the most that each may cost; another line before the same."""
    day = on or today()
    others = [other for other in (catalog or default()).offered(day) if other.id != model.id]
    found = [one for other in others if (one := _fallback(model, other, request, day, multiplier))]
    return tuple(sorted(found, key=lambda one: (one.price.high, one.shares_line, one.model.unstable)))


def _fallback(model: Model, other: Model, request: Request, on: date, multiplier: Decimal) -> Fallback | None:
    """None where the other model can't do it."""
    endpoint, count = _endpoint(other, request), len(request.references)
    if endpoint is None or not _takes_mask(other, endpoint, request):
        return None
    sized = _sized(model, other, endpoint, request.parameters)
    if sized is None:
        return None
    fields, reason = sized
    dropped = []
    for name, value in request.parameters.items():
        if name in (SHAPE, "size", PICTURE_FIELD):
            continue
        translated = _translated(model, other, name, value)
        if _takes(other, endpoint, name, translated, {**request.parameters, **fields}):
            fields[name] = translated
        elif value == TRANSPARENT:
            return None
        elif _is_a_choice(model, request.endpoint, name):
            dropped.append(name)
    if "quality" not in request.parameters:
        fields |= _middle_quality(other, endpoint)
    if check_request(other, endpoint, request.prompt or "-", fields, on=on, references=count):
        return None
    price = estimate(
        other, fields, prompt=request.prompt, references=count,
        partial_images=int(fields.get("partial_images", 0)), on=on, multiplier=multiplier,
    )  # fmt: skip
    if reason == DOES_IT_ALL and dropped:
        reason = FEWER_SETTINGS
    return Fallback(other, endpoint, fields, price, reason, tuple(dropped), other.family == model.family)


def _endpoint(other: Model, request: Request) -> Endpoint | None:
    """The same, if it has it. A conversation goes on as an edit of its last picture, where that goes along."""
    if request.endpoint in other.endpoints:
        return request.endpoint
    if request.endpoint is not Endpoint.CHAT or (request.messages and not request.references):
        return None
    instead = Endpoint.EDITS if request.references else Endpoint.GENERATIONS
    return instead if instead in other.endpoints else None


def _takes_mask(other: Model, endpoint: Endpoint, request: Request) -> bool:
    if request.mask is None:
        return True
    parameter = other.parameter(endpoint, "mask")
    return parameter is not None and parameter.may_be_sent


def _sized(
    model: Model, other: Model, endpoint: Endpoint, parameters: Mapping[str, Value]
) -> tuple[dict[str, Value], str] | None:
    """The fields for the size or the shape that was asked for, and what changes; None where it can't be had."""
    shape, text = parameters.get(SHAPE), str(parameters.get("size") or AUTO)
    asked = check_size(model, text).size if text != AUTO else None
    if asked is None and shape is None:
        return {}, DOES_IT_ALL
    ratio = asked.ratio if asked is not None else _ratio(str(shape))
    if other.sizes.shapes:
        return _in_words(other, ratio, asked)
    parameter = other.parameter(endpoint, "size")
    if parameter is None or parameter.send != "optional":
        return None
    size = _nearest(other, asked) if asked is not None else guess_size(other.sizes, str(shape))
    if not _is_near(size, ratio, asked):
        return None
    return {"size": str(size)}, DOES_IT_ALL if asked in (None, size) else OTHER_SIZE


def _nearest(other: Model, asked: Size) -> Size:
    """The nearest size, or of a table the next larger one of its row where the nearest is much too small."""
    size = nearest_size(other, asked)
    cell = other.sizes.choice(size)
    if cell is None or size.pixels >= LEAST_OF_PIXELS * asked.pixels:
        return size
    row = [it.size for it in other.sizes.table if it.ratio == cell.ratio and it.size.pixels > size.pixels]
    return min(row, key=lambda it: it.pixels, default=size)


def _in_words(other: Model, ratio: Fraction, asked: Size | None) -> tuple[dict[str, Value], str] | None:
    shape = min(other.sizes.shapes, key=lambda it: _off(_ratio(it.key), ratio))
    if _off(_ratio(shape.key), ratio) > MOST_OFF_SHAPE:
        return None
    if asked is None:
        return {SHAPE: shape.key}, DOES_IT_ALL
    if _usual_pixels(other, shape) < LEAST_OF_PIXELS * asked.pixels:
        return None
    return {SHAPE: shape.key}, SIZE_IN_WORDS


def _usual_pixels(other: Model, shape: Shape) -> int:
    """What was seen to come for this shape, or else for the model's other shapes: it keeps about one area."""
    if shape.usual is not None:
        return shape.usual.pixels
    return max((it.usual.pixels for it in other.sizes.shapes if it.usual is not None), default=0)


def _is_near(size: Size, ratio: Fraction, asked: Size | None) -> bool:
    if _off(size.ratio, ratio) > MOST_OFF_SHAPE:
        return False
    return asked is None or size.pixels >= LEAST_OF_PIXELS * asked.pixels


def _translated(model: Model, other: Model, name: str, value: Value) -> Value:
    """A quality by what it does: its word means something else on the next generation."""
    factor = model.quality_factors.get(str(value)) if name == "quality" else None
    same = (word for word, it in other.quality_factors.items() if it == factor)
    return value if factor is None else next(same, value)


def _middle_quality(other: Model, endpoint: Endpoint) -> dict[str, Value]:
    """Where quality makes the price, one is named: left to itself the provider chooses, and the price drifts."""
    parameter = other.parameter(endpoint, "quality")
    is_wanted = not other.is_flat and parameter is not None and parameter.send == "optional"
    return {"quality": "medium"} if is_wanted and "medium" in other.quality_factors else {}


def _takes(other: Model, endpoint: Endpoint, name: str, value: Value, beside: Mapping[str, Value]) -> bool:
    parameter = other.parameter(endpoint, name)
    if parameter is None or parameter.send not in ("optional", "opt_in"):
        return False
    if parameter.send == "opt_in" and value != TRANSPARENT:
        return False
    problems = check_parameters(other, endpoint, {**beside, name: value})
    return not any(problem.field == name for problem in problems)


def _is_a_choice(model: Model, endpoint: Endpoint, name: str) -> bool:
    """Did a person choose this? What is always sent is the wire's business."""
    parameter = model.parameter(endpoint, name)
    return parameter is not None and parameter.send != "always"


def _ratio(key: str) -> Fraction:
    width, _, height = key.partition(":")
    return Fraction(int(width), int(height))


def _off(one: Fraction, other: Fraction) -> float:
    return abs(math.log(one / other))
