"""Budgets: what may be spent is reserved first, what was not spent comes back, and the limit is never passed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.costs import budgets
from playground.costs.budgets import OverBudgetError
from playground.costs.models import Budget, Entry, Hold, Use
from tests.costs.bills import budget, end, lost, open_holds, reserve, undone, used
from tests.factories import connection

pytestmark = pytest.mark.django_db


def dollars(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


class TestReserving:
    def test_goes_up_to_the_last_cent_and_no_further(self, workspace):
        """In binary fractions ten times 0.03 is more than 0.30."""
        daily = budget(workspace, "0.30")
        for _ in range(10):
            reserve(workspace, "0.03")
        assert used(daily) == dollars("0", "0.30")
        with pytest.raises(OverBudgetError):
            reserve(workspace, "0.000001")

    def test_refuses_the_whole_of_what_does_not_fit(self, workspace):
        daily = budget(workspace, "0.10")
        with pytest.raises(OverBudgetError) as refused:
            reserve(workspace, "0.03", "0.03", "0.05")
        assert (refused.value.left, refused.value.asked) == dollars("0.10", "0.11")
        assert used(daily) == dollars("0", "0")
        assert not Hold.objects.exists()

    def test_takes_nothing_of_one_budget_where_another_refuses(self, workspace):
        wide, narrow = budget(workspace, "5"), budget(workspace, "0.05", "month")
        with pytest.raises(OverBudgetError) as refused:
            reserve(workspace, "0.06")
        assert refused.value.budget == narrow
        assert used(wide) == dollars("0", "0")

    def test_counts_for_whom_and_through_what_it_is(self, workspace, alice, bob):
        row = connection(workspace)
        hers, through = budget(workspace, "1", person=alice), budget(workspace, "1", connection=row)
        reserve(workspace, "0.03", person=alice.pk)
        reserve(workspace, "0.04", person=bob.pk, connection=row.pk)
        assert used(hers) == dollars("0", "0.03")
        assert used(through) == dollars("0", "0.04")

    def test_is_of_one_workspace(self, workspace, charlie):
        daily = budget(workspace, "0.03")
        reserve(charlie.workspaces.get(), "5")
        assert used(daily) == dollars("0", "0")

    def test_says_which_budget_what_is_left_and_what_it_would_cost(self, workspace, alice):
        budget(workspace, "0.10", "month", person=alice)
        with pytest.raises(OverBudgetError) as refused:
            reserve(workspace, "0.1234", person=alice.pk)
        with override("en"):
            assert str(refused.value) == (
                "The budget of $0.10 a month for alice does not allow it: $0.100 is left, and this may cost $0.124. "
                "Nothing was started."
            )


class TestSettling:
    def test_spends_what_it_cost_and_gives_back_the_rest(self, workspace):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.05")
        end(workspace, picture, actual=Decimal("0.041"))
        assert used(daily) == dollars("0.041", "0")
        assert open_holds() == 0

    def test_keeps_what_may_have_been_billed(self, workspace):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.05")
        end(workspace, picture, billed="unknown", actual=None, estimated=Decimal("0.05"))
        assert used(daily) == dollars("0.05", "0")

    def test_of_what_was_never_sent_gives_all_back(self, workspace):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.05")
        budgets.settle(picture)
        assert used(daily) == dollars("0", "0")

    def test_twice_changes_nothing(self, workspace):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.05")
        end(workspace, picture)
        budgets.settle(picture)
        assert used(daily) == dollars("0.03", "0")

    def test_by_the_bill_gives_back_what_was_not_on_it(self, workspace, alice):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.03")
        end(workspace, picture, billed="unknown", actual=None)
        entry = budgets.settle_by_bill(Entry.objects.unsettled().get(), billed=False, person=alice.pk)
        assert (entry.billed, used(daily)) == ("no", dollars("0", "0"))

    def test_counts_in_the_period_in_which_it_was_asked_for(self, workspace):
        daily, monthly = budget(workspace, "1"), budget(workspace, "9", "all")
        (picture,) = reserve(workspace, "0.05")
        yesterday = timezone.localdate() - timedelta(days=1)
        Hold.objects.update(day=yesterday)
        Use.objects.filter(budget=daily).update(start=yesterday)
        end(workspace, picture)
        assert used(daily) == used(monthly) == dollars("0.03", "0")

    def test_nothing_of_the_simulator_is_held(self, workspace):
        daily = budget(workspace, "1")
        end(workspace, lost(workspace).picture, simulated=True)
        assert used(daily) == dollars("0", "0")


class TestANewLimit:
    def test_counts_what_was_spent_and_reserved_before_it(self, workspace):
        (spent, _open) = reserve(workspace, "0.05", "0.07")
        end(workspace, spent)
        assert used(budget(workspace, "1")) == dollars("0.03", "0.07")

    def test_counts_only_what_is_its_own(self, workspace, alice):
        row = connection(workspace)
        reserve(workspace, "0.05", person=alice.pk)
        reserve(workspace, "0.07", connection=row.pk)
        assert used(budget(workspace, "1", person=alice)) == dollars("0", "0.05")
        assert used(budget(workspace, "1", connection=row)) == dollars("0", "0.07")

    def test_below_what_is_spent_stops_everything(self, workspace):
        daily = budget(workspace, "1")
        reserve(workspace, "0.05")
        daily.limit = Decimal("0.02")
        budgets.set_budget(daily)
        with pytest.raises(OverBudgetError) as refused:
            reserve(workspace, "0.001")
        assert refused.value.left == Decimal("-0.03")
        (balance,) = budgets.balances(workspace)
        assert (balance.left, balance.percent, balance.warns) == (0, 100, True)

    def test_warns_at_its_share(self, workspace):
        daily = budget(workspace, "0.10")
        reserve(workspace, "0.079999")
        assert not budgets.balances(workspace)[0].warns
        reserve(workspace, "0.000001")
        (balance,) = budgets.balances(workspace)
        assert (balance.budget, balance.warns, balance.percent) == (daily, True, 80)


class TestWhateverHappens:
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_no_limit_is_passed_and_every_budget_is_the_sum_of_its_holds(self, workspace, alice, data):
        with undone():
            prices = st.decimals("0.000001", "0.2", places=6)
            budget(workspace, "0.5"), budget(workspace, "0.3", "month", person=alice)
            waiting: list[tuple[int, Decimal]] = []
            for _step in range(data.draw(st.integers(1, 12))):
                if waiting and data.draw(st.booleans()):
                    picture, most = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
                    cost = data.draw(st.decimals(0, most, places=6))
                    end(workspace, picture, actual=cost, estimated=most)
                    continue
                price = data.draw(prices)
                try:
                    person = data.draw(st.sampled_from([0, alice.pk]))
                    waiting += [(picture, price) for picture in reserve(workspace, str(price), person=person)]
                except OverBudgetError:
                    continue
            for each in Budget.objects.in_order():
                holds = budgets._holds_of(each, timezone.localdate())
                assert used(each) == (
                    sum((hold.spent for hold in holds), Decimal(0)),
                    sum((hold.held for hold in holds), Decimal(0)),
                )
                assert sum(used(each)) <= each.limit
