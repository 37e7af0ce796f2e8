"""Budgets and the ledger, as runs use them: reserved with the rows, settled with their end, equal to the bill."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from playground.costs import budgets
from playground.costs.budgets import OverBudgetError
from playground.costs.fields import DollarsField
from playground.costs.models import Entry, Hold, Total
from playground.runs import services, states, storage, sweep, work
from playground.runs.models import Generation, Run
from playground.runs.work import carry_out
from tests.costs.bills import budget, drawn, sums, sums_of_ledger, used
from tests.factories import OFFICIAL, PROMPT, VIP, answer, claim, queued, run, running, worker_row
from tests.runs.threads import at_once

FLAT = Decimal("0.03")


def ledger_total(**only) -> Decimal:
    total = Entry.objects.filter(**only).aggregate(sum=Sum("change", output_field=DollarsField()))["sum"]
    return total or Decimal(0)


@pytest.fixture
def daily(workspace, paid_provider):
    return budget(workspace, "0.10")


@pytest.mark.django_db
class TestARunOverBudget:
    def test_is_refused_before_anything_is_written(self, workspace, daily):
        with pytest.raises(OverBudgetError) as refused:
            run(workspace, variants=4)
        assert (refused.value.left, refused.value.asked) == (Decimal("0.10"), Decimal("0.12"))
        assert not Run.objects.exists() and not Hold.objects.exists()
        assert used(daily) == (0, 0)
        workspace.refresh_from_db()
        assert workspace.last_run_number == 0

    def test_is_not_started_by_one_more_either(self, workspace, daily):
        generation = run(workspace, variants=3).generations.first()
        with pytest.raises(OverBudgetError):
            services.another(generation, Run.objects.get().submission_key)
        assert Generation.objects.count() == 3

    def test_retries_all_of_its_frames_or_none(self, workspace, daily):
        frames = list(run(workspace, variants=3).generations.all())
        for frame in frames:
            states.refuse(frame, "disk_full")
        queued(workspace)
        with pytest.raises(OverBudgetError):
            services.retry_free(frames[0].run)
        assert Generation.objects.count() == 4

    def test_the_simulator_is_never_over_it(self, workspace):
        daily = budget(workspace, "0")
        run(workspace, VIP, variants=8)
        assert used(daily) == (0, 0)

    def test_whoever_asks_for_one_more_pays_for_it(self, workspace, paid_provider, alice, bob):
        hers, his = budget(workspace, "1", person=alice), budget(workspace, "1", person=bob)
        generation = run(workspace, person=alice).generations.get()
        services.another(generation, generation.run.submission_key, person=bob)
        assert (used(hers), used(his)) == ((0, FLAT), (0, FLAT))


@pytest.mark.django_db
class TestAReservation:
    """Lives as long as its row is queued or running."""

    def test_becomes_what_the_answer_cost(self, workspace, daily, settings):
        generation, attempt = running(workspace, worker_row(), OFFICIAL, size="1024x1024", quality="low")
        assert used(daily) == (0, generation.estimate_high)
        usage = {"input_tokens": 17, "output_tokens": 196, "input_tokens_details": {"text_tokens": 17}}
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), cost=usage))
        assert used(daily) == (attempt.cost, 0)

    def test_is_given_back_by_a_cancel_and_a_refusal(self, workspace, daily):
        states.cancel(queued(workspace))
        states.refuse(queued(workspace), "disk_full")
        assert used(daily) == (0, 0)
        assert not Entry.objects.exists()

    def test_outlives_a_worker_that_stops_between_two_tries(self, workspace, daily):
        worker = worker_row()
        generation, attempt = running(workspace, worker)
        attempt.generation.attempts.update(outcome="refused", billed="no", finished_at=attempt.sent_at)
        states.release(generation, worker)
        assert used(daily) == (0, FLAT)

    def test_of_a_killed_worker_ends_with_the_sweep_and_keeps_what_may_be_billed(self, workspace, daily):
        running(workspace, worker_row(pid=2**22 + 1))
        sweep.settle_lost(worker_row(), in_flight=())
        assert used(daily) == (FLAT, 0)
        assert Entry.objects.unsettled().get().counts == FLAT

    def test_is_corrected_by_an_answer_that_comes_after_all(self, workspace, daily):
        generation, attempt = running(workspace, worker_row(), OFFICIAL, size="1024x1024", quality="low")
        states.lose(generation)
        budgets.settle_by_bill(Entry.objects.unsettled().get(), billed=False)
        assert used(daily) == (0, 0)
        usage = {"input_tokens": 17, "output_tokens": 196, "input_tokens_details": {"text_tokens": 17}}
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), cost=usage))
        assert used(daily) == (attempt.cost, 0)
        assert ledger_total() == attempt.cost


@pytest.mark.django_db(transaction=True)
class TestTheBill:
    CALLS = ("[[sim: 503 x2]]", "[[sim: moderation]]", "[[sim: cut 50%]]", "", "")

    def test_is_the_ledgers_total(self, workspace, hands, paid_provider):
        daily = budget(workspace, "2")
        for words in self.CALLS:
            for model in (VIP, OFFICIAL):
                fields = {"size": "1024x1024", "quality": "low"} if model == OFFICIAL else {}
                carry_out(queued(workspace, model, prompt=f"{PROMPT} {words}", **fields).pk, hands)

        bill = Decimal(paid_provider.calls()["billed_usd"])
        assert ledger_total(billed="yes") < bill <= ledger_total()  # what may have been billed counts at most
        lines = {
            line["model"]: line["usd"]
            for line in paid_provider.calls(limit=100)["calls"]
            if "cut" in line["prompt"]
        }
        for entry in Entry.objects.unsettled():  # as a person does who looks at the bill
            budgets.settle_by_bill(entry, billed=True, amount=Decimal(lines[entry.model_id]))
        assert ledger_total() == bill
        assert used(daily) == (ledger_total(), 0)
        assert sums() == sums_of_ledger()
        assert Entry.objects.filter(why="call").count() == paid_provider.calls()["total"]
        assert sum(pictures for pictures, _amount in drawn().values()) == 6

    def test_of_the_simulator_is_kept_apart(self, workspace, hands):
        carry_out(queued(workspace).pk, hands)
        assert ledger_total(simulated=False) == 0
        assert Total.objects.get(grain="day").simulated is True

    def test_two_hundred_submissions_at_once_never_pass_a_budget(self, workspace, paid_provider):
        daily = budget(workspace, "1.00")

        def submit():
            try:
                return run(workspace)
            except OverBudgetError:
                return None

        started = [one for one in at_once([submit] * 200) if one]
        assert len(started) == Run.objects.count() == Generation.objects.count() == 33
        assert used(daily) == (0, Decimal("0.99"))

    def test_workers_that_are_killed_meanwhile_leak_nothing(self, workspace, paid_provider):
        daily = budget(workspace, "0.60")
        dead, alive = worker_row(pid=2**22 + 1), worker_row()
        for generation in [queued(workspace) for _ in range(12)]:
            claim(generation, dead)

        def submit():
            try:
                return states.cancel(queued(workspace))
            except OverBudgetError:
                return None

        at_once([lambda: sweep.settle_lost(alive, in_flight=()), *[submit] * 24])
        assert used(daily) == (12 * FLAT, 0)
        assert ledger_total() == 12 * FLAT
