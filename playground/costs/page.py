"""All that the Costs page shows, asked for only where it is shown."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from playground import catalog
from playground.accounts.models import Connection, User, Workspace
from playground.costs import budgets, figures
from playground.costs.budgets import Balance
from playground.costs.charts import LONGEST, Chart, chart_of
from playground.costs.drift import Drift, drifts
from playground.costs.elsewhere import Month, month_elsewhere
from playground.costs.figures import Breakdown, Share, Span, Sums
from playground.costs.kept import kept_by_model
from playground.costs.models import Entry, of_kind
from playground.costs.periods import Period
from playground.costs.wording import NO_ACCOUNT, NO_CONNECTION, mode_name

LATEST = 20
UNSETTLED = 10
PHONE_BARS = 14


class CostsPage:
    """The money of a workspace in a span of days; real, or simulated, never both."""

    def __init__(self, workspace: Workspace, span: Span, *, today: date, simulated: bool) -> None:
        self.workspace, self.span, self.today, self.simulated = workspace, span, today, simulated

    @cached_property
    def sums(self) -> Sums:
        return figures.sums_of(self.workspace, self.today, simulated=self.simulated)

    @cached_property
    def balances(self) -> list[Balance]:
        return budgets.balances(self.workspace, today=self.today)

    def _whole(self, period: str) -> Balance | None:
        """The budget of the whole workspace for this period; the simulator has none."""
        found = (one for one in self.balances if one.budget.is_of_everybody and one.budget.period == period)
        return None if self.simulated else next(found, None)

    @property
    def day(self) -> Balance | None:
        return self._whole(Period.DAY)

    @property
    def month_budget(self) -> Balance | None:
        return self._whole(Period.MONTH)

    @cached_property
    def held(self) -> Decimal:
        """What pictures that are queued or on their way may still cost."""
        return Decimal(0) if self.simulated else budgets.held(self.workspace)

    @cached_property
    def breakdown(self) -> Breakdown:
        return Breakdown(self.workspace, self.span, simulated=self.simulated)

    @cached_property
    def whole(self) -> Share:
        return self.breakdown.whole

    @cached_property
    def models(self) -> list[tuple[str, Share]]:
        shares = self.breakdown.by("model_id")
        kept = kept_by_model(self.workspace, self.span, simulated=self.simulated)
        for share in shares:
            share.kept = kept.get(share.key, 0)
        return [(model_name(share.key), share) for share in shares]

    @cached_property
    def modes(self) -> list[tuple[str, Share]]:
        return [(mode_name(share.key), share) for share in self.breakdown.by("mode")]

    @cached_property
    def people(self) -> list[tuple[str, Share]]:
        shares = self.breakdown.by("person")
        names = {one.pk: one.get_username() for one in User.objects.filter(pk__in=[s.key for s in shares])}
        return [(names.get(share.key) or str(NO_ACCOUNT), share) for share in shares]

    @cached_property
    def connections(self) -> list[tuple[str, Share]]:
        shares = self.breakdown.by("connection")
        names = dict(Connection.objects.of(self.workspace).values_list("pk", "name"))
        return [(names.get(share.key) or str(NO_CONNECTION), share) for share in shares]

    # -- Day by day ----------------------------------------------------------------------------------------------

    @cached_property
    def _days(self) -> dict[date, dict[str, Decimal]]:
        return figures.by_day_and_model(
            self.workspace, self.span, simulated=self.simulated, by_month=self.span.days > LONGEST
        )

    @cached_property
    def chart(self) -> Chart:
        return self._chart(self.span, width=1120, height=250)

    @cached_property
    def phone_chart(self) -> Chart:
        """The latest days only: more would be no more than hairs."""
        is_long = self.span.days > PHONE_BARS and not self.chart.by_month
        first = self.span.last - timedelta(days=PHONE_BARS - 1) if is_long else self.span.first
        return self._chart(Span(first, self.span.last), width=358, height=196)

    def _chart(self, span: Span, *, width: int, height: int) -> Chart:
        days = {day: parts for day, parts in self._days.items() if span.first <= day <= span.last}
        limit = self.day.budget.limit if self.day else None
        return chart_of(days, span, self._order, limit=limit, width=width, height=height)

    @cached_property
    def _order(self) -> list[str]:
        """The models as the catalog has them, so that each keeps its look; then those that it has no more."""
        known = [model.id for model in catalog.default().models]
        found = {share.key for _name, share in self.models}
        return [one for one in known if one in found] + sorted(found.difference(known))

    # -- What is known of it -------------------------------------------------------------------------------------

    @cached_property
    def drifts(self) -> list[tuple[str, Drift]]:
        found = drifts(self.workspace, self._order, simulated=self.simulated)
        return [(model_name(one.model_id), one) for one in found]

    @cached_property
    def elsewhere(self) -> Month:
        month = self.span.last.replace(day=1)
        return month_elsewhere(self.workspace, month, simulated=self.simulated, on=self.today)

    @cached_property
    def unsettled(self) -> Sequence[Entry]:
        return [] if self.simulated else list(Entry.objects.of(self.workspace).unsettled()[:UNSETTLED])

    @cached_property
    def latest(self) -> Sequence[Entry]:
        return list(
            Entry.objects.of(self.workspace)
            .filter(of_kind(simulated=self.simulated))
            .order_by("-id")[:LATEST]
        )

    @property
    def is_empty(self) -> bool:
        return not self.latest


def model_name(model_id: str) -> str:
    """As people know it; the id of one that the catalog has no more."""
    try:
        return catalog.default().get(model_id).label
    except catalog.UnknownModelError:
        return model_id
