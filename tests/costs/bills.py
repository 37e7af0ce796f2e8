"""Closed calls and pictures as the runs report them, without any run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from playground.accounts.models import Workspace
from playground.costs import budgets, ledger
from playground.costs.budgets import Wanted
from playground.costs.ledger import Facts
from playground.costs.models import Budget, Drawn, Entry, Hold, Total, Use

NUMBERS = count(1)
WHEN = datetime(2026, 11, 21, 12, tzinfo=UTC)


def facts(workspace: Workspace, **fields: Any) -> Facts:
    """A real call that brought its picture for $0.03, unless something else is said."""
    number = next(NUMBERS)
    usual: dict[str, Any] = {
        "workspace_id": workspace.pk, "call": number, "picture": number, "label": f"{number}A", "person": 0,
        "connection": 0, "connection_name": "Main", "model_id": "gpt-image-2-all", "mode": "text", "size": "",
        "quality": "", "references": 0, "request_id": f"req-{number}", "simulated": False, "sent_at": WHEN,
        "priced_on": date(2026, 11, 21), "brought_picture": True, "billed": "yes",
        "estimated_low": Decimal("0.03"), "estimated": Decimal("0.03"), "actual": Decimal("0.03"),
    }  # fmt: skip
    return Facts(**usual | fields)


def lost(workspace: Workspace, **fields: Any) -> Facts:
    """A real call without an answer: it may have been billed."""
    return facts(workspace, **{"billed": "unknown", "actual": None, "brought_picture": False} | fields)


def budget(workspace: Workspace, limit: str, period: str = "day", **whose: Any) -> Budget:
    return budgets.set_budget(Budget(workspace=workspace, limit=Decimal(limit), period=period, **whose))


def reserve(workspace: Workspace, *prices: str, person: int = 0, connection: int = 0) -> list[int]:
    """Reserve for new pictures; returns their numbers."""
    wanted = [Wanted(next(NUMBERS), connection, Decimal(price)) for price in prices]
    with transaction.atomic():
        budgets.reserve(workspace.pk, person, wanted)
    return [one.picture for one in wanted]


def end(workspace: Workspace, picture: int, **fields: Any) -> None:
    """The picture's one call is closed, and the picture with it."""
    with transaction.atomic():
        ledger.record(facts(workspace, picture=picture, **fields))
        budgets.settle(picture)


def used(budget: Budget) -> tuple[Decimal, Decimal]:
    """Spent and reserved in its only period."""
    use = Use.objects.get(budget=budget)
    return use.spent, use.reserved


def sums() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The totals as they are kept, without those that came to nothing."""
    rows = Total.objects.values_list(*Total.KEY, *Total.SUMS)
    return {row[: len(Total.KEY)]: row[len(Total.KEY) :] for row in rows if any(row[len(Total.KEY) :])}


def sums_of_ledger() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The same, added up from the entries one by one."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for entry in Entry.objects.standing():
        in_vain = not entry.brought_picture
        steps = (1, entry.counts, entry.estimated, int(in_vain), entry.counts * in_vain)
        for grain, day in (("day", entry.day), ("month", entry.day.replace(day=1))):
            facts = {"grain": grain, "day": day}
            key = tuple(facts.get(name) or getattr(entry, name) for name in Total.KEY)
            sums = found.setdefault(key, [0] * len(Total.SUMS))
            for place, step in enumerate(steps):
                sums[place] += step
    return {key: tuple(steps) for key, steps in found.items()}


def drawn() -> dict[tuple[str, str, int], tuple[int, Decimal]]:
    rows = Drawn.objects.exclude(pictures=0)
    return {(row.model_id, row.size, row.references): (row.pictures, row.amount) for row in rows}


def open_holds() -> int:
    return Hold.objects.filter(held__gt=0).count()


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside never happened afterwards: each example of a property begins with empty tables."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
