"""Whoever claims first sends the call; nobody else does, however many try at the same moment."""

import pytest
from django.db import IntegrityError, connection

from playground.runs import states
from playground.runs.models import Attempt, Generation, State
from playground.runs.work import carry_out
from tests import factories
from tests.factories import queued, running, way_of, worker_row
from tests.runs.threads import at_once

CLAIMERS = 6


def claim(generation, worker):
    copy = Generation.objects.select_related("run").get(pk=generation.pk)
    return factories.claim(copy, worker)


@pytest.mark.django_db(transaction=True)
class TestTheClaim:
    def test_one_of_many_claimers_wins(self, workspace):
        workers = [worker_row() for _ in range(CLAIMERS)]
        for generation in [queued(workspace) for _ in range(5)]:
            attempts = at_once([lambda w=worker, g=generation: claim(g, w) for worker in workers])

            won = [attempt for attempt in attempts if attempt is not None]
            generation.refresh_from_db()
            assert len(won) == generation.attempts.count() == 1
            assert generation.worker == workers[attempts.index(won[0])]

    def test_the_attempt_is_committed_with_it(self, workspace):
        """From this moment a crash means: may have been billed."""
        generation, attempt = running(workspace, worker_row())

        assert not connection.in_atomic_block
        written = Attempt.objects.get(pk=attempt.pk)
        assert (written.outcome, written.billed, written.number) == ("sent", "unknown", 1)
        assert written.cost_at_most == generation.estimate_high
        assert written.simulated is True

    def test_a_claim_and_a_cancel_at_the_same_moment_have_one_winner(self, workspace):
        worker = worker_row()
        for generation in [queued(workspace) for _ in range(8)]:
            copy = Generation.objects.select_related("run").get(pk=generation.pk)
            attempt, cancelled = at_once(
                [lambda g=generation: claim(g, worker), lambda c=copy: states.cancel(c)]
            )

            generation.refresh_from_db()
            assert (attempt is not None) is not cancelled
            assert generation.state == (State.CANCELLED if cancelled else State.RUNNING)
            assert generation.attempts.count() == (0 if cancelled else 1)

    def test_many_wake_ups_at_once_send_one_call(self, hands, workspace, provider):
        generation = queued(workspace)
        at_once([lambda: carry_out(generation.pk, hands)] * CLAIMERS)
        assert provider.calls()["total"] == 1


@pytest.mark.django_db
class TestASecondAttempt:
    """The database itself refuses to write down a second call where the first may have cost money."""

    @pytest.mark.parametrize(
        ("outcome", "billed"), [("sent", "unknown"), ("unknown", "unknown"), ("answered", "yes")]
    )
    def test_it_cannot_be_written_after_one_that_may_have_cost_money(self, workspace, outcome, billed):
        worker = worker_row()
        generation, attempt = running(workspace, worker)
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=outcome, billed=billed, finished_at=attempt.sent_at
        )

        with pytest.raises(IntegrityError):
            states.begin_attempt(generation, worker, *way_of(generation))

    def test_it_is_written_after_one_that_was_free(self, workspace):
        worker = worker_row()
        generation, attempt = running(workspace, worker)
        Attempt.objects.filter(pk=attempt.pk).update(
            billed="no", outcome="refused", finished_at=attempt.sent_at
        )

        second = states.begin_attempt(generation, worker, *way_of(generation))
        assert (second.number, second.outcome, second.billed) == (2, "sent", "unknown")

    def test_a_worker_that_lost_the_generation_begins_none(self, workspace):
        generation, _ = running(workspace, worker_row())
        assert states.begin_attempt(generation, worker_row(), *way_of(generation)) is None
        states.lose(generation)
        assert states.begin_attempt(generation, generation.worker, *way_of(generation)) is None
        assert generation.attempts.count() == 1
