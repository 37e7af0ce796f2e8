"""The periods of budgets: whole, without gaps, by the installation's own clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.costs.periods import BEGINNING, Period, day_of, end_of, renewal_of, start_of

DAYS = st.dates(date(2001, 1, 1), date(2100, 1, 1))


@given(day=DAYS, period=st.sampled_from([Period.DAY, Period.MONTH]))
def test_each_day_lies_in_one_period_and_the_next_one_follows_at_once(day, period):
    first, last = start_of(period, day), end_of(period, day)
    assert first <= day <= last
    assert (start_of(period, first), start_of(period, last)) == (first, first)
    assert renewal_of(period, day) == last + timedelta(days=1) == start_of(period, last + timedelta(days=1))


@given(day=DAYS)
def test_in_all_never_ends(day):
    assert (start_of(Period.ALL, day), end_of(Period.ALL, day), renewal_of(Period.ALL, day)) == (
        BEGINNING, None, None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 31), ("America/New_York", 31), ("Asia/Shanghai", 1), ("Pacific/Apia", 1)]
)
def test_a_day_is_the_installations_own(settings, zone, day):
    settings.TIME_ZONE = zone
    assert day_of(datetime(2026, 10, 31, 23, 59, tzinfo=UTC)).day == day
