"""The real thing: workers as processes, killed and stopped while calls are in flight. Nothing is ever paid twice."""

import signal
from collections import Counter
from decimal import Decimal

import pytest

from playground.accounts.models import Chain
from playground.runs.models import Attempt, Generation, State, Worker
from playground.runs.queue import wake_worker
from tests.factories import ALL, VIP, queued
from tests.runs.processes import until, workers

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = "[[sim: plain, size 96x64, fast]]"


@pytest.fixture
def start(provider, scaled_queue):
    with workers(provider.base_url, **scaled_queue) as start_worker:
        yield start_worker


def prompts(provider) -> Counter:
    return Counter(call["prompt"] for call in provider.calls(limit=1000)["calls"])


def states_of() -> Counter:
    return Counter(Generation.objects.values_list("state", flat=True))


def all_ended() -> bool:
    return not Generation.objects.unfinished().exists()


class TestKilled:
    def test_with_fifty_calls_in_flight_none_is_sent_twice(self, workspace, provider, start):
        for number in range(50):
            queued(workspace, prompt=f"Picture {number} [[sim: hang]]")
        first = start(calls=50)
        until("fifty calls in flight", lambda: provider.calls()["in_flight"] == 50)
        for number in range(50, 60):
            queued(workspace, prompt=f"Picture {number} {QUICK}")
        first.kill()
        assert states_of() == {State.RUNNING: 50, State.QUEUED: 10}

        start(calls=50)
        until("every frame to end", all_ended)
        assert states_of() == {State.FAILED: 50, State.SUCCEEDED: 10}
        failed = Generation.objects.filter(state=State.FAILED)
        assert set(failed.values_list("failure", "billed")) == {("worker_lost", "unknown")}
        sent = prompts(provider)
        assert (len(sent), set(sent.values())) == (60, {1})
        assert Attempt.objects.count() == 60

    def test_a_newer_worker_takes_nothing_that_a_living_one_holds(self, workspace, provider, start):
        start()
        held = queued(workspace, prompt="Held [[sim: slow 4s, plain, size 96x64]]")
        until("the held call", lambda: provider.calls()["in_flight"] == 1)
        start()
        until("the newer worker", lambda: Worker.objects.count() == 2)
        until("the held frame to end", all_ended)

        held.refresh_from_db()
        assert held.state == State.SUCCEEDED
        assert provider.calls()["total"] == 1

    def test_while_it_waited_for_a_busy_channel_the_chain_goes_on(self, workspace, provider, start):
        """Nothing was billed and nothing lost: the next worker finds the refusal, and asks the next model once."""
        Chain.objects.create(workspace=workspace, model_ids=[VIP], most=Decimal("0.03"))
        provider.arm("429 retry-after 50", model=ALL)
        busy = queued(workspace, ALL, prompt=f"Busy {QUICK}")
        first = start()
        until("the wait", Generation.objects.exclude(waiting_until=None).exists)
        first.kill()
        start()
        until("every frame to end", all_ended)

        frames = busy.run.generations.values_list("model_id", "state", "failure", "by_chain")
        assert list(frames) == [(ALL, "failed", "busy", False), (VIP, "succeeded", "", True)]
        assert [call["model"] for call in provider.calls()["calls"]] == [ALL, VIP]


class TestTwoWorkers:
    def test_woken_for_the_same_frames_send_each_once(self, workspace, provider, start):
        start()
        start()
        ids = [queued(workspace, prompt=f"Picture {number} {QUICK}").pk for number in range(20)]
        wake_worker(ids)
        wake_worker(ids[::-1])
        until("every frame to end", all_ended)

        assert states_of() == {State.SUCCEEDED: 20}
        assert set(prompts(provider).values()) == {1}
        assert Generation.objects.values("worker").distinct().count() <= 2


class TestStopped:
    def test_it_waits_for_its_calls_and_leaves_the_rest_to_the_next(self, workspace, provider, start):
        worker = start(calls=2)
        for number in range(5):
            queued(workspace, prompt=f"Picture {number} [[sim: slow 2s, plain, size 96x64]]")
        until("two calls in flight", lambda: provider.calls()["in_flight"] == 2)
        worker.signal(signal.SIGTERM)

        assert worker.ended() == 0, worker.printed
        assert states_of() == {State.SUCCEEDED: 2, State.QUEUED: 3}
        assert provider.calls()["total"] == 2
        assert Worker.objects.get().stopped_at is not None
        assert "Traceback" not in worker.printed

        start()
        until("every frame to end", all_ended)
        assert states_of() == {State.SUCCEEDED: 5}
        assert set(prompts(provider).values()) == {1}

    def test_idle_it_ends_within_moments(self, start):
        worker = start()
        until("its row", Worker.objects.exists)
        worker.signal(signal.SIGTERM)
        assert worker.ended() == 0

    @pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
    def test_a_second_signal_ends_it_at_once_and_the_rows_tell_the_truth(
        self, workspace, provider, start, first
    ):
        worker = start()
        lost = queued(workspace, prompt="Lost [[sim: hang]]")
        until("a call in flight", lambda: provider.calls()["in_flight"] == 1)
        worker.signal(first)
        worker.says("Waiting for 1 calls in flight")
        worker.signal(signal.SIGTERM)
        assert worker.process.wait(30) != 0  # the call would hang for minutes

        start()
        until("the frame to end", all_ended)
        lost.refresh_from_db()
        assert (lost.failure, lost.billed) == ("worker_lost", "unknown")
        assert provider.calls()["total"] == 1
