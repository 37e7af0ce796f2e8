"""The queue only wakes a worker. Without it everything comes a little later, and nothing is lost or doubled."""

import sqlite3
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from playground.runs import queue
from playground.runs.models import Generation, State
from playground.runs.worker import CallWorker
from tests.factories import queued, run
from tests.runs.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(provider, monkeypatch):
    """A worker in this process; `deliver` hands it what the queue holds."""
    working = CallWorker(4)
    monkeypatch.setattr(queue, "_takers", [working.take])
    yield working
    working.stop()


def deliver() -> int:
    """Execute every wake-up that the queue holds; returns how many those were."""
    count = 0
    while (task := queue.huey.dequeue()) is not None:
        queue.huey.execute(task)
        count += 1
    return count


def forget_wake_ups() -> None:
    """As a flushed Redis or a deleted queue file does; time passes."""
    queue.huey.storage.flush_queue()
    Generation.objects.update(created_at=timezone.now() - timedelta(seconds=30))


def all_ended() -> bool:
    return not Generation.objects.unfinished().exists()


class TestAWakeUp:
    def test_comes_with_every_frame_of_a_run(self, workspace, any_queue):
        run(workspace, variants=3)
        assert len(queue.huey) == 3

    def test_starts_the_call(self, workspace, any_queue, worker, provider):
        generation = queued(workspace)
        assert deliver() == 1
        until("the picture", all_ended)
        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED

    def test_that_comes_twice_sends_one_call(self, workspace, any_queue, worker, provider):
        generation = queued(workspace)
        queue.wake_worker([generation.pk, generation.pk])
        assert deliver() == 3
        until("the picture", all_ended)
        assert provider.calls()["total"] == 1

    def test_is_sent_only_once_the_run_is_written(self, workspace, any_queue):
        from django.db import transaction

        with transaction.atomic():
            queued(workspace)
            assert len(queue.huey) == 0
        assert len(queue.huey) == 1

    def test_goes_back_when_the_worker_stops(self, workspace, any_queue, worker):
        queued(workspace)
        worker.stopping.set()
        task = queue.huey.dequeue()
        queue.huey.execute(task)
        assert len(queue.huey) == 1

    def test_is_not_repeated_by_the_queue_itself(self, workspace, any_queue, monkeypatch):
        """Huey retries nothing: a wake-up that failed is gone, and the sweep finds the row."""

        def fails(generation_id: int) -> None:
            raise RuntimeError("a worker with a bug")

        monkeypatch.setattr(queue, "_takers", [fails])
        queued(workspace)
        assert deliver() == 1
        assert len(queue.huey) == 0


class TestALostWakeUp:
    def test_is_made_up_for_by_the_sweep(self, workspace, any_queue, worker, provider):
        generations = [queued(workspace) for _ in range(3)]
        forget_wake_ups()
        worker.sweep()
        until("the pictures", all_ended)

        assert provider.calls()["total"] == len(generations)

    def test_of_more_than_there_are_slots_does_not_hold_up_the_sweep(
        self, workspace, any_queue, worker, provider
    ):
        for _ in range(6):
            queued(workspace, prompt="[[sim: slow 1s, plain, size 96x64]]")
        forget_wake_ups()
        worker.sweep()
        assert len(worker.in_flight) <= 4

        until("the pictures", lambda: worker.sweep() or all_ended())
        assert provider.calls()["total"] == 6


class TestAQueueThatIsAway:
    """The submission is accepted all the same: the row is the job."""

    def test_a_locked_file(self, workspace, settings, monkeypatch, tmp_path, caplog):
        storage = queue.SqliteHuey(
            "playground", filename=str(tmp_path / "queue.sqlite3"), timeout=0.1
        ).storage
        monkeypatch.setattr(queue.huey, "storage", storage)
        other = sqlite3.connect(tmp_path / "queue.sqlite3")
        other.execute("BEGIN EXCLUSIVE")
        generation = queued(workspace)
        other.close()

        assert generation.state == State.QUEUED
        assert "The queue could not be reached" in caplog.text
        storage.close()

    def test_a_redis_that_is_down(self, workspace, settings, monkeypatch, caplog):
        settings.REDIS_URL = "redis://127.0.0.1:9/0"
        monkeypatch.setattr(queue.huey, "storage", queue.open_queue().storage)
        generation = queued(workspace)

        assert generation.state == State.QUEUED
        assert "The queue could not be reached" in caplog.text


class TestAWorker:
    def test_takes_no_more_than_its_slots(self, workspace, any_queue, worker, provider):
        for _ in range(6):
            queued(workspace, prompt="[[sim: slow 1s, plain, size 96x64]]")
        delivering = threading.Thread(target=deliver)
        delivering.start()
        until("its slots to fill", lambda: provider.calls()["in_flight"] == 4)
        assert len(worker.in_flight) == 4
        delivering.join(30)
        until("the pictures", all_ended)

    def test_beats(self, workspace, worker):
        row = worker.hands.worker
        type(row).objects.update(beat_at=timezone.now() - timedelta(hours=1))
        worker.beat()
        row.refresh_from_db()
        assert row.beat_at > timezone.now() - timedelta(seconds=30)

    def test_says_that_it_ended(self, provider, transactional_db):
        ended = CallWorker(1)
        ended.stop()
        ended.hands.worker.refresh_from_db()
        assert ended.hands.worker.stopped_at is not None
