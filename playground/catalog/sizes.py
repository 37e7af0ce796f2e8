"""What sizes a model takes: the size itself, the three kinds of size rule, what breaks them, what is nearest.

`words`  the model reads its size from words at the start of the prompt; a size in pixels is only a target.
`list`   a fixed table, ordered by tier and ratio; nothing outside it is valid.
`free`   any size that keeps to step, edge, ratio and pixel limits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from playground.catalog.text import Text

AUTO = "auto"
"""The word that leaves the size to the provider. It is a valid value where a rule says so, never a `Size`."""

_STRICT = re.compile(r"([1-9][0-9]{0,8})x([1-9][0-9]{0,8})")
# What people type when they mean a size: other signs for "by", spaces, leading zeros, a stray sign.
_LENIENT = re.compile(r"[\s+-]*0*([1-9][0-9]{0,8})\s*(?:px)?\s*[xX×✕*,/]\s*0*([1-9][0-9]{0,8})\s*(?:px)?\s*")
_RATIO = re.compile(r"\s*([1-9][0-9]{0,3})\s*[:：]\s*([1-9][0-9]{0,3})\s*")


class SizeFormatError(ValueError):
    """The text is no size: not two ASCII whole numbers above 0, without leading zero, joined by a small x."""


@dataclass(frozen=True, order=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size needs both sides above 0, not {self.width} and {self.height}")

    @classmethod
    def parse(cls, text: str) -> Size:
        """Read `2048x1152` as the providers do; raises SizeFormatError on anything else, spaces included."""
        found = _STRICT.fullmatch(text)
        if found is None:
            raise SizeFormatError(f"{text!r} is not a size such as 2048x1152")
        return cls(int(found[1]), int(found[2]))

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def ratio(self) -> Fraction:
        """Width by height, exact: above 1 lies, below 1 stands."""
        return Fraction(self.width, self.height)

    @property
    def long(self) -> int:
        return max(self.width, self.height)

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    def turned(self) -> Size:
        return Size(self.height, self.width)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Shape:
    """A ratio that a model takes in words: `phrase` is what we write, `phrases` all that it reads."""

    key: str
    name: Text
    phrase: str
    phrases: tuple[str, ...]
    usual: Size | None
    """The pixels that were seen to come back; None when nobody published any."""


@dataclass(frozen=True)
class Tier:
    key: str
    label: Text


@dataclass(frozen=True)
class SizeChoice:
    """One cell of a fixed table of sizes. `ratio` names its row; the pixels may be rounded off it."""

    tier: str
    ratio: str
    name: Text
    size: Size


@dataclass(frozen=True)
class SizeRule:
    """What a model takes as its size. Which fields count depends on `kind`; the others stay empty."""

    kind: str
    allows_auto: bool
    default: str
    """What the provider draws when no size is sent: `auto`, or pixels that were measured."""
    shapes: tuple[Shape, ...] = ()
    tiers: tuple[Tier, ...] = ()
    default_tier: str = ""
    table: tuple[SizeChoice, ...] = ()
    presets: tuple[Size, ...] = ()
    step: int = 1
    min_edge: int = 1
    """The least that the LONG edge may be."""
    max_edge: int = 10**9
    max_ratio: Fraction | None = None
    min_pixels: int = 1
    max_pixels: int = 10**18
    experimental_above_pixels: int | None = None

    @property
    def listed(self) -> tuple[Size, ...]:
        """Every size that the provider itself names: the table, or the presets."""
        return tuple(choice.size for choice in self.table) or self.presets

    def choice(self, size: Size) -> SizeChoice | None:
        return next((choice for choice in self.table if choice.size == size), None)

    def violations(self, size: Size) -> tuple[str, ...]:
        """The codes of the rules that `size` breaks, in a fixed order; empty when it is valid."""
        if self.kind == "list":
            return () if self.choice(size) else ("not_in_table",)
        return tuple(code for code, broken in self._checks(size) if broken)

    def _checks(self, size: Size) -> Iterator[tuple[str, bool]]:
        yield f"multiple_of_{self.step}", bool(size.width % self.step or size.height % self.step)
        yield "max_edge", size.long > self.max_edge
        yield "min_edge", size.long < self.min_edge
        yield "ratio", self.max_ratio is not None and size.long > self.max_ratio * size.short
        yield "min_pixels", size.pixels < self.min_pixels
        yield "max_pixels", size.pixels > self.max_pixels

    def is_experimental(self, size: Size) -> bool:
        above = self.experimental_above_pixels
        return above is not None and size.pixels > above


def guess_size(rule: SizeRule, text: str) -> Size:
    """A valid size for a text that is none: pixels written another way, a ratio, or else the first choice."""
    if found := _LENIENT.fullmatch(text):
        return nearest(rule, Size(int(found[1]), int(found[2])))
    if found := _RATIO.fullmatch(text):
        return _of_ratio(rule, Fraction(int(found[1]), int(found[2])))
    return _first_choice(rule)


def _first_choice(rule: SizeRule) -> Size:
    for choice in rule.table:
        if choice.tier == rule.default_tier:
            return choice.size
    return rule.listed[0] if rule.listed else nearest(rule, Size(1024, 1024))


def _of_ratio(rule: SizeRule, ratio: Fraction) -> Size:
    tier = [choice.size for choice in rule.table if choice.tier == rule.default_tier]
    listed = tier or list(rule.listed)
    if listed and min(_ratio_error(size.ratio, ratio) for size in listed) < 0.02:
        return min(listed, key=lambda size: _ratio_error(size.ratio, ratio))
    edge = 1024
    return nearest(rule, Size(max(1, round(edge * math.sqrt(ratio))), max(1, round(edge / math.sqrt(ratio)))))


def _ratio_error(one: Fraction, other: Fraction) -> float:
    return abs(math.log(one / other))


@lru_cache(maxsize=4096)
def nearest(rule: SizeRule, size: Size) -> Size:
    """The valid size nearest to `size`: itself when it is valid.

    Distance is the pixels by which both edges change plus how far the result lies off the asked diagonal, so
    the shape is kept where keeping it costs little. A tie goes to a preset, then to more pixels.
    A table answers with the nearest size of the row whose ratio is nearest.
    """
    if not rule.violations(size):
        return size
    if rule.kind == "list":
        return min(_row(rule, size), key=lambda candidate: _cost(rule, size, candidate))
    if rule.kind == "words":
        return _scaled(rule, size)
    return min(_candidates(rule, size), key=lambda candidate: _cost(rule, size, candidate))


def _row(rule: SizeRule, size: Size) -> list[Size]:
    ratios = (_named_ratio(choice) for choice in rule.table)
    best = min(ratios, key=lambda ratio: _ratio_error(ratio, size.ratio))
    return [choice.size for choice in rule.table if _named_ratio(choice) == best]


def _named_ratio(choice: SizeChoice) -> Fraction:
    width, _, height = choice.ratio.partition(":")
    return Fraction(int(width), int(height))


def _cost(rule: SizeRule, asked: Size, candidate: Size) -> tuple[float, bool, int]:
    moved = abs(candidate.width - asked.width) + abs(candidate.height - asked.height)
    off_diagonal = abs(candidate.width * asked.height - asked.width * candidate.height)
    distance = moved + off_diagonal / math.hypot(asked.width, asked.height)
    return distance, candidate not in rule.presets, -candidate.pixels


def _scaled(rule: SizeRule, size: Size) -> Size:
    """For a model of words only the long edge is bounded: keep the shape and bring that edge inside."""
    edge = min(max(size.long, rule.min_edge), rule.max_edge)
    short = max(1, round(Fraction(size.short * edge, size.long)))
    return Size(edge, short) if size.width >= size.height else Size(short, edge)


def _candidates(rule: SizeRule, asked: Size) -> Iterator[Size]:
    """For each legal width the heights that can be nearest: the cost is convex, so its kinks and ends."""
    for width in range(rule.step, rule.max_edge + 1, rule.step):
        low, high = _height_range(rule, width)
        if low > high:
            continue
        kinks = (asked.height, width * asked.height // asked.width)
        heights = {min(max(edge, low), high) for kink in kinks for edge in _steps_around(kink, rule.step)}
        yield from (Size(width, height) for height in heights)


def _steps_around(value: int, step: int) -> tuple[int, int]:
    below = value // step * step
    return below, below + step


def _height_range(rule: SizeRule, width: int) -> tuple[int, int]:
    """The lowest and highest legal height for a width, both on the step; none when low is above high."""
    low, high = -(-rule.min_pixels // width), min(rule.max_edge, rule.max_pixels // width)
    if rule.max_ratio is not None:
        low = max(low, math.ceil(Fraction(width) / rule.max_ratio))
        high = min(high, math.floor(width * rule.max_ratio))
    if width < rule.min_edge:
        low = max(low, rule.min_edge)
    return -(-low // rule.step) * rule.step, high // rule.step * rule.step
