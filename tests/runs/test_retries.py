"""What the machine tries again by itself: only calls that were certainly free, each as a row of its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from playground.runs.models import Attempt, Generation, State
from playground.runs.work import carry_out
from tests.factories import ALL, queued

NOBODY = "http://127.0.0.1:9"  # nothing listens there


def carried_out(workspace, hands, prompt="[[sim: plain, size 96x64]]"):
    generation = queued(workspace, ALL, prompt=f"A tea tin {prompt}")
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


def told(generation, *fields):
    return list(generation.attempts.values_list(*fields))


class TestAnUpstreamError:
    def test_two_are_forgiven(self, hands, workspace, provider, patience):
        generation = carried_out(workspace, hands, "[[sim: 503 x2, plain, size 96x64]]")

        assert generation.state == State.SUCCEEDED
        assert told(generation, "number", "outcome", "billed", "status") == [
            (1, "refused", "no", 503), (2, "refused", "no", 503), (3, "answered", "yes", 200),
        ]  # fmt: skip
        assert (provider.calls()["total"], provider.calls()["billed"]) == (3, 1)
        assert 2 <= patience.waited[0] <= 2.5
        assert 4 <= patience.waited[1] <= 5

    def test_three_are_final_and_free(self, hands, workspace, provider):
        generation = carried_out(workspace, hands, "[[sim: 503]]")

        assert (generation.state, generation.failure) == (State.FAILED, "upstream_error")
        assert (generation.billed, generation.cost) == ("no", None)
        assert provider.calls()["total"] == generation.attempts.count() == 3

    def test_a_free_failure_before_an_unknown_one_ends_it(self, hands, workspace, provider, impatient):
        generation = carried_out(workspace, hands, "[[sim: 503 x1, reset]]")

        assert told(generation, "outcome", "billed") == [("refused", "no"), ("unknown", "unknown")]
        assert (generation.failure, generation.billed) == ("connection_broken", "unknown")
        assert provider.calls()["total"] == 2


class TestABusyChannel:
    def test_it_waits_as_long_as_it_was_told(self, hands, workspace, patience):
        generation = carried_out(workspace, hands, "[[sim: 429 retry-after 7 x1, plain, size 96x64]]")

        assert generation.state == State.SUCCEEDED
        assert told(generation, "status", "error") == [(429, "busy"), (200, "")]
        assert 7 <= patience.waited[0] <= 9

    def test_the_page_can_say_when_the_next_try_comes(self, hands, workspace, patience):
        seen = []
        patience.meanwhile = lambda: seen.append(Generation.objects.get())
        before = timezone.now()
        generation = carried_out(workspace, hands, "[[sim: 429 retry-after 7 x1, plain, size 96x64]]")

        assert seen[0].state == State.RUNNING
        assert seen[0].waiting_until >= before + timedelta(seconds=7)
        assert generation.waiting_until is None

    def test_it_gives_up_after_four_tries(self, hands, workspace, provider):
        generation = carried_out(workspace, hands, "[[sim: 429]]")
        assert (generation.failure, generation.billed) == ("busy", "no")
        assert provider.calls()["total"] == 4

    def test_a_used_up_balance_is_not_busy(self, hands, workspace, provider):
        assert carried_out(workspace, hands, "[[sim: balance]]").failure == "balance"
        assert provider.calls()["total"] == 1


class TestAnAddressThatDoesNotAnswer:
    @pytest.fixture
    def two_addresses(self, paid_provider, settings):
        settings.APIYI_BASE_URL = (NOBODY, paid_provider.base_url)
        return paid_provider

    def test_the_next_one_is_taken_at_once(self, hands, workspace, two_addresses, patience):
        generation = carried_out(workspace, hands)

        assert generation.state == State.SUCCEEDED
        assert told(generation, "outcome", "base_url") == [
            ("not_sent", NOBODY), ("answered", two_addresses.base_url),
        ]  # fmt: skip
        assert patience.waited == []

    def test_none_at_all_is_free(self, hands, workspace, settings, two_addresses):
        settings.APIYI_BASE_URL = (NOBODY,)
        generation = carried_out(workspace, hands)

        assert (generation.failure, generation.billed) == ("cannot_connect", "no")
        assert set(told(generation, "outcome", "billed")) == {("not_sent", "no")}


class TestStoppingBetweenTwoTries:
    def test_it_goes_back_to_the_queue(self, hands, workspace, provider, patience):
        """All its attempts were free, so nothing can be paid twice."""
        patience.meanwhile = patience.set
        generation = carried_out(workspace, hands, "[[sim: 503 x1, plain, size 96x64]]")

        assert (generation.state, generation.worker, generation.waiting_until) == (State.QUEUED, None, None)
        assert provider.calls()["total"] == 1

    def test_and_the_next_worker_goes_on(self, hands, workspace, provider, patience):
        patience.meanwhile = patience.set
        generation = carried_out(workspace, hands, "[[sim: 503 x1, plain, size 96x64]]")
        patience.meanwhile = patience.clear
        patience.clear()
        carry_out(generation.pk, hands)

        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED
        assert told(generation, "number", "outcome") == [(1, "refused"), (2, "answered")]

    def test_it_never_goes_back_where_a_call_may_have_been_billed(self, workspace, provider):
        from playground.runs import states
        from tests.factories import running, worker_row

        worker = worker_row()
        generation, attempt = running(workspace, worker)
        assert states.release(generation, worker) is False
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome="answered", billed="yes", finished_at=attempt.sent_at
        )
        assert states.release(generation, worker) is False
        generation.refresh_from_db()
        assert generation.state == State.RUNNING

    def test_swept_away_meanwhile_it_is_not_sent_again(self, hands, workspace, provider, patience):
        """Its lease ran out while it waited: the row says lost, so no second call."""
        from playground.runs import states

        patience.meanwhile = lambda: states.lose(Generation.objects.select_related("run").get())
        generation = carried_out(workspace, hands, "[[sim: 503 x1, plain, size 96x64]]")

        assert (generation.state, generation.failure, generation.billed) == (
            State.FAILED,
            "worker_lost",
            "no",
        )
        assert provider.calls()["total"] == 1
