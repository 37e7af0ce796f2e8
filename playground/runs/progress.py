"""How far runs are, and what they have cost so far: counted by the database, however many frames they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from playground.runs.models import Billed, Generation, State, money

ZERO = Decimal(0)
_FREE_FAILURE = Q(state=State.FAILED, billed=Billed.NO, retried_by=None)
_OPEN = Q(state__in=(State.QUEUED, State.RUNNING))


@dataclass(frozen=True)
class Progress:
    """A run's frames by their states, and its money in dollars."""

    total: int = 0
    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    free_failures: int = 0
    spent: Decimal = ZERO  # as far as it is known
    unknown: Decimal = ZERO  # what may have been billed besides, at most
    coming: Decimal = ZERO  # what is queued or running may still cost
    again: Decimal = ZERO  # what sending the free failures again may cost
    last_end: datetime | None = None

    @property
    def ended(self) -> int:
        return self.total - self.queued - self.running

    @property
    def at_most(self) -> Decimal:
        """What the run can come to."""
        return self.spent + self.unknown + self.coming

    def elapsed(self, began: datetime) -> float:
        """Seconds from the click to the last end, or until now."""
        end = timezone.now() if self.ended < self.total or self.last_end is None else self.last_end
        return (end - began).total_seconds()


def _sum(column: str, where: Q) -> Sum:
    return Sum(column, filter=where, output_field=money())


def progress_of(runs: Sequence[int]) -> dict[int, Progress]:
    """By the runs' ids, in one query; none for an empty list."""
    if not runs:
        return {}
    rows = Generation.objects.filter(run__in=runs).order_by().values("run_id")
    counted = rows.annotate(
        total=Count("pk"),
        queued=Count("pk", filter=Q(state=State.QUEUED)),
        running=Count("pk", filter=Q(state=State.RUNNING)),
        done=Count("pk", filter=Q(state__in=(State.SUCCEEDED, State.WORDS))),
        failed=Count("pk", filter=Q(state=State.FAILED, retried_by=None)),
        cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
        free_failures=Count("pk", filter=_FREE_FAILURE),
        spent=_sum("cost", Q(billed=Billed.YES)),
        unknown=_sum("estimate_high", Q(billed=Billed.UNKNOWN)),
        coming=_sum("estimate_high", _OPEN),
        again=_sum("estimate_high", _FREE_FAILURE),
        last_end=Max("finished_at"),
    )
    return {row["run_id"]: _progress(dict(row)) for row in counted}


def _progress(row: dict[str, Any]) -> Progress:
    """Sums of nothing are none; SQLite adds binary fractions, so that they are rounded to what was stored."""
    del row["run_id"]
    for name in ("spent", "unknown", "coming", "again"):
        row[name] = Decimal(row[name] or 0).quantize(Decimal("0.000001"))
    return Progress(**row)
