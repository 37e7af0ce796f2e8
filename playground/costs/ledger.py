"""The ledger: what every call cost, or may have cost. It only ever grows.

    record(facts)                      a call was closed; said again with other facts, it is a correction
    settle_unknown(entry, billed=...)  a person has looked at the bill

Each writes an entry and moves the sums by it, in one transaction. Locks are taken in this order, everywhere: the call's
first entry, the sums, the workspace, the picture's hold, the budgets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import F, Sum

from playground.costs.fields import DollarsField, grown
from playground.costs.models import NOBODY, Billed, Drawn, Entry, Total
from playground.costs.periods import Period, day_of, start_of

ZERO = Decimal(0)


class AlreadySettledError(Exception):
    """Somebody, or a late answer, was first: the entry has been corrected, or was never in doubt."""


@dataclass(frozen=True)
class Facts:
    """A closed call, as those who made it know it. `estimated` is the most that it was to cost."""

    workspace_id: int
    call: int
    picture: int
    label: str
    person: int
    connection: int
    connection_name: str
    model_id: str
    mode: str
    size: str
    quality: str
    references: int
    request_id: str
    simulated: bool
    sent_at: datetime
    priced_on: date
    brought_picture: bool
    billed: str
    estimated_low: Decimal
    estimated: Decimal
    actual: Decimal | None

    @property
    def counts(self) -> Decimal:
        """What it counts as: what it cost; the most that it may have where that is not known."""
        if self.billed == Billed.NO:
            return ZERO
        return self.estimated if self.actual is None else self.actual


def record(facts: Facts) -> Entry | None:
    """Enter a closed call. Where it has an entry, enter what is known better; None where that is nothing."""
    with transaction.atomic():
        before = _latest(facts.call)
        if before is None:
            return _write(Entry(**asdict(facts), counts=facts.counts, change=facts.counts, **_days(facts)))
        if (before.billed, before.actual, before.brought_picture) == (
            facts.billed, facts.actual, facts.brought_picture
        ):  # fmt: skip
            return None
        late = Entry(**asdict(facts), counts=facts.counts, **_days(facts), why=Entry.Why.LATE)
        return _correct(before, late)


def _days(facts: Facts) -> dict[str, date]:
    return {"day": day_of(facts.sent_at)}


def _latest(call: int) -> Entry | None:
    """The last word on a call, which nobody else can correct until the transaction ends."""
    rows = Entry.objects.filter(call=call)
    # Whoever waits for the first entry sees, in a statement of its own, what was added meanwhile.
    if rows.select_for_update().filter(corrects=None).first() is None:
        return None
    return rows.latest("id")


def settle_unknown(
    entry: Entry, *, billed: bool, amount: Decimal | None = None, person: int = NOBODY
) -> Entry:
    """Enter what a person found on the provider's bill: the call was on it, or it was not.

    Without the `amount` that stands there it goes on counting as the most that it can cost.
    Raises AlreadySettledError. The caller settles the picture's hold in the same transaction.
    """
    with transaction.atomic():
        before = _latest(entry.call)
        if before is None or before.billed != Billed.UNKNOWN:
            raise AlreadySettledError
        after = _copy(before)
        after.why, after.written_by = Entry.Why.PERSON, person
        after.billed = Billed.YES if billed else Billed.NO
        after.actual = amount if billed else None
        after.counts = (before.estimated if amount is None else amount) if billed else ZERO
        return _correct(before, after)


def settled_of(pictures: Sequence[int]) -> dict[int, Entry]:
    """What people found on the bill for these pictures, whose own rows say for ever that nobody knew."""
    found = (
        Entry.objects.filter(picture__in=pictures, why=Entry.Why.PERSON).order_by("id") if pictures else []
    )
    return {entry.picture: entry for entry in found}


def _copy(entry: Entry) -> Entry:
    left_out = {"id", "corrects", "written_at"}
    names = [field.attname for field in Entry._meta.concrete_fields if field.name not in left_out]
    return Entry(**{name: getattr(entry, name) for name in names})


def _correct(before: Entry, after: Entry) -> Entry:
    after.corrects, after.change = before, after.counts - before.counts
    return _write(after, instead_of=before)


def _write(entry: Entry, *, instead_of: Entry | None = None) -> Entry:
    entry.save(force_insert=True)
    moves = [(entry, 1), *([(instead_of, -1)] if instead_of else [])]
    for key, steps in sorted(
        _by_key(moves), key=lambda one: str(one[0])
    ):  # so that no two wait for each other
        _grow(Total, key, steps)
    for one, sign in moves:
        if one.brought_picture and one.billed != Billed.NO:
            key = _key(Drawn, one, month=start_of(Period.MONTH, one.day))
            _grow(Drawn, key, {"pictures": sign, "amount": sign * one.counts})
    return entry


def _by_key(moves: list[tuple[Entry, int]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entry, sign in moves:
        in_vain = not entry.brought_picture
        steps = {
            "calls": sign,
            "amount": sign * entry.counts,
            "estimated": sign * entry.estimated,
            "in_vain": sign * in_vain,
            "in_vain_amount": sign * entry.counts * in_vain,
        }
        for grain in Total.Grain:
            yield _key(Total, entry, grain=grain.value, day=start_of(grain, entry.day)), steps


def _key(table: type[Total] | type[Drawn], entry: Entry, **given: Any) -> dict[str, Any]:
    return given | {name: getattr(entry, name) for name in table.KEY if name not in given}


def _grow(table: type[models.Model], key: dict[str, Any], steps: dict[str, Any]) -> None:
    """Add to the row with this key, which is made where it is missing."""
    rows = table._default_manager.filter(**key)
    changes = {
        name: grown(name, step) if isinstance(step, Decimal) else F(name) + step
        for name, step in steps.items()
        if step
    }
    if changes and not rows.update(**changes):
        table._default_manager.get_or_create(**key)
        rows.update(**changes)


def counted(picture: int) -> Decimal:
    """What all calls for a picture count as together."""
    total = Entry.objects.filter(picture=picture).aggregate(sum=Sum("change", output_field=DollarsField()))
    return total["sum"] or ZERO
