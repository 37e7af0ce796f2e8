"""Pause, go on, stop: no call more, none twice, and the money comes back to the cent."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground import catalog
from playground.costs.budgets import OverBudgetError
from playground.costs.models import Budget, Entry, Hold, Use
from playground.runs import queries, services, states
from playground.runs.models import Generation, Run, State, Worker
from playground.runs.progress import progress_of
from playground.runs.services import MOST_PICTURES, Axes, Target
from playground.runs.worker import CallWorker
from tests.factories import ALL, claim, worker_row
from tests.factories import connection as way
from tests.factories import run as small_run
from tests.runs.processes import until, workers
from tests.runs.test_kill_worker import all_ended, prompts, states_of
from tests.runs.threads import at_once

QUICK = "[[sim: plain, size 96x64, fast]]"
LASTING = "[[sim: slow 3s, plain, size 96x64]]"


def many(workspace, count: int, ending: str = QUICK) -> Run:
    """A run of so many prompts."""
    model = catalog.default().get(ALL)
    targets = [
        Target(model, {}, prompt=f"Picture {number} {ending}", place=str(number)) for number in range(count)
    ]
    axes = Axes([{"kind": "words", "name": "number", "values": [str(number) for number in range(count)]}], {})
    return services.start_run(
        workspace,
        person=None,
        prompt="Picture {0|1}",
        targets=targets,
        submission_key=uuid.uuid4(),
        axes=axes,
    )[0]


def budget(workspace, limit: str) -> Budget:
    return Budget.objects.create(workspace=workspace, period="day", limit=Decimal(limit))


def used(row: Budget) -> tuple[Decimal, Decimal]:
    return Use.objects.values_list("spent", "reserved").get(budget=row)


@pytest.mark.django_db
class TestAPause:
    def test_lets_nothing_be_claimed_until_it_ends(self, workspace):
        run = small_run(workspace)
        frame = run.generations.select_related("run").get()
        assert services.pause_run(run)
        assert claim(frame, worker_row()) is None
        assert services.go_on(run)
        assert claim(frame, worker_row()) is not None

    def test_is_one_however_often_it_is_pressed(self, workspace):
        run = small_run(workspace)
        elsewhere = Run.objects.get(pk=run.pk)  # another tab
        assert [states.pause(run), states.pause(elsewhere)] == [True, False]
        assert [states.go_on(elsewhere), states.go_on(run)] == [True, False]

    def test_of_what_has_nothing_waiting_is_none(self, workspace):
        run = small_run(workspace)
        claim(run.generations.select_related("run").get(), worker_row())
        assert not services.pause_run(run)
        run.refresh_from_db()
        assert run.paused_at is None

    def test_is_heard_of_by_open_pages(self, workspace):
        run = small_run(workspace)
        before, _ = queries.pulse(workspace)
        services.pause_run(run)
        assert queries.pulse(workspace)[0] > before
        assert queries.changed_runs(workspace, before) == [run]

    def test_is_asked_about_in_the_claim_itself(self, workspace):
        """One UPDATE of the row with its state in the condition: two workers can't both win, on any database."""
        frame = small_run(workspace).generations.select_related("run").get()
        with CaptureQueriesContext(connection) as seen:
            claim(frame, worker_row())
        [update] = [
            one["sql"] for one in seen if '"worker_id" = ' in one["sql"] and one["sql"].startswith("UPDATE")
        ]
        assert "NOT (EXISTS(SELECT" in update
        assert update.count('"runs_generation"."state" IN') == 1
        assert 'FROM "runs_generation"' not in update

    def test_keeps_what_is_held_of_a_budget(self, workspace, settings):
        settings.SIMULATED = False
        way(workspace)
        daily = budget(workspace, "1.00")
        run = many(workspace, 30)
        services.pause_run(run)
        assert used(daily) == (0, Decimal("0.90"))
        with pytest.raises(OverBudgetError):
            many(workspace, 4)


@pytest.mark.django_db
class TestAStop:
    def test_cancels_what_waits_and_gives_back_exactly_what_it_held(self, workspace, settings):
        settings.SIMULATED = False
        way(workspace)
        daily = budget(workspace, "20")
        run = many(workspace, 120)
        first = run.generations.select_related("run").first()
        claim(first, worker_row())
        assert used(daily) == (0, Decimal("3.60"))

        assert services.cancel_run(run) == 119
        assert services.cancel_run(run) == 0
        assert states_of() == {State.RUNNING: 1, State.CANCELLED: 119}
        assert used(daily) == (0, Decimal("0.03"))
        assert Hold.objects.filter(held__gt=0).count() == 1

    def test_ends_a_pause(self, workspace):
        run = many(workspace, 3)
        services.pause_run(run)
        services.cancel_run(run)
        run.refresh_from_db()
        assert run.paused_at is None


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_two_stops_cancel_each_picture_once(self, workspace, settings):
        settings.SIMULATED = False
        way(workspace)
        daily = budget(workspace, "20")
        run = many(workspace, 60)
        assert sum(at_once([lambda: services.cancel_run(run)] * 4)) == 60
        assert used(daily) == (0, 0)

    def test_a_pause_and_claims_leave_each_frame_either_running_or_waiting(self, workspace):
        run = many(workspace, 12)
        frames, worker = list(run.generations.select_related("run")), worker_row()
        won = at_once(
            [*(lambda one=frame: claim(one, worker) for frame in frames), lambda: states.pause(run)]
        )
        running = sum(attempt is not None for attempt in won[:-1])
        assert states_of().get(State.RUNNING, 0) == running
        assert not any(claim(frame, worker) for frame in frames)

    def test_runs_of_many_never_pass_a_budget_by_a_cent(self, workspace, settings):
        settings.SIMULATED = False
        way(workspace)
        daily = budget(workspace, "1.00")

        def try_to_start() -> bool:
            try:
                return bool(many(workspace, 10))
            except OverBudgetError:
                return False

        assert (
            sum(at_once([try_to_start] * 12)) == 3
        )  # thirty pictures at three cents; a fourth run does not fit
        assert used(daily) == (0, Decimal("0.90"))
        assert Generation.objects.count() == Hold.objects.count() == 30


@pytest.mark.django_db
class TestSendingWhatFailedAgain:
    @pytest.mark.parametrize("count", [3, 60])
    def test_keeps_every_prompt_and_place_and_asks_as_little_for_sixty_as_for_three(self, workspace, count):
        run = many(workspace, count)
        run.generations.update(state=State.FAILED, failure="busy", finished_at=timezone.now())
        with CaptureQueriesContext(connection) as seen:
            assert services.retry_free(run) == count
        assert len(seen) < 30
        again = run.generations.filter(retry_of__isnull=False).order_by("position")
        assert [(one.own_prompt, one.place) for one in again] == [
            (one.own_prompt, one.place) for one in run.generations.filter(retry_of=None)
        ]
        assert len(set(run.generations.values_list("letter", "variant"))) == 2 * count
        assert services.retry_free(run) == 0


@pytest.mark.django_db
def test_more_than_fit_one_run_are_refused(workspace):
    with pytest.raises(services.TooManyError):
        many(workspace, MOST_PICTURES + 1)
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_a_large_run_leaves_room_for_others(workspace):
    many(workspace, MOST_PICTURES)
    assert many(workspace, 20)


@pytest.mark.django_db(transaction=True)
class TestWithWorkers:
    def test_a_pause_in_the_middle_survives_a_killed_worker(self, workspace, provider, scaled_queue):
        run = many(workspace, 20, LASTING)
        with workers(provider.base_url, **scaled_queue) as start:
            first = start(calls=4)
            until("four calls", lambda: provider.calls()["in_flight"] == 4)
            services.pause_run(run)
            until("these to end", lambda: not Generation.objects.filter(state=State.RUNNING).exists())
            sent = provider.calls()["total"]
            first.kill()

            start(calls=4)
            until("the next worker", lambda: Worker.objects.count() == 2)
            quick = small_run(workspace, prompt=f"Another run {QUICK}")
            until("the other run", lambda: not quick.generations.unfinished().exists())
            assert provider.calls()["total"] == sent + 1
            assert states_of()[State.QUEUED] == 20 - sent

            services.go_on(run)
            until("every frame to end", all_ended)
        assert set(prompts(provider).values()) == {1}
        assert provider.calls()["total"] == 21

    def test_a_matrix_goes_through_and_every_cent_is_the_providers(self, workspace, paid_provider, any_queue):
        daily = budget(workspace, "1.50")
        run = many(workspace, 50)
        worker = CallWorker(8)
        try:
            worker.take_if_free()
            until("some pictures", lambda: states_of()[State.SUCCEEDED] > 10)
            services.pause_run(run)
            until("a rest", lambda: not states_of()[State.RUNNING])
            services.go_on(run)
            worker.take_if_free()
            until("every frame to end", all_ended)
        finally:
            worker.stop()

        calls = paid_provider.calls(limit=1000)
        assert states_of() == {State.SUCCEEDED: 50}
        assert (calls["total"], set(prompts(paid_provider).values())) == (50, {1})
        total = sum(Entry.objects.values_list("change", flat=True))
        assert total == Decimal(str(calls["billed_usd"])) == Decimal("1.50")
        assert used(daily) == (Decimal("1.50"), 0)
        assert progress_of([run.pk])[run.pk].spent == Decimal("1.50")
