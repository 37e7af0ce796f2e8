"""The same month on each of the channels: what its pictures would have cost there, by today's prices.

Every picture is priced in its own size and quality, or in the nearest that the channel has; where the channel has none,
its one price is taken. Prompts are not kept here, so their few tokens are left out.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from playground import catalog
from playground.accounts.connections import NoConnectionError, Routes, routes_of
from playground.accounts.models import Workspace
from playground.catalog import Model, Size
from playground.costs.models import Drawn, of_kind

CHANNELS = 3  # the catalog begins with them
ZERO = Decimal(0)


@dataclass(frozen=True)
class Elsewhere:
    """All of the month's pictures on one channel, least and most; `drawn` is how many of them really were there."""

    model: Model
    low: Decimal
    high: Decimal
    drawn: int

    @property
    def is_range(self) -> bool:
        return self.low != self.high


@dataclass(frozen=True)
class Month:
    """A month's pictures, what they cost, and what they would have cost on each channel."""

    first: date
    pictures: int
    amount: Decimal
    channels: list[Elsewhere]


def month_elsewhere(workspace: Workspace, first: date, *, simulated: bool, on: date) -> Month:
    rows = list(
        Drawn.objects.filter(of_kind(simulated=simulated), workspace=workspace, month=first, pictures__gt=0)
    )
    routes = routes_of(workspace)
    channels = (
        [_on(model, rows, routes, on) for model in catalog.default().offered(on)[:CHANNELS]] if rows else []
    )
    return Month(
        first,
        sum(row.pictures for row in rows),
        sum((row.amount for row in rows), ZERO),
        channels,
    )


def _on(model: Model, rows: list[Drawn], routes: Routes, on: date) -> Elsewhere:
    multiplier, low, high = _multiplier(model, routes), ZERO, ZERO
    by_token = model.price_on(on).per_call is None
    for row in rows:
        estimate = catalog.estimate(
            model,
            _asked(model, row) if by_token else {},
            prompt_tokens=0,
            references=row.references,
            on=on,
            multiplier=multiplier,
        )
        low, high = low + estimate.low * row.pictures, high + estimate.high * row.pictures
    return Elsewhere(model, low, high, sum(row.pictures for row in rows if row.model_id == model.id))


def _multiplier(model: Model, routes: Routes) -> Decimal:
    try:
        return routes.to(model).price_multiplier
    except NoConnectionError:
        return Decimal(1)


def _asked(model: Model, row: Drawn) -> dict[str, str]:
    """The size and quality of these pictures, as this model can be asked for them."""
    asked: dict[str, str] = {}
    if row.size:
        asked["size"] = str(catalog.nearest_size(model, Size.parse(row.size)))
    if row.quality in model.quality_factors:
        asked["quality"] = row.quality
    return asked
