"""Whose picture is next: a run of five hundred starves nobody, and no account is asked faster than it may be."""

import pytest
from django.db import connection

from playground.runs import order, queue, states
from playground.runs.models import Generation, State
from playground.runs.order import Pace, choose, waiting
from playground.runs.worker import CallWorker
from tests.factories import claim, queued, run, worker_row
from tests.factories import connection as way
from tests.runs.processes import until
from tests.runs.test_queue import all_ended

QUICK = Pace(1000)


def next_of(*held: int) -> Generation | None:
    pk, _seconds = choose(QUICK, held)
    return Generation.objects.select_related("run").get(pk=pk) if pk else None


@pytest.mark.django_db
class TestTheOrder:
    def test_of_one_run_is_that_of_its_pictures(self, workspace):
        frames = list(run(workspace, variants=3).generations.all())
        assert next_of() == frames[0]
        assert next_of(frames[0].pk) == frames[1]

    def test_between_runs_goes_to_the_one_with_the_fewest_calls_under_way(self, workspace):
        large, small = run(workspace, variants=8), run(workspace, variants=2)
        worker, taken = worker_row(), []
        for _ in range(5):
            chosen = next_of()
            claim(chosen, worker)
            taken.append(chosen.run_id)
        assert taken == [large.pk, small.pk, large.pk, small.pk, large.pk]

    def test_leaves_out_what_is_in_a_pause(self, workspace):
        first, second = run(workspace), run(workspace)
        states.pause(first)
        assert next_of().run == second
        states.pause(second)
        assert next_of() is None

    def test_is_asked_of_the_index_of_what_is_unfinished(self, workspace):
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL scans a table this small")
        run(workspace)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + order._WAITING.format(held=""))
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "generation_unfinished" in plan


class TestThePace:
    def test_allows_so_many_in_a_minute_and_says_when_the_next_may_begin(self):
        pace = Pace(2)
        pace.begin(7, now=100.0)
        pace.begin(7, now=110.0)
        assert pace.wait(7, now=120.0) == 40.0
        assert pace.wait(7, now=160.0) == 0.0

    def test_is_kept_for_each_connection(self):
        pace = Pace(1)
        pace.begin(7, now=100.0)
        assert pace.wait(8, now=100.0) == 0.0

    @pytest.mark.django_db
    def test_holds_back_what_is_paid_and_nothing_that_is_simulated(self, workspace, settings):
        pretended = queued(workspace)
        settings.SIMULATED = False
        way(workspace)
        run(workspace, variants=3)
        pace, held = Pace(1), set()
        while (found := choose(pace, held))[0]:
            held.add(found[0])
        assert len(held) == 2
        assert pretended.pk in held
        assert 0 < found[1] <= 60

    @pytest.mark.django_db(transaction=True)
    def test_makes_a_worker_wait_and_then_go_on(
        self, workspace, paid_provider, any_queue, settings, monkeypatch
    ):
        settings.CALLS_PER_MINUTE = 2
        monkeypatch.setattr(order, "MINUTE", 1.5)
        worker = CallWorker(4)
        try:
            run(workspace, variants=5)
            worker.take_if_free()
            until("the first two", lambda: paid_provider.calls()["total"] == 2)
            assert Generation.objects.filter(state=State.QUEUED).count() == 3
            until("the others", all_ended)
            assert paid_provider.calls()["total"] == 5
        finally:
            worker.stop()


@pytest.mark.django_db(transaction=True)
class TestASlot:
    @pytest.fixture
    def worker(self, provider, monkeypatch):
        working = CallWorker(2)
        monkeypatch.setattr(queue, "_takers", [working.take])
        yield working
        working.stop()

    def test_goes_on_with_whatever_waits_after_one_wake_up(self, workspace, any_queue, worker, provider):
        run(workspace, variants=6)
        worker.take_if_free()
        until("the pictures", all_ended)
        assert provider.calls()["total"] == 6

    def test_leaves_one_alone_that_an_accident_interrupted_and_does_the_others(
        self, workspace, any_queue, worker, provider, monkeypatch, caplog
    ):
        from playground.runs import work

        broken, *others = run(workspace, variants=3).generations.all()
        claim_it = work._claim

        def stumbles(generation_id, hands):
            if generation_id == broken.pk:
                raise RuntimeError("a disk that fails")
            return claim_it(generation_id, hands)

        monkeypatch.setattr(work, "_claim", stumbles)
        worker.take_if_free()
        until("the others", lambda: Generation.objects.filter(state=State.SUCCEEDED).count() == len(others))
        broken.refresh_from_db()
        assert broken.state == State.QUEUED
        assert f"Generation {broken.pk} was interrupted." in caplog.text


@pytest.mark.django_db
def test_what_waits_is_found_quickly_among_five_hundred(workspace):
    from tests.runs.test_pausing import many

    many(workspace, 500)
    assert len(waiting()) == 1  # one row for a run, however many it has
