"""Questions that pages ask of runs; each is one query, or a figure kept for a moment."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.utils import timezone

from playground import catalog
from playground.accounts.models import Workspace
from playground.costs.fields import dollars
from playground.runs.asking import Question, Rows, ask
from playground.runs.models import Generation, Run, State

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


@dataclass(frozen=True)
class Glance:
    """What every page says of its workspace, in US dollars.

    Spent today: answered and possibly billed calls, and the most that those on their way may cost; never the
    simulator's. The limit is that of the whole workspace for a day, None where nobody has set one.
    """

    spent: Decimal
    daily_limit: Decimal | None
    has_connection: bool  # that somebody has entered, and that is in use


# As statements in plain words: four composed anew for every page would be a tenth of the time that it takes. The
# second is for when calls are under way, and says what was spent as one: a call that is settled between two questions
# would be in neither. Outcomes are spelled out, because only then does SQLite use the index of open calls; and the
# run's workspace is a sum, or it walks through all runs. In millionths, because SQLite adds these columns up as floats.
_GLANCE = """
    SELECT (
        SELECT SUM(amount) FROM costs_total
        WHERE workspace_id = workspace.id AND simulated = FALSE AND grain = 'day' AND day = %s
    ), (
        SELECT "limit" FROM costs_budget
        WHERE workspace_id = workspace.id AND person_id IS NULL AND connection_id IS NULL AND period = 'day'
    ), EXISTS (
        SELECT 1 FROM accounts_connection
        WHERE workspace_id = workspace.id AND is_enabled = TRUE AND from_environment = FALSE
    ), EXISTS (
        SELECT 1 FROM runs_attempt WHERE outcome = 'sent' AND simulated = FALSE
    ) FROM accounts_workspace workspace WHERE workspace.id = %s
"""
_SPENT = """
    SELECT (
        SELECT SUM(amount) FROM costs_total
        WHERE workspace_id = workspace.id AND simulated = FALSE AND grain = 'day' AND day = %s
    ), (
        SELECT CAST(ROUND(SUM(attempt.cost_at_most) * 1000000) AS BIGINT) FROM runs_attempt attempt
        JOIN runs_generation generation ON generation.id = attempt.generation_id
        JOIN runs_run run ON run.id = generation.run_id
        WHERE attempt.outcome = 'sent' AND attempt.simulated = FALSE AND run.workspace_id + 0 = workspace.id
        AND attempt.sent_at >= %s AND attempt.sent_at < %s
    ) FROM accounts_workspace workspace WHERE workspace.id = %s
"""


def glance(workspace: Workspace) -> Question[Glance]:
    """What is true of the workspace now: one query, and one more while calls are under way."""
    day = connection.ops.adapt_datefield_value(timezone.localdate())

    def read(rows: Rows) -> Glance:
        ((settled, limit, has_connection, are_open),) = rows
        spent = _spent(workspace) if are_open else settled or 0
        return Glance(dollars(spent), None if limit is None else dollars(limit), bool(has_connection))

    return ask(read, _GLANCE, [day, workspace.pk])


def _spent(workspace: Workspace) -> int:
    """Today, also by calls under way; in millionths of a dollar."""
    today = timezone.localdate()
    day = connection.ops.adapt_datefield_value(today)
    midnights = (datetime.combine(today + timedelta(days=days), datetime.min.time()) for days in (0, 1))
    bounds = (connection.ops.adapt_datetimefield_value(timezone.make_aware(each)) for each in midnights)
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, [day, *bounds, workspace.pk])
        settled, open_at_most = cursor.fetchone()
    return (settled or 0) + (open_at_most or 0)


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
