"""Spending by day as bars, reckoned here and drawn by the template: the policy allows no style of its own.

The measures are those of the picture's own grid (`width` by `height`), which the page scales as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from playground.costs.figures import Span

LOOKS = ("a", "b", "c", "d")  # grey, hatch, ink, outline: the last one for all further models
SIDE = 40  # for the scale's figures
LONGEST = 62  # bars; what is longer is drawn by the month
STEPS = [Decimal(digit).scaleb(power) for power in range(-2, 5) for digit in (1, 2, 5)]


@dataclass(frozen=True)
class Block:
    """One model's part of a bar."""

    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A line of the scale."""

    usd: Decimal
    y: float


@dataclass(frozen=True)
class Label:
    """The name of a bar, where there is room for one."""

    start: date
    x: float


@dataclass
class Bar:
    """One day, or one month, and what each model came to in it."""

    start: date
    parts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        return sum(self.parts.values(), Decimal(0))


@dataclass(frozen=True)
class Chart:
    """All that the template draws."""

    width: int
    height: int
    bars: Sequence[Bar]
    models: Sequence[str]
    by_month: bool
    limit: Decimal | None

    @property
    def base(self) -> float:
        return self.height - 26

    @property
    def right(self) -> int:
        return self.width - SIDE

    @property
    def top(self) -> Decimal:
        """The most that the scale shows."""
        most = max((bar.amount for bar in self.bars), default=Decimal(0))
        return max(most, self.limit or most) or Decimal(1)

    @property
    def highest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.amount)

    @property
    def limit_y(self) -> float | None:
        return None if self.limit is None else self._y(self.limit)

    @property
    def limit_text_y(self) -> float:
        return (self.limit_y or 0) - 5

    @property
    def text_x(self) -> int:
        return self.right + 6

    def _y(self, usd: Decimal) -> float:
        return round(self.base - (self.base - 18) * float(usd / self.top), 1)

    @property
    def marks(self) -> list[Mark]:
        """At most six lines, at round figures."""
        step = next((one for one in STEPS if self.top / one <= 5), self.top / 4)
        return [Mark(step * number, self._y(step * number)) for number in range(int(self.top / step) + 1)]

    @property
    def blocks(self) -> Iterator[Block]:
        slot = self.right / max(len(self.bars), 1)
        for place, bar in enumerate(self.bars):
            y = self.base
            for look, model_id in self._looks():
                height = round(self.base - self._y(bar.parts.get(model_id, Decimal(0))), 1)
                if height > 0:
                    y = round(y - height, 1)
                    yield Block(look, round(place * slot + slot * 0.12, 1), y, round(slot * 0.76, 1), height)

    def _looks(self) -> Iterator[tuple[str, str]]:
        for place, model_id in enumerate(self.models):
            yield LOOKS[min(place, len(LOOKS) - 1)], model_id

    @property
    def key(self) -> list[tuple[str, str]]:
        """Which look is which model."""
        return list(self._looks())

    @property
    def labels(self) -> list[Label]:
        every = max(1, -(-len(self.bars) // (self.width // 90)))
        slot = self.right / max(len(self.bars), 1)
        return [
            Label(bar.start, round((place + 0.5) * slot, 1))
            for place, bar in enumerate(self.bars)
            if place % every == 0
        ]


def chart_of(
    spent: Mapping[date, Mapping[str, Decimal]],
    span: Span,
    models: Sequence[str],
    *,
    limit: Decimal | None = None,
    width: int,
    height: int,
) -> Chart:
    """`limit` is that of a day; it is not drawn where bars are months."""
    by_month = span.days > LONGEST
    bars = {start: Bar(start) for start in _starts(span, by_month)}
    for day, parts in spent.items():
        bar = bars[day.replace(day=1) if by_month else day]
        for model_id, amount in parts.items():
            bar.parts[model_id] = bar.parts.get(model_id, Decimal(0)) + amount
    return Chart(width, height, list(bars.values()), models, by_month, None if by_month else limit)


def _starts(span: Span, by_month: bool) -> Iterator[date]:
    day = span.first.replace(day=1) if by_month else span.first
    while day <= span.last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1) if by_month else day + timedelta(days=1)
