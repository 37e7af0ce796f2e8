"""Strengths as dots on lines, reckoned here and drawn by the template: the policy allows no style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.votes.scoreboard import Standing

TOP, FOOT, SIDE = 8, 26, 12  # margins; the last one keeps the scale's ends on the picture
LINE, LINE_UNDER_NAME, BETWEEN = 34, 50, 18  # heights: of a line, of one below its name, and between groups


@dataclass(frozen=True)
class Line:
    """A model: its dot, and the ends of its interval."""

    standing: "Standing"
    y: float
    low: float
    dot: float
    high: float
    name_y: float


@dataclass(frozen=True)
class Mark:
    """A line of the scale."""

    percent: int
    x: float


@dataclass(frozen=True)
class Chart:
    """All that the template draws. Without room for `names` beside the lines they stand above them."""

    width: int
    height: float
    names: int
    lines: Sequence[Line]
    marks: Sequence[Mark]

    @property
    def base(self) -> float:
        return self.height - FOOT

    @property
    def is_narrow(self) -> bool:
        return not self.names


def chart_of(groups: "Sequence[Sequence[Standing]]", *, width: int, names: int) -> Chart:
    """The strongest on top; groups that can't be compared stand apart."""
    left, right = names + SIDE, width - SIDE - 12
    step, lines, y = LINE if names else LINE_UNDER_NAME, [], float(TOP)
    for group in groups:
        for standing in group:
            y += step
            lines.append(_line(standing, y - 12, left, right, name_up=0 if names else 14))
        y += BETWEEN
    marks = [Mark(percent, _x(percent / 100, left, right)) for percent in (0, 25, 50, 75, 100)]
    return Chart(width, y + FOOT - BETWEEN + 8, names, lines, marks)


def _line(standing: "Standing", y: float, left: float, right: float, *, name_up: int) -> Line:
    assert standing.strength is not None  # noqa: S101  # others are not drawn
    found, low, high = (_x(one, left, right) for one in standing.strength.chances)
    return Line(standing, y, low, found, high, y - name_up)


def _x(share: float, left: float, right: float) -> float:
    return round(left + share * (right - left), 1)
