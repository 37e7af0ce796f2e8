"""Which model for which need? Ranked, with the reasons, from the facts alone: nobody wrote an answer by hand.

    ranked = choose(default().models, Needs(pixels=FOUR_K, mask=True), on=today)
    ranked[0].model, ranked[0].reasons          # the best that can; then those that can't, each with what it lacks

A model that can do everything comes before one that lacks something. Among those that can, what is promised comes
before what is disputed or shaky; then the price or the usual time decides, as asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from playground.catalog.facts import Endpoint, Model, Parameter, Support, Value
from playground.catalog.prices import estimate
from playground.catalog.rules import check_size
from playground.catalog.sizes import Size

FOUR_K = 8_000_000
"""Pixels from which a picture is called 4K: 3840 x 2160 has 8.3 million, and so has 2880 x 2880."""

TRANSPARENT = "transparent"
_SOON = timedelta(days=60)


class Weight(StrEnum):
    """What a reason does to the rank."""

    FOR = "for"
    CAUTION = "caution"
    AGAINST = "against"


@dataclass(frozen=True)
class Reason:
    """Pages translate by `code` and `values`; `message` is plain English."""

    weight: Weight
    code: str
    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Needs:
    """What the picture must be. What is left out does not matter.

    `size` is an exact size in pixels, `pixels` the least number of them. `by_speed` ranks by time instead of price.
    """

    size: Size | None = None
    pixels: int = 0
    references: int = 0
    mask: bool = False
    transparent: bool = False
    format: str = ""
    conversation: bool = False
    by_speed: bool = False

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint.EDITS if self.references or self.mask else Endpoint.GENERATIONS


@dataclass(frozen=True)
class Ranked:
    """One model's answer to the needs. `low` and `high` are dollars for one such picture, None where it can't."""

    model: Model
    reasons: tuple[Reason, ...]
    low: Decimal | None
    high: Decimal | None
    seconds: tuple[float, float]

    @property
    def can(self) -> bool:
        return not any(reason.weight is Weight.AGAINST for reason in self.reasons)

    @property
    def is_sure(self) -> bool:
        """Whether it is promised: nothing about it is disputed, unstable or at its end."""
        return all(reason.weight is Weight.FOR for reason in self.reasons)


def choose(
    models: Iterable[Model],
    needs: Needs,
    *,
    on: date,
    seconds: Mapping[str, tuple[float, float]] | None = None,
    multipliers: Mapping[str, Decimal] | None = None,
) -> list[Ranked]:
    """Every model that is alive on that day, best first.

    `seconds` are measured times by model id, which win over the catalog's; `multipliers` what is paid of the list
    price.
    """
    ranked = [
        _ranked(
            model, needs, on, (seconds or {}).get(model.id), (multipliers or {}).get(model.id, Decimal(1))
        )
        for model in models
        if model.is_alive(on)
    ]
    # Sorting is stable: what nothing tells apart stays in the catalog's order.
    ranked.sort(key=lambda each: _rank(each, needs))
    return [_with_superlative(each, place, ranked, needs) for place, each in enumerate(ranked)]


def _ranked(
    model: Model, needs: Needs, on: date, measured: tuple[float, float] | None, multiplier: Decimal
) -> Ranked:
    reasons = tuple(_reasons(model, needs, on))
    low = high = None
    if not any(reason.weight is Weight.AGAINST for reason in reasons):
        price = estimate(
            model, _priced(model, needs), references=needs.references, on=on, multiplier=multiplier
        )
        low, high = price.low, price.high
    return Ranked(model, reasons, low, high, measured or model.timing.typical_seconds)


def _rank(ranked: Ranked, needs: Needs) -> tuple[object, ...]:
    against = sum(reason.weight is Weight.AGAINST for reason in ranked.reasons)
    price, time = ranked.high or Decimal(0), sum(ranked.seconds) / 2
    merit = (time, price) if needs.by_speed else (price, time)
    return (against, not ranked.is_sure, *merit)


def _with_superlative(ranked: Ranked, place: int, all_of_them: list[Ranked], needs: Needs) -> Ranked:
    """Say of the first one why it is before the others that can do it too."""
    others = [each for each in all_of_them if each.can and each.is_sure and each is not ranked]
    if place or not ranked.can or not ranked.is_sure or not others:
        return ranked
    if needs.by_speed and all(sum(ranked.seconds) < sum(each.seconds) for each in others):
        reason = Reason(Weight.FOR, "fastest", "The quickest of those that surely can.")
    elif not needs.by_speed and all((ranked.high or 0) < (each.high or 0) for each in others):
        reason = Reason(Weight.FOR, "cheapest", "The cheapest of those that surely can.")
    else:
        return ranked
    return Ranked(ranked.model, (reason, *ranked.reasons), ranked.low, ranked.high, ranked.seconds)


# --- Need by need ---------------------------------------------------------------------------------------------


def _reasons(model: Model, needs: Needs, on: date) -> Iterator[Reason]:
    if needs.endpoint not in model.endpoints:
        yield _against("no_edits", "It can't change pictures that it is given.")
    elif needs.references or needs.mask:
        yield from _about_references(model, needs.references)
        if needs.mask:
            yield _about_mask(model)
    if needs.size is not None:
        yield from _about_size(model, needs.size)
    if needs.pixels:
        yield _about_pixels(model, needs.pixels)
    if needs.transparent:
        yield _about_choice(model, needs.endpoint, "background", TRANSPARENT)
    if needs.format:
        yield _about_choice(model, needs.endpoint, "output_format", needs.format)
    if needs.conversation:
        yield _about_conversation(model)
    yield from _about_life(model, on)


def _about_references(model: Model, count: int) -> Iterator[Reason]:
    limits = model.limits
    values: dict[str, str | int] = {
        "count": count, "maximum": limits.references, "stable": limits.references_stable,
    }  # fmt: skip
    if count > limits.references:
        yield _against("too_many_references", f"It takes at most {limits.references} pictures.", values)
    elif count > limits.references_stable:
        message = f"Beyond {limits.references_stable} pictures, parts of them may go missing."
        yield _caution("references_weaken", message, values)
    elif count:
        yield _for("references", f"It takes up to {limits.references} pictures.", values)


def _about_mask(model: Model) -> Reason:
    mask = model.parameter(Endpoint.EDITS, "mask")
    if mask is not None and mask.may_be_sent:
        return _for("mask", "It changes only what a mask leaves open.")
    return _against("no_mask", "It has no mask: say in words what to change.")


def _about_size(model: Model, size: Size) -> Iterator[Reason]:
    parameter = model.parameter(Endpoint.GENERATIONS, "size")
    verdict = check_size(model, str(size))
    values: dict[str, str | int] = {"size": str(size), "nearest": str(verdict.nearest or "")}
    if parameter is None or not parameter.may_be_sent:
        yield _against("no_size", "It chooses the size itself.", values)
    elif not verdict.ok:
        yield _against("not_this_size", f"It has no {size}; the nearest is {verdict.nearest}.", values)
    elif parameter.support is not Support.ACCEPTED:
        yield _caution("size_disputed", f"{size} is a wish there, not a promise.", values)
    elif verdict.experimental:
        yield _caution("size_experimental", f"{size} is called experimental.", values)
    else:
        yield _for("size", f"It draws exactly {size}.", values)


def _about_pixels(model: Model, pixels: int) -> Reason:
    most = _largest(model)
    values: dict[str, str | int] = {"largest": str(most) if most else "", "is_4k": int(pixels >= FOUR_K)}
    if most is None or most.pixels < pixels:
        return _against("too_small", "It does not draw so large.", values)
    return _for("large", f"It draws up to {most}.", values)


def _about_choice(model: Model, endpoint: Endpoint, name: str, value: str) -> Reason:
    parameter = _choice(model, endpoint, name)
    values: dict[str, str | int] = {"parameter": name, "value": value}
    if parameter is None or value not in parameter.choices or not parameter.may_be_sent:
        return _against(f"no_{value}", f"It does not offer {value}.", values)
    if parameter.support is not Support.ACCEPTED:
        return _caution(f"{value}_disputed", f"{value} works there, but is not promised.", values)
    return _for(value, f"It offers {value}.", values)


def _choice(model: Model, endpoint: Endpoint, name: str) -> Parameter | None:
    return model.parameter(endpoint if endpoint in model.endpoints else Endpoint.GENERATIONS, name)


def _about_conversation(model: Model) -> Reason:
    if Endpoint.CHAT in model.endpoints:
        return _for("conversation", "It can be talked to, turn by turn.")
    return _caution(
        "conversation_by_edits", "It has no conversation: each turn is an edit of the last picture."
    )


def _about_life(model: Model, on: date) -> Iterator[Reason]:
    if model.until is not None and model.until - on <= _SOON:
        until = model.until.isoformat()
        yield _caution("retiring", f"It is switched off on {until}.", {"until": until})
    if model.unstable:
        yield _caution("unstable", "Its supply is shaky.")


def _largest(model: Model) -> Size | None:
    """The largest picture that may be asked for, as far as it is promised."""
    rule = model.sizes
    if rule.kind == "free":
        return max(rule.presets, key=_extent)
    if rule.kind == "list":
        return max((cell.size for cell in rule.table), key=_extent)
    usual = [shape.usual for shape in rule.shapes if shape.usual is not None]
    return max(usual, key=_extent, default=None)


def _extent(size: Size) -> tuple[int, int]:
    """Of those with as many pixels, the widest is what people mean by 4K."""
    return size.pixels, size.width


def _priced(model: Model, needs: Needs) -> dict[str, Value]:
    """Such a picture, as it would be asked for: the size that is needed or a usual one, at middle quality."""
    parameters: dict[str, Value] = {}
    largest = _largest(model)
    if needs.size is not None:
        parameters["size"] = str(needs.size)
    elif needs.pixels and largest is not None and model.sizes.kind != "words":
        parameters["size"] = str(largest)
    elif model.sizes.presets and model.sizes.kind == "free":
        parameters["size"] = str(model.sizes.presets[0])
    quality = model.parameter(needs.endpoint, "quality")
    if quality is not None and "medium" in quality.choices and quality.send == "optional":
        parameters["quality"] = "medium"
    return parameters


def _for(code: str, message: str, values: Mapping[str, str | int] | None = None) -> Reason:
    return Reason(Weight.FOR, code, message, values or {})


def _caution(code: str, message: str, values: Mapping[str, str | int] | None = None) -> Reason:
    return Reason(Weight.CAUTION, code, message, values or {})


def _against(code: str, message: str, values: Mapping[str, str | int] | None = None) -> Reason:
    return Reason(Weight.AGAINST, code, message, values or {})
