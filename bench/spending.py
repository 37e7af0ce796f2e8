"""A ledger of invented calls, to measure the Costs page with: written in bulk, with the sums that they come to."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from playground.accounts.models import Workspace
from playground.costs import budgets
from playground.costs.models import Budget, Drawn, Entry, Hold, Total
from playground.costs.periods import Period

DAYS, CHUNK = 730, 5_000
MODELS = {
    "gpt-image-2-all": ("0.03",),
    "gpt-image-2-vip": ("0.03",),
    "gpt-image-2": ("0.0062", "0.0531", "0.2114"),
}
SIZES = ("1024x1024", "1536x1024", "2048x1152", "")


def invent(count: int) -> None:
    """So many calls over two years, the oldest first: some failed, some may have been billed, some were simulated."""
    workspace, chance, now = Workspace.objects.local(), random.Random(7), timezone.now()
    totals: dict[tuple[Any, ...], list[Any]] = {}
    drawn: dict[tuple[Any, ...], list[Any]] = {}
    for begin in range(0, count, CHUNK):
        numbers = range(begin + 1, min(begin + CHUNK, count) + 1)
        entries = [
            _entry(workspace, number, now - timedelta(days=DAYS * (1 - number / count)), chance)
            for number in numbers
        ]
        Entry.objects.bulk_create(entries)
        Hold.objects.bulk_create(_hold(entry) for entry in entries if not entry.simulated)
        for entry in entries:
            _add(entry, totals, drawn)
    Total.objects.bulk_create((_row(Total, key, sums) for key, sums in totals.items()), batch_size=500)
    Drawn.objects.bulk_create((_row(Drawn, key, sums) for key, sums in drawn.items()), batch_size=500)
    for period in (Period.DAY, Period.MONTH):
        budgets.set_budget(Budget(workspace=workspace, period=period, limit=Decimal(10_000)))
    if connection.vendor == "postgresql":  # which would do so by itself, a minute later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _entry(workspace: Workspace, number: int, sent_at: datetime, chance: random.Random) -> Entry:
    model_id = chance.choice(list(MODELS))
    estimated = Decimal(chance.choice(MODELS[model_id]))
    billed = chance.choices(("yes", "no", "unknown"), (94, 5, 1))[0]
    actual = estimated if billed == "yes" else None
    if actual is not None and model_id == "gpt-image-2":
        actual = (estimated * chance.randint(930, 1000) / 1000).quantize(Decimal("0.000001"))
    counts = Decimal(0) if billed == "no" else estimated if actual is None else actual
    return Entry(
        workspace=workspace, call=number, picture=number, label=f"{number}A", person=chance.randint(0, 8),
        connection=chance.randint(1, 2), connection_name="Main", model_id=model_id,
        mode=chance.choice(("text", "text", "edit", "mask", "chat")), size=chance.choice(SIZES),
        quality=chance.choice(("low", "medium", "high", "")), references=chance.choice((0, 0, 0, 1, 2)),
        request_id=f"req-{number}", simulated=chance.random() < 0.1, sent_at=sent_at,
        day=timezone.localtime(sent_at).date(),
        priced_on=sent_at.date(), brought_picture=billed == "yes", billed=billed, estimated_low=estimated,
        estimated=estimated, actual=actual, counts=counts, change=counts,
    )  # fmt: skip


def _hold(entry: Entry) -> Hold:
    return Hold(
        workspace_id=entry.workspace_id, picture=entry.picture, person=entry.person, connection=entry.connection,
        day=entry.day, held=Decimal(0), spent=entry.counts,
    )  # fmt: skip


def _add(
    entry: Entry, totals: dict[tuple[Any, ...], list[Any]], drawn: dict[tuple[Any, ...], list[Any]]
) -> None:
    in_vain = not entry.brought_picture
    steps = (1, entry.counts, entry.estimated, int(in_vain), entry.counts * in_vain)
    month = date(entry.day.year, entry.day.month, 1)
    for given in ({"grain": "day"}, {"grain": "month", "day": month}):
        _grow(totals, _key(Total, entry, given), steps)
    if entry.brought_picture:
        _grow(drawn, _key(Drawn, entry, {"month": month}), (1, entry.counts))


def _key(table: Any, entry: Entry, given: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(given[name] if name in given else getattr(entry, name) for name in table.KEY)


def _grow(found: dict[tuple[Any, ...], list[Any]], key: tuple[Any, ...], steps: tuple[Any, ...]) -> None:
    sums = found.setdefault(key, [0] * len(steps))
    for place, step in enumerate(steps):
        sums[place] += step


def _row(table: Any, key: tuple[Any, ...], sums: list[Any]) -> Any:
    names = Total.SUMS if table is Total else ("pictures", "amount")
    return table(**dict(zip(table.KEY, key, strict=True)), **dict(zip(names, sums, strict=True)))
