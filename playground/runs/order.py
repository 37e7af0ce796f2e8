"""Whose picture is sent next: the run with the fewest calls under way, so that a large one starves nobody.

Wake-ups come in the order of the clicks; behind a run of 500 pictures a run of one would wait for all of them. So a
wake-up only says that there is work, and a worker whose slot is free asks here what to do with it.
"""

import time
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

MINUTE = 60.0

# The states are spelled out, and the run is grouped by a sum, because only then does SQLite use the index of what is
# unfinished: otherwise it walks through all pictures there are, run by run.
_WAITING = """
    SELECT generation.run_id + 0, generation.connection_id, generation.simulated,
        SUM(CASE WHEN generation.state = 'running' THEN 1 ELSE 0 END),
        MIN(CASE WHEN generation.state = 'queued' AND run.paused_at IS NULL{held} THEN generation.id END)
    FROM runs_generation generation JOIN runs_run run ON run.id = generation.run_id
    WHERE generation.state IN ('queued', 'running')
    GROUP BY generation.run_id + 0, generation.connection_id, generation.simulated
"""


@dataclass(frozen=True)
class Waiting:
    """The first of a run's queued pictures that go through one connection (None: nobody is paid)."""

    run: int
    connection: int | None
    is_paid: bool
    first: int


class Pace:
    """How many calls this worker has begun through each connection in the last minute.

    The provider names about a hundred a minute as what an account may send; more of them would come back as busy.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: dict[int | None, deque[float]] = {}

    def wait(self, through: int | None, now: float | None = None) -> float:
        """Seconds until one more may begin; 0 where it may now."""
        now = time.monotonic() if now is None else now
        begun = self._begun.setdefault(through, deque())
        while begun and begun[0] <= now - MINUTE:
            begun.popleft()
        return 0.0 if len(begun) < self._most else begun[0] + MINUTE - now

    def begin(self, through: int | None, now: float | None = None) -> None:
        self._begun.setdefault(through, deque()).append(time.monotonic() if now is None else now)


def waiting(held: Collection[int] = ()) -> list[Waiting]:
    """What could be sent now, the next one first; `held` are rows that somebody here has in hand already."""
    marks = f" AND generation.id NOT IN ({', '.join(['%s'] * len(held))})" if held else ""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(held=marks), list(held))
        rows = cursor.fetchall()
    return _in_order(rows)


def _in_order(rows: Iterable[tuple[int, int | None, bool, int, int | None]]) -> list[Waiting]:
    rows = list(rows)
    under_way: dict[int, int] = {}
    for run, _connection, _simulated, running, _first in rows:
        under_way[run] = under_way.get(run, 0) + int(running)
    found = [
        Waiting(run, through, not simulated, first)
        for run, through, simulated, _running, first in rows
        if first is not None
    ]
    return sorted(found, key=lambda one: (under_way[one.run], one.first))


def choose(pace: Pace, held: Collection[int]) -> tuple[int | None, float]:
    """The id of what to send now, or None and the seconds until something may be sent (0: nothing waits)."""
    soonest = 0.0
    for one in waiting(held):
        seconds = pace.wait(one.connection) if one.is_paid else 0.0
        if not seconds:
            if one.is_paid:
                pace.begin(one.connection)
            return one.first, 0.0
        soonest = min(soonest or seconds, seconds)
    return None, soonest
