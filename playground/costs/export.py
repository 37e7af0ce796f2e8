"""The ledger as CSV, line by line while it is read, so that a million entries take no memory."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from playground.accounts.models import Workspace
from playground.costs.figures import Span
from playground.costs.models import Entry, of_kind

CHUNK = 2000
COLUMNS = (
    "entry", "written", "why", "corrects", "sent", "day", "picture", "model", "mode", "size", "quality", "references",
    "person", "connection", "request id", "simulated", "brought picture", "billed", "estimated low", "estimated high",
    "actual", "counts", "change",
)  # fmt: skip


class _Echo:
    """What csv writes to: it hands back each line."""

    def write(self, line: str) -> str:
        return line


def csv_line(values: Iterable[Any]) -> str:
    """One line, in which a spreadsheet finds nothing to run."""
    return str(csv.writer(_Echo()).writerow([safe(value) for value in values]))


def ledger_as_csv(workspace: Workspace, span: Span, *, simulated: bool) -> Iterator[str]:
    """The lines of the span, oldest first, below a heading."""
    yield csv_line(COLUMNS)
    names = {person.pk: person.get_username() for person in workspace.members.all()}
    for entry in _entries(workspace, span, simulated):
        yield csv_line(_line(entry, names))


def _entries(workspace: Workspace, span: Span, simulated: bool) -> Iterator[Entry]:
    """In chunks of their own queries: nothing stays open while a slow reader takes his time."""
    rows = Entry.objects.of(workspace).filter(
        of_kind(simulated=simulated), day__range=(span.first, span.last)
    )
    rows, last = rows.order_by("id"), 0
    while chunk := list(rows.filter(id__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def _line(entry: Entry, names: dict[int, str]) -> list[Any]:
    return [
        entry.pk, entry.written_at.isoformat(), entry.why, entry.corrects_id or "", entry.sent_at.isoformat(),
        entry.day.isoformat(), entry.label, entry.model_id, entry.mode, entry.size, entry.quality, entry.references,
        names.get(entry.person, entry.person or ""), entry.connection_name, entry.request_id, entry.simulated,
        entry.brought_picture, entry.billed, entry.estimated_low, entry.estimated,
        "" if entry.actual is None else entry.actual, entry.counts, entry.change,
    ]  # fmt: skip


def safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is quoted; an amount below zero stays one."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )
