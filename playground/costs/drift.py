"""What was said before the click against what it did cost, for each model."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from playground.accounts.models import Workspace
from playground.costs.models import Entry, of_kind

SAMPLE = 300  # of the latest calls of each model


@dataclass(frozen=True)
class Drift:
    """Of so many calls: what they were to cost at most and did cost, on average, and how far one lay from the other.

    `bias`, `low` and `high` are percent of the estimate: the mean, and the bounds that eight of ten lie within. Below
    zero it was cheaper than said. `beyond` counts those that cost more than the most that was said.
    """

    model_id: str
    calls: int
    estimated: Decimal
    actual: Decimal
    bias: float
    low: float
    high: float
    beyond: int


def drifts(workspace: Workspace, model_ids: Iterable[str], *, simulated: bool) -> list[Drift]:
    """One query for each model, along an index, whatever the number of calls."""
    found = (_drift(workspace, model_id, simulated) for model_id in model_ids)
    return [one for one in found if one is not None]


def _drift(workspace: Workspace, model_id: str, simulated: bool) -> Drift | None:
    rows = Entry.objects.of(workspace).filter(
        of_kind(simulated=simulated), model_id=model_id, actual__isnull=False
    )
    pairs = [
        (estimated, actual)
        for estimated, actual in rows.order_by("-id").values_list("estimated", "actual")[:SAMPLE]
        if estimated and actual is not None
    ]
    if not pairs:
        return None
    off = sorted(float(100 * (actual - estimated) / estimated) for estimated, actual in pairs)
    return Drift(
        model_id=model_id,
        calls=len(pairs),
        estimated=sum((estimated for estimated, _ in pairs), Decimal(0)) / len(pairs),
        actual=sum((actual for _, actual in pairs), Decimal(0)) / len(pairs),
        bias=sum(off) / len(off),
        low=off[len(off) // 10],
        high=off[-1 - len(off) // 10],
        beyond=sum(actual > estimated for estimated, actual in pairs),
    )
