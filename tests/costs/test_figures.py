"""The sums of any span of days are those of its entries, whether they come from days or from whole months."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.costs import figures, ledger
from playground.costs.charts import chart_of
from playground.costs.figures import Breakdown, Span
from tests.costs.bills import facts, lost

BEGIN, DAYS = date(2026, 1, 20), 100


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture
def spent(workspace) -> dict[date, Decimal]:
    """What was spent on every third day, each day another amount."""
    found = {BEGIN + timedelta(days=number): Decimal(number) / 1000 for number in range(3, DAYS, 3)}
    for day, amount in found.items():
        ledger.record(facts(workspace, sent_at=moment(day), estimated=amount, actual=amount))
    return found


@pytest.mark.django_db
class TestASpan:
    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(first=st.integers(0, DAYS), days=st.integers(0, DAYS))
    def test_adds_up_to_its_days(self, workspace, spent, first, days):
        span = Span(BEGIN + timedelta(days=first), BEGIN + timedelta(days=first + days))
        within = {day: amount for day, amount in spent.items() if span.first <= day <= span.last}
        whole = Breakdown(workspace, span, simulated=False).whole
        assert (whole.amount, whole.calls) == (sum(within.values()), len(within))

        for by_month in (True, False):
            found = figures.by_day_and_model(workspace, span, simulated=False, by_month=by_month)
            assert sum(sum(parts.values()) for parts in found.values()) == whole.amount
            chart = chart_of(found, span, ["gpt-image-2-all"], width=1120, height=250)
            assert sum(bar.amount for bar in chart.bars) == whole.amount
            assert all(0 <= block.y <= chart.base and block.height > 0 for block in chart.blocks)

    def test_of_no_days_is_nothing(self, workspace, spent):
        whole = Breakdown(workspace, Span(date(2020, 1, 1), date(2020, 1, 1)), simulated=False).whole
        assert (whole.calls, whole.amount, whole.per_picture, whole.per_kept) == (0, 0, None, None)


@pytest.mark.django_db
def test_a_share_tells_what_a_picture_cost_with_those_that_failed(workspace):
    ledger.record(facts(workspace, sent_at=moment(BEGIN)))
    ledger.record(lost(workspace, sent_at=moment(BEGIN)))
    share = Breakdown(workspace, Span(BEGIN, BEGIN), simulated=False).by("model_id")[0]
    assert (share.pictures, share.per_picture, share.in_vain, share.in_vain_amount, share.unknown) == (
        1, Decimal("0.06"), 1, Decimal("0.03"), Decimal("0.03")
    )  # fmt: skip
