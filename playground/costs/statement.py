"""A provider's usage file: which of its lines are which of our calls, and what that settles.

A CSV with a heading. Its columns are known by the names that providers give them: a request id, a time, a model, an
amount. A line and a call belong together by the request id; where that is missing, by the model and the time, the
first that can be it. Calls that are known to be billed take their lines before those that may be, so that none is
settled by the line of another. Nothing is written here.
"""

import csv
import io
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from playground.accounts.models import Workspace
from playground.costs.models import Billed, Entry, of_kind

MOST_LINES = 50_000
# A call is charged when it is answered: after it was sent, and by another clock.
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=15)
COLUMNS = {
    "request_id": ("request id", "requestid", "request", "id", "请求id", "请求 id"),
    "at": ("time", "created", "created at", "createdat", "timestamp", "datetime", "date", "时间", "创建时间"),
    "model_id": ("model", "model name", "modelname", "模型", "模型名称"),
    "amount": ("cost", "amount", "usd", "price", "cost usd", "charge", "费用", "金额", "花费", "消费"),
}  # fmt: skip


class UnreadableStatementError(ValueError):
    """This is no usage file that can be read here: no heading with an amount, or nothing to know a call by."""


@dataclass(frozen=True)
class Line:
    """One charge. `number` counts as a spreadsheet does, with the heading as 1."""

    number: int
    request_id: str
    at: datetime | None
    model_id: str
    amount: Decimal


@dataclass(frozen=True)
class Match:
    """A call and its line. `by_id`: they name the same request; otherwise its model and its time fit."""

    entry: Entry
    line: Line
    by_id: bool

    @property
    def differs(self) -> bool:
        return bool(self.line.amount != self.entry.counts)


@dataclass
class Report:
    """What the file says of our calls in the time that it covers."""

    lines: int = 0
    settled: list[Match] = field(default_factory=list)  # calls that may have been billed, and were
    missing: list[Entry] = field(default_factory=list)  # those that stand on no line
    differing: list[Match] = field(default_factory=list)  # known calls that cost something else
    strangers: list[Line] = field(default_factory=list)  # charges for no call of ours
    agreeing: int = 0


def read_lines(content: bytes) -> list[Line]:
    """The charges of a file; raises UnreadableStatementError. Lines without an amount are left out."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        places = _places(next(rows, []))
        return [line for number, row in enumerate(rows, 2) if (line := _line(number, row, places))][
            :MOST_LINES
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableStatementError from error


def _places(heading: Sequence[str]) -> dict[str, int]:
    names = [" ".join(name.lower().replace("_", " ").split()) for name in heading]
    places = {
        column: next((names.index(name) for name in known if name in names), -1)
        for column, known in COLUMNS.items()
    }
    knows_call = places["request_id"] >= 0 or (places["at"] >= 0 and places["model_id"] >= 0)
    if places["amount"] < 0 or not knows_call:
        raise UnreadableStatementError
    return places


def _line(number: int, row: Sequence[str], places: Mapping[str, int]) -> Line | None:
    found = {name: row[place].strip() if 0 <= place < len(row) else "" for name, place in places.items()}
    try:
        amount = Decimal(found["amount"].lstrip("$").replace(",", ""))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < 1_000_000:
        return None
    return Line(number, found["request_id"], _moment(found["at"]), found["model_id"], amount)


def _moment(text: str) -> datetime | None:
    """ISO, the usual `2026-11-21 14:08:00`, or seconds since 1970; by our own clock where no zone is named."""
    try:
        if text.isdigit() and len(text) == 10:
            return datetime.fromtimestamp(int(text), UTC)
        found = parse_datetime(text.replace("/", "-"))
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


def compare(workspace: Workspace, lines: Sequence[Line]) -> Report:
    """What these lines say of the workspace's real calls."""
    report = Report(lines=len(lines))
    left = {line.number: line for line in lines}
    entries = list(_entries(workspace, lines))
    found = [*_by_id(entries, left)]
    taken = {match.entry.pk for match in found}
    certain_first = sorted(entries, key=lambda entry: entry.billed != Billed.YES)
    found += _by_time([entry for entry in certain_first if entry.pk not in taken], left)
    taken |= {match.entry.pk for match in found}
    for match in found:
        if match.entry.billed == Billed.UNKNOWN:
            report.settled.append(match)
        elif match.differs:
            report.differing.append(match)
        else:
            report.agreeing += 1
    report.missing = [one for one in entries if one.billed == Billed.UNKNOWN and one.pk not in taken]
    report.strangers = [line for line in left.values() if line.amount]
    return report


def _entries(workspace: Workspace, lines: Iterable[Line]) -> Iterable[Entry]:
    """The calls of the time that the file covers, and whatever else it names."""
    rows = Entry.objects.of(workspace).standing().filter(of_kind(simulated=False))
    times = [line.at for line in lines if line.at]
    if times:
        return rows.filter(sent_at__range=(min(times) - AFTER, max(times) + BEFORE)).order_by("sent_at")
    return rows.filter(request_id__in=[line.request_id for line in lines if line.request_id][:MOST_LINES])


def _by_id(entries: Iterable[Entry], left: dict[int, Line]) -> Iterator[Match]:
    numbers = {line.request_id: line.number for line in left.values() if line.request_id}
    for entry in entries:
        number = numbers.pop(entry.request_id, None) if entry.request_id else None
        if number is not None:
            yield Match(entry, left.pop(number), by_id=True)


def _by_time(entries: Iterable[Entry], left: dict[int, Line]) -> Iterator[Match]:
    by_model: dict[str, list[tuple[datetime, int]]] = {}
    for line in left.values():
        if line.at:
            by_model.setdefault(line.model_id, []).append((line.at, line.number))
    for each in by_model.values():
        each.sort()
    for entry in entries:
        number = _nearest(entry, by_model.get(entry.model_id, [])) if entry.billed != Billed.NO else None
        if number is not None:
            yield Match(entry, left.pop(number), by_id=False)


def _nearest(entry: Entry, times: list[tuple[datetime, int]]) -> int | None:
    """The number of the first line of its model that can be this call's; it is taken out."""
    place = bisect_left(times, (entry.sent_at - BEFORE, 0))
    if place < len(times) and times[place][0] <= entry.sent_at + AFTER:
        return times.pop(place)[1]
    return None
