"""Sums for pages. Each is a query over the totals of days and months: a million calls are some thousand rows.

What is real and what is simulated are never added: every function takes one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from playground.accounts.models import Workspace
from playground.costs.fields import DollarsField
from playground.costs.models import Billed, Total, of_kind
from playground.costs.periods import Period, renewal_of

ZERO = Decimal(0)
AMOUNT = Sum("amount", output_field=DollarsField())
DIMENSIONS = ("model_id", "person", "mode", "connection")
# Under names of their own, because the columns' names are taken.
_SUMS: dict[str, Any] = {
    **{f"{name}_": Sum(name) for name in ("calls", "in_vain")},
    **{f"{name}_": Sum(name, output_field=DollarsField()) for name in ("amount", "in_vain_amount")},
}


@dataclass(frozen=True)
class Span:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def totals_of(
    workspace: Workspace, *, simulated: bool, grain: str, span: Span | None = None
) -> QuerySet[Total]:
    rows = Total.objects.filter(of_kind(simulated=simulated), workspace=workspace, grain=grain)
    return rows.filter(day__range=(span.first, span.last)) if span else rows


def _cover(workspace: Workspace, span: Span, *, simulated: bool) -> QuerySet[Total]:
    """The totals of a span: its whole months as months, and the days before and after them."""
    begin = span.first if span.first.day == 1 else renewal_of(Period.MONTH, span.first)
    end = (span.last + timedelta(days=1)).replace(day=1)
    one_day = timedelta(days=1)
    if begin is None or begin >= end:
        return totals_of(workspace, simulated=simulated, grain=Total.Grain.DAY, span=span)
    parts = (
        Q(grain=Total.Grain.DAY, day__range=(span.first, begin - one_day)),
        Q(grain=Total.Grain.MONTH, day__range=(begin, end - one_day)),
        Q(grain=Total.Grain.DAY, day__range=(end, span.last)),
    )
    # In one question: what is alike in all three comes back once.
    return Total.objects.filter(
        of_kind(simulated=simulated), parts[0] | parts[1] | parts[2], workspace=workspace
    )


@dataclass(frozen=True)
class Sums:
    """Spent today, in this month, and ever; and how much of it nobody knows for certain."""

    today: Decimal
    month: Decimal
    ever: Decimal
    unknown: Decimal
    unknown_calls: int


def sums_of(workspace: Workspace, today: date, *, simulated: bool) -> Sums:
    unknown = Q(billed=Billed.UNKNOWN)
    row = totals_of(workspace, simulated=simulated, grain=Total.Grain.MONTH).aggregate(
        month=Sum("amount", filter=Q(day=today.replace(day=1)), output_field=DollarsField()),
        ever=AMOUNT,
        unknown=Sum("amount", filter=unknown, output_field=DollarsField()),
        unknown_calls=Sum("calls", filter=unknown),
    )
    of_today = totals_of(workspace, simulated=simulated, grain=Total.Grain.DAY, span=Span(today, today))
    return Sums(
        today=of_today.aggregate(sum=AMOUNT)["sum"] or ZERO,
        month=row["month"] or ZERO,
        ever=row["ever"] or ZERO,
        unknown=row["unknown"] or ZERO,
        unknown_calls=row["unknown_calls"] or 0,
    )


@dataclass
class Share:
    """What one model, person, mode or connection came to. `in_vain`: calls that brought no picture."""

    key: Any
    calls: int = 0
    amount: Decimal = ZERO
    unknown: Decimal = ZERO
    in_vain: int = 0
    in_vain_amount: Decimal = ZERO
    percent: int = 0  # of the largest one
    kept: int = 0  # pictures that somebody marked

    def add(self, row: Mapping[str, Any]) -> None:
        self.calls += row["calls"]
        self.amount += row["amount"]
        self.unknown += row["amount"] if row["billed"] == Billed.UNKNOWN else ZERO
        self.in_vain += row["in_vain"]
        self.in_vain_amount += row["in_vain_amount"]

    @property
    def pictures(self) -> int:
        return self.calls - self.in_vain

    @property
    def per_picture(self) -> Decimal | None:
        """With what was spent in vain on the way; None where no picture came."""
        return self.amount / self.pictures if self.pictures else None

    @property
    def per_kept(self) -> Decimal | None:
        """What one that was kept has cost, with all those that were not; None where none was."""
        return self.amount / self.kept if self.kept else None


class Breakdown:
    """A span's sums by everything that they are kept by."""

    def __init__(self, workspace: Workspace, span: Span, *, simulated: bool) -> None:
        self._rows = [
            {name.removesuffix("_"): value for name, value in row.items()}
            for row in _cover(workspace, span, simulated=simulated)
            .values(*DIMENSIONS, "billed")
            .annotate(**_SUMS)
        ]

    @property
    def whole(self) -> Share:
        share = Share(None)
        for row in self._rows:
            share.add(row)
        return share

    def by(self, dimension: str) -> list[Share]:
        """The shares of each, the dearest first."""
        shares: dict[Any, Share] = {}
        for row in self._rows:
            shares.setdefault(row[dimension], Share(row[dimension])).add(row)
        found = sorted(
            (one for one in shares.values() if one.calls), key=lambda one: (-one.amount, -one.calls)
        )
        most = max((one.amount for one in found), default=ZERO)
        for one in found:
            one.percent = int(100 * one.amount / most) if most else 0
        return found


def by_day_and_model(
    workspace: Workspace, span: Span, *, simulated: bool, by_month: bool
) -> dict[date, dict[str, Decimal]]:
    """What each model came to on each day on which there was anything; by the month, a whole month is its first day."""
    if by_month:
        rows = _cover(workspace, span, simulated=simulated)
    else:
        rows = totals_of(workspace, simulated=simulated, grain=Total.Grain.DAY, span=span)
    found: dict[date, dict[str, Decimal]] = {}
    for row in rows.values("day", "model_id").annotate(sum=AMOUNT).order_by("day"):
        if row["sum"]:
            found.setdefault(row["day"], {})[row["model_id"]] = row["sum"]
    return found
