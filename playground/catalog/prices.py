"""What a picture will cost and what it did cost: USD as Decimal, unrounded (`dollars` rounds to six places).

A token price: input tokens and output tokens times their rates. The output tokens follow from size and
quality by a formula that a user took out of OpenAI's own calculator; OpenAI does not publish it, it meets
every published figure, and the `usage` of an answer always wins over it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from playground.catalog.facts import Model, Price, Problem, Value
from playground.catalog.rules import check_size
from playground.catalog.sizes import AUTO, Size
from playground.catalog.usage import Usage, UsageError, read_usage

_MILLION = Decimal(1_000_000)
_ONE = Decimal(1)


class ImpossibleRequestError(ValueError):
    """The price was asked of a size or quality that the model does not have; `problems` says why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Part:
    """One term of an estimate, least and most: tokens at a rate per million, or an amount where `rate` is None."""

    what: str
    """call, picture, partial, text or references"""
    low: Decimal
    high: Decimal
    rate: Decimal | None = None
    tokens_low: int = 0
    tokens: int = 0


@dataclass(frozen=True)
class Estimate:
    """What a call will cost, from `low` to `high`. `exact` says that both are one figure.

    `picture_low` and `picture_high` are the part of the finished picture alone, without input and partial
    pictures; `output_tokens` are its tokens, None where the price does not go by them. `partial_image_tokens`
    come on top (fewer partial pictures than asked may come, so `low` leaves them out).
    """

    low: Decimal
    high: Decimal
    picture_low: Decimal
    picture_high: Decimal
    output_tokens_low: int | None
    output_tokens: int | None
    partial_image_tokens: int
    text_tokens_low: int
    text_tokens: int
    image_tokens_low: int
    image_tokens: int
    price: Price
    multiplier: Decimal

    @property
    def exact(self) -> bool:
        return self.low == self.high

    @property
    def is_picture_known(self) -> bool:
        """False where size or quality is left to the provider, so that even the picture alone is a range."""
        return self.picture_low == self.picture_high

    @property
    def parts(self) -> tuple[Part, ...]:
        """The terms that it is the sum of, before what the owner pays of the list price (`multiplier`)."""
        if self.price.per_call is not None:
            return (Part("call", self.price.per_call, self.price.per_call),)
        image_out, partial = self.price.image_out, self.partial_image_tokens
        terms = (
            self._picture(),
            _term("partial", image_out, 0, partial),
            _term("text", self.price.text_in, self.text_tokens_low, self.text_tokens),
            _term("references", self.price.image_in, self.image_tokens_low, self.image_tokens),
        )
        return tuple(term for term in terms if term.high)

    def _picture(self) -> Part:
        if self.output_tokens_low is None or self.output_tokens is None:
            return Part("picture", self.picture_low / self.multiplier, self.picture_high / self.multiplier)
        return _term("picture", self.price.image_out, self.output_tokens_low, self.output_tokens)

    @property
    def input_tokens_low(self) -> int:
        return self.text_tokens_low + self.image_tokens_low

    @property
    def input_tokens(self) -> int:
        return self.text_tokens + self.image_tokens


def _term(what: str, rate: Decimal | None, low: int, high: int) -> Part:
    each = (rate or Decimal(0)) / _MILLION
    return Part(what, low * each, high * each, rate or Decimal(0), low, high)


def today() -> date:
    """The day by which prices are chosen when none is given: UTC."""
    return datetime.now(UTC).date()


def dollars(amount: Decimal) -> Decimal:
    """Rounded to six places, half up, as it is stored and printed."""
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def output_tokens(size: Size, factor: int) -> int:
    """The output tokens of one picture; `factor` is the quality's (Model.quality_factors)."""
    short_factor = (2 * factor * size.short + size.long) // (2 * size.long)
    return -(-factor * short_factor * (2_000_000 + size.pixels) // 4_000_000)


def prompt_tokens(prompt: str) -> tuple[int, int]:
    """A plain guess at the text tokens of a prompt, least and most.

    One token for two to six ASCII characters, and for half of to two of any other character, which covers
    ordinary English and Chinese. It is not a tokenizer: the `usage` of the answer has the true count.
    """
    plain = sum(1 for character in prompt if character.isascii())
    other = len(prompt) - plain
    return math.ceil(plain / 6 + other / 2), math.ceil(plain / 2 + other * 2)


def estimate(
    model: Model,
    parameters: Mapping[str, Value],
    *,
    prompt_tokens: int | None = None,
    prompt: str = "",
    references: int = 0,
    partial_images: int = 0,
    on: date | None = None,
    multiplier: Decimal = _ONE,
) -> Estimate:
    """What one call with these parameters will cost on that day (today when None).

    Size and quality that are left out or `auto` give a range: over the qualities, and over the sizes that
    the provider itself names (it publishes no bound for auto). References count from their floor to their
    ceiling in tokens. Partial pictures are those that `parameters` ask for, unless a count is given. Known
    `prompt_tokens` win over a guess from `prompt`; with neither the prompt is not counted. Raises
    ImpossibleRequestError for a size or quality that the model does not have.
    """
    price = model.price_on(on or today())
    if price.per_call is not None:
        return _flat(price, price.per_call * multiplier, multiplier)
    text = (prompt_tokens, prompt_tokens) if prompt_tokens is not None else _guess(prompt)
    images = (price.reference_tokens[0] * references, price.reference_tokens[1] * references)
    partial = price.partial_image_tokens * (partial_images or int(parameters.get("partial_images") or 0))
    outputs = _outputs(model, price, parameters)
    costs = [cost * multiplier for cost, _ in outputs]
    tokens = [count for _, count in outputs if count is not None]
    least, most = Usage(text[0], 0, images[0]), Usage(text[1], 0, images[1], 0, partial)
    return Estimate(
        low=min(costs) + usage_cost(price, least) * multiplier,
        high=max(costs) + usage_cost(price, most) * multiplier,
        picture_low=min(costs),
        picture_high=max(costs),
        output_tokens_low=min(tokens, default=None),
        output_tokens=max(tokens, default=None),
        partial_image_tokens=partial,
        text_tokens_low=text[0],
        text_tokens=text[1],
        image_tokens_low=images[0],
        image_tokens=images[1],
        price=price,
        multiplier=multiplier,
    )


def _flat(price: Price, cost: Decimal, multiplier: Decimal) -> Estimate:
    return Estimate(cost, cost, cost, cost, None, None, 0, 0, 0, 0, 0, price, multiplier)


def _guess(prompt: str) -> tuple[int, int]:
    # Named apart because `estimate` has a parameter of the function's name.
    return prompt_tokens(prompt)


def _outputs(model: Model, price: Price, parameters: Mapping[str, Value]) -> list[tuple[Decimal, int | None]]:
    """Cost and tokens of the picture for every size and quality that the request may come to."""
    sizes = _possible_sizes(model, str(parameters.get("size", AUTO)))
    if price.per_picture:
        qualities = _possible_qualities(parameters, list(next(iter(price.per_picture.values()))))
        return [(price.per_picture[str(size)][quality], None) for size in sizes for quality in qualities]
    qualities = _possible_qualities(parameters, list(model.quality_factors))
    counts = [output_tokens(size, model.quality_factors[quality]) for size in sizes for quality in qualities]
    return [(usage_cost(price, Usage(image_out=count)), count) for count in counts]


def _possible_sizes(model: Model, text: str) -> tuple[Size, ...]:
    verdict = check_size(model, text)
    if verdict.problems:
        raise ImpossibleRequestError(*verdict.problems)
    return (verdict.size,) if verdict.size is not None else model.sizes.listed


def _possible_qualities(parameters: Mapping[str, Value], known: list[str]) -> list[str]:
    quality = str(parameters.get("quality", AUTO))
    if quality == AUTO:
        return known
    if quality not in known:
        choices = ", ".join((AUTO, *known))
        message = f"quality {quality!r} has no price; allowed: {choices}."
        values = {"parameter": "quality", "value": quality, "choices": choices}
        raise ImpossibleRequestError(Problem("value_not_allowed", "quality", message, values))
    return [quality]


def actual_cost(
    model: Model,
    usage: Mapping[str, Any] | None,
    *,
    on: date | None = None,
    multiplier: Decimal = _ONE,
    pictures: int = 1,
    references: int = 0,
) -> Decimal | None:
    """What an answered call cost on that day (today when None), unrounded.

    A flat price counts `pictures` and never looks at `usage`, which is decoration there. A token price is
    computed from `usage` (see usage.py for what is understood); None when there is none or it cannot be
    read. `references` only matters for a usage that does not say which input tokens were pictures.
    """
    price = model.price_on(on or today())
    if price.per_call is not None:
        return price.per_call * pictures * multiplier
    try:
        read = read_usage(usage, price.partial_image_tokens, has_references=references > 0)
    except UsageError:
        return None
    return usage_cost(price, read) * multiplier


def usage_cost(price: Price, usage: Usage) -> Decimal:
    """The cost of counted tokens at a price by token, unrounded."""
    text, image = price.text_in or Decimal(0), price.image_in or Decimal(0)
    text_cached = text if price.text_in_cached is None else price.text_in_cached
    image_cached = image if price.image_in_cached is None else price.image_in_cached
    total = (
        (usage.text_in - usage.text_in_cached) * text
        + usage.text_in_cached * text_cached
        + (usage.image_in - usage.image_in_cached) * image
        + usage.image_in_cached * image_cached
        + usage.image_out * (price.image_out or Decimal(0))
    )
    return total / _MILLION


def billed_with_n(model: Model, n: int, *, on: date | None = None) -> Decimal | None:
    """What one call with `n` in its body would bill at a flat price, although one picture comes back.

    A fact to warn with: no request of ours carries n. None where the price goes by token.
    """
    price = model.price_on(on or today())
    return None if price.per_call is None else price.per_call * n
