"""What one accepted call will be: pixels, seed, seconds, tokens and dollars, settled before drawing starts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random, SystemRandom

from playground.catalog import Endpoint, Size, actual_cost, estimate
from playground.simulator import directives, shapes
from playground.simulator.directives import Directive
from playground.simulator.drawing import Order
from playground.simulator.errors import JsonObject
from playground.simulator.wanted import Wanted

AUTO_QUALITIES = ("medium", "medium", "high", "low")
PARTIAL_IMAGE_TOKENS = 100
# An effort at which the upper end of an official model's usual seconds is reached: 4K at high.
MOST_TOKENS = 13_000
# More pixels than any 2K picture of the native Gemini call has: its 4K takes longer.
LARGEST_2K = 5_000_000
GEMINI_SECONDS, GEMINI_SECONDS_4K = (20, 23), (43, 61)


@dataclass(frozen=True)
class Job:
    """`seconds` are the provider's, not yet divided by the speed; `usage` is None where the answer has none."""

    wanted: Wanted
    size: Size
    quality: str
    orders: tuple[Order, ...]
    usage: JsonObject
    usd: Decimal
    seconds: float

    @property
    def order(self) -> Order:
        return self.orders[0]


class Planner:
    """Draws everything that is left to chance. The same seed gives the n-th call of a prompt to a model the same
    picture and the same seconds, whatever else goes on."""

    def __init__(self, seed: int | None) -> None:
        self._base = SystemRandom().getrandbits(64) if seed is None else seed
        self._sent: Counter[tuple[str, str]] = Counter()

    def reset(self) -> None:
        self._sent.clear()

    def plan(self, wanted: Wanted, holding: tuple[Directive, ...], on: date) -> Job:
        key = (wanted.model.id, wanted.prompt)
        self._sent[key] += 1
        chance = Random(f"{self._base}/{key}/{self._sent[key]}")
        size = wanted.size or shapes.official_choice(wanted.prompt, wanted.references)
        quality = wanted.quality or chance.choice(AUTO_QUALITIES)
        usage = _usage(wanted, size, quality)
        orders = tuple(_order(wanted, size, chance, holding) for _ in range(wanted.pictures))
        seconds = _seconds(wanted, size, usage, chance)
        return Job(wanted, size, quality, orders, usage, _usd(wanted, usage, on), seconds)


def _order(wanted: Wanted, size: Size, chance: Random, holding: tuple[Directive, ...]) -> Order:
    wish = directives.without(wanted.prompt)
    if wanted.endpoint is Endpoint.CHAT:
        wish = shapes.without_wish(wish)
    _, words = shapes.words_at_start(wanted.model, wish)
    order = Order(
        words=words or wanted.model.label,
        model=wanted.model.id,
        width=size.width,
        height=size.height,
        seed=chance.randrange(10_000_000, 100_000_000),
        format=wanted.format,
        compression=wanted.compression,
        transparent=wanted.transparent,
        sources=wanted.sources,
        base=wanted.base,
        mask=wanted.mask,
    )
    for directive in holding:
        order = _bent(order, directive)
    return order


def _bent(order: Order, directive: Directive) -> Order:
    """The order as a directive changes it."""
    if directive.name == "size":
        size = Size.parse(directive.text)
        return replace(order, width=size.width, height=size.height)
    if directive.name in ("jpeg", "webp"):
        return replace(order, format=directive.name, compression=88, transparent=False)
    return replace(order, plain=True) if directive.name == "plain" else order


def _usage(wanted: Wanted, size: Size, quality: str) -> JsonObject:
    """Tokens as the official models count them; for the reverse channels a decoration of the same kind."""
    text = text_tokens(wanted.prompt)
    image = sum(reference_tokens(reference) for reference in wanted.references)
    output = _output_tokens(wanted, size, quality) * wanted.pictures
    output += PARTIAL_IMAGE_TOKENS * wanted.partial_images
    total = text + image + output
    if wanted.model.is_flat:
        return {"input_tokens": text + image, "output_tokens": output, "total_tokens": total}
    details: JsonObject = {"text_tokens": text, "image_tokens": image}
    if "usage-has-cached-tokens" in wanted.quirks:
        details["cached_tokens_details"] = {"text_tokens": text // 2, "image_tokens": image // 2}
    return {
        "input_tokens": text + image,
        "input_tokens_details": details,
        "output_tokens": output,
        "total_tokens": total,
    }


def _output_tokens(wanted: Wanted, size: Size, quality: str) -> int:
    if wanted.model.is_flat:
        return math.ceil(size.pixels / 1350)
    tokens = estimate(wanted.model, {"size": str(size), "quality": quality}).output_tokens
    return tokens if tokens is not None else math.ceil(size.pixels / 250)


def text_tokens(prompt: str) -> int:
    """About four Latin letters to a token, one token to each letter of other scripts."""
    latin = sum(letter.isascii() for letter in prompt)
    return max(1, math.ceil(latin / 4) + len(prompt) - latin)


def reference_tokens(size: Size) -> int:
    """Patches of 32 pixels, at most 1,536; a small picture is enlarged to 1024 first."""
    scale = max(1.0, 1024 / size.long)
    patches = math.ceil(size.width * scale / 32) * math.ceil(size.height * scale / 32)
    return min(1536, patches)


def _usd(wanted: Wanted, usage: JsonObject, on: date) -> Decimal:
    price = wanted.model.price_on(on)
    if price.per_call is not None:
        return price.per_call * wanted.charged
    return actual_cost(wanted.model, usage, on=on) or Decimal(0)


def _seconds(wanted: Wanted, size: Size, usage: JsonObject, chance: Random) -> float:
    low, high = wanted.model.timing.typical_seconds
    if wanted.endpoint is None:
        return chance.uniform(*(GEMINI_SECONDS_4K if size.pixels > LARGEST_2K else GEMINI_SECONDS))
    if wanted.model.is_flat:
        return chance.triangular(low, high, low + 0.35 * (high - low))
    output = usage["output_tokens"]
    effort = min(1.0, output / MOST_TOKENS) if isinstance(output, int) else 0.5
    return min(high, max(low, (low + (high - low) * effort) * chance.uniform(0.9, 1.12)))
