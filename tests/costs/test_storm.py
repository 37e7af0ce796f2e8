"""Many at the same moment: a budget is used up to its last cent, and not by one cent more."""

from decimal import Decimal

import pytest

from playground.costs.budgets import OverBudgetError
from playground.costs.models import Hold
from tests.costs.bills import budget, end, reserve, used
from tests.runs.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def try_to_reserve(workspace):
    try:
        return reserve(workspace, "0.03")[0]
    except OverBudgetError:
        return None


def test_many_take_what_is_there_and_no_more(workspace):
    daily, monthly = budget(workspace, "1.00"), budget(workspace, "9", "month")
    started = at_once([lambda: try_to_reserve(workspace)] * 60)

    assert sum(picture is not None for picture in started) == 33
    assert used(daily) == used(monthly) == (0, Decimal("0.99"))
    assert Hold.objects.count() == 33


def test_what_ends_and_what_begins_at_the_same_moment_add_up(workspace):
    daily = budget(workspace, "0.50")
    pictures = reserve(workspace, *["0.03"] * 15)
    acts = [lambda one=picture: end(workspace, one, actual=Decimal("0.01")) for picture in pictures]
    started = at_once([*acts, *[lambda: try_to_reserve(workspace)] * 30])

    begun = sum(picture is not None for picture in started)
    assert used(daily) == (Decimal("0.15"), begun * Decimal("0.03"))
    assert sum(used(daily)) <= daily.limit
