"""Questions that pages ask of runs; each is one query, or a figure kept for a moment."""

import time
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet
from django.db.models.lookups import Exact
from django.utils import timezone

from playground import catalog
from playground.accounts.models import Workspace
from playground.costs import figures
from playground.costs.periods import day_of
from playground.runs.models import Attempt, Generation, Run, State

USUAL_SAMPLE = 50
STRIP_FRAMES = 24  # of a run among others; the rest stand on its own page
USUAL_AT_LEAST = 5
_USUAL_KEPT_SECONDS = 30


@dataclass(frozen=True)
class Usual:
    """How long a model usually takes here: seconds from quick (p50) to slow (p90)."""

    quick: float
    slow: float
    measured: bool


_usual: dict[tuple[str, bool], tuple[float, Usual]] = {}


def usual_seconds(model: "catalog.Model", *, simulated: bool) -> Usual:
    """From this installation's own latest answers; from the catalog until there are five of them."""
    key = (model.id, simulated)
    kept = _usual.get(key)
    if kept is None or kept[0] < time.monotonic():
        kept = _usual[key] = (time.monotonic() + _USUAL_KEPT_SECONDS, _measure_usual(model, simulated))
    return kept[1]


def _measure_usual(model: "catalog.Model", simulated: bool) -> Usual:
    done = Generation.objects.filter(
        model_id=model.id, state=State.SUCCEEDED, simulated=simulated, seconds__isnull=False
    ).order_by("-id")
    seconds = sorted(
        float(value) for value in done.values_list("seconds", flat=True)[:USUAL_SAMPLE] if value is not None
    )
    if len(seconds) >= USUAL_AT_LEAST:
        return Usual(
            seconds[len(seconds) // 2], seconds[min(len(seconds) - 1, int(len(seconds) * 0.9))], True
        )
    low, high = model.timing.typical_seconds
    speed = settings.SIMULATOR_SPEED if simulated else 1
    return Usual(low / speed, high / speed, False)


def spent_today(workspace: Workspace) -> Decimal:
    """US dollars of today's answered and possibly billed calls, the latter at most. Never counts the simulator."""
    today = timezone.localdate()
    return spent_by_day(workspace, today, today).get(today, Decimal(0))


def spent_by_day(workspace: Workspace, first: date, last: date) -> dict[date, Decimal]:
    """The same for each day from first to last (in the installation's time zone) on which anything was spent."""
    spent = figures.spent_by_day(workspace, first, last)
    for sent_at, most in on_their_way(workspace):
        if first <= (day := day_of(sent_at)) <= last:
            spent[day] = spent.get(day, Decimal(0)) + (most or Decimal(0))
    return spent


def on_their_way(workspace: Workspace) -> QuerySet[Attempt, tuple[datetime, Decimal | None]]:
    """When each open real call was sent, and the most that it may cost: these are not in the ledger yet."""
    # Spelled out, or SQLite doesn't see that the index of open calls holds all of these; and as a sum, or it walks
    # through all runs of the workspace instead.
    is_open = Func(F("outcome"), template="%(expressions)s = 'sent'", output_field=BooleanField())
    here = Exact(F("generation__run__workspace_id") + 0, workspace.pk)
    return Attempt.objects.filter(is_open, here, simulated=False).values_list("sent_at", "cost_at_most")


# Asked by every poll of every open page, so it is not composed anew each time: that takes ten times as long as the
# answer. The states are spelled out, because only then does SQLite use the index of what is unfinished; and the run's
# workspace is a sum, or it walks through all runs to find none.
_PULSE = """
    SELECT workspace.revision, EXISTS (
        SELECT 1 FROM runs_generation generation JOIN runs_run run ON run.id = generation.run_id
        WHERE generation.state IN ('queued', 'running') AND run.workspace_id + 0 = workspace.id
    ) FROM accounts_workspace workspace WHERE workspace.id = %s
"""


def pulse(workspace: Workspace) -> tuple[int, bool]:
    """The workspace's revision now, and whether any frame of it can still change.

    Both in one statement: the last change can never fall between them and be missed by a page that stops asking.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PULSE, [workspace.pk])
        revision, is_going_on = cursor.fetchone()
    return revision, bool(is_going_on)


def changed_runs(workspace: Workspace, since: int, run: int | None = None) -> list[Run]:
    """Runs (newest first) with a frame that changed after this revision, with all that their frames show.

    Of one run that is asked for alone all frames, otherwise the first of each.
    """
    runs = Run.objects.of(workspace).filter(revision__gt=since)
    runs = runs.filter(number=run) if run else runs.for_pictures()
    return list(runs.newest().with_frames(None if run else STRIP_FRAMES))


def latest_runs(workspace: Workspace, *, before: int | None = None, count: int = 12) -> list[Run]:
    """The newest runs with their frames; `before` is a run number to page on from."""
    runs = Run.objects.of(workspace).for_pictures()
    if before is not None:
        runs = runs.filter(number__lt=before)
    return list(runs.newest().with_frames(STRIP_FRAMES)[:count])
