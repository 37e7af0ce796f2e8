"""What is asked by itself when a channel fails: what the owner wrote down, after what was free, never twice."""

from decimal import Decimal

import pytest

from playground.accounts.models import Chain, Workspace
from playground.gateway import ErrorKind
from playground.runs import chain, services, states, sweep
from playground.runs.models import Generation, State
from playground.runs.work import carry_out
from tests.factories import ALL, OFFICIAL, VIP, answered_no, connection, queued, run, running, worker_row

pytestmark = pytest.mark.django_db
DEAD = {"pid": 2**22 + 1}  # no process can have this number
CHANNEL = {
    "cannot_connect",
    "unknown_model",
    "wrong_key_type",
    "forbidden",
    "balance",
    "busy",
    "upstream_error",
}


@pytest.fixture
def owner(workspace):
    """Writes the chain down."""

    def write(*models, most="0.03"):
        return Chain.objects.create(workspace=workspace, model_ids=list(models), most=Decimal(most))

    return write


def end(generation, failure="busy", billed="no"):
    """A worker takes the frame, and its call ends so."""
    frame = answered_no(generation, failure, billed=billed)
    chain.fail(frame, failure, billed=billed)
    return frame


def failed(workspace, failure="busy", model=ALL, billed="no", **options):
    return end(queued(workspace, model, **options), failure, billed)


def asked(generation):
    """The models of the run's frames in their order, with an asterisk where nobody pressed."""
    frames = generation.run.generations.order_by("position")
    return [frame.model_id + "*" * frame.by_chain for frame in frames]


def newest(generation):
    return generation.run.generations.select_related("run").order_by("position").last()


class TestAFailure:
    def test_without_a_chain_asks_nobody(self, workspace):
        assert asked(failed(workspace)) == [ALL]

    def test_asks_the_first_model_that_can_do_it(self, workspace, owner):
        owner("gone-since", OFFICIAL, VIP)
        old = failed(workspace, shape="16:9")
        new = newest(old)
        assert (new.model_id, new.label, new.retry_of, new.state) == (VIP, "1B", old, State.QUEUED)
        assert (new.by_chain, new.estimate_high) == (True, Decimal("0.03"))

    @pytest.mark.parametrize("kind", [kind.value for kind in ErrorKind])
    def test_of_the_channel_is_told_from_one_of_the_request_or_of_this_machine(self, workspace, owner, kind):
        owner(VIP)
        assert asked(failed(workspace, kind)) == ([ALL, f"{VIP}*"] if kind in CHANNEL else [ALL])

    @pytest.mark.parametrize("billed", ["unknown", "yes"])
    def test_that_may_have_been_billed_asks_nobody(self, workspace, owner, billed):
        owner(VIP, most="1")
        assert asked(failed(workspace, billed=billed)) == [ALL]

    def test_asks_each_model_once_for_a_picture(self, workspace, owner):
        owner(ALL, VIP, OFFICIAL, most="1")
        old = failed(workspace)
        end(newest(old))
        end(newest(old))
        assert asked(old) == [ALL, f"{VIP}*", f"{OFFICIAL}*"]

    def test_never_asks_again_what_a_person_has_asked_before(self, workspace, owner):
        owner(VIP)
        old = failed(workspace, "moderation", VIP)
        end(services.retry(old))
        assert asked(old) == [VIP, VIP]

    def test_said_twice_asks_once(self, workspace, owner):
        owner(VIP, OFFICIAL, most="1")
        old = failed(workspace)
        assert chain.fail(old, "busy") is False
        assert asked(old) == [ALL, f"{VIP}*"]

    def test_that_a_person_was_quicker_to_mend_asks_nobody(self, workspace, owner):
        """Its worker was called lost, a person asked again, and only then the worker heard that it was refused."""
        owner(VIP)
        old = answered_no(queued(workspace))
        states.lose(old)
        services.retry(Generation.objects.get(pk=old.pk))
        assert chain.fail(old, "busy")
        assert asked(old) == [ALL, ALL]

    def test_is_written_down_even_where_the_chain_stumbles(self, workspace, owner, settings):
        owner(VIP)
        old = answered_no(queued(workspace))
        settings.UNFINISHED_LIMIT = 0
        assert chain.fail(old, "busy")
        assert asked(old) == [ALL]


class TestTheLimit:
    def test_is_never_passed(self, workspace, owner):
        owner(VIP, most="0.029999")
        assert asked(failed(workspace)) == [ALL]

    def test_lets_a_cheaper_model_further_down_take_over(self, workspace, owner):
        owner(OFFICIAL, VIP)
        assert asked(failed(workspace)) == [ALL, f"{VIP}*"]

    def test_counts_every_try_that_may_have_been_billed(self, workspace, owner):
        chained = owner(VIP, most="0.05")
        old = failed(workspace, "timed_out", billed="unknown")
        end(services.retry(old))
        assert asked(old) == [ALL, ALL]

        Chain.objects.filter(pk=chained.pk).update(most=Decimal("0.06"))
        end(services.retry(newest(old)))
        assert asked(old) == [ALL, ALL, ALL, f"{VIP}*"]

    def test_is_compared_with_what_this_workspace_pays(self, workspace, owner, settings):
        settings.SIMULATED = False
        connection(workspace, stored_multiplier=Decimal("1.2"))
        limit = owner(VIP, most="0.035")
        assert asked(failed(workspace)) == [ALL]
        Chain.objects.filter(pk=limit.pk).update(most=Decimal("0.036"))
        assert asked(failed(workspace)) == [ALL, f"{VIP}*"]


class TestWhatIsNotWanted:
    def test_a_run_in_which_somebody_cancelled_asks_nobody(self, workspace, owner):
        owner(VIP)
        first, second = run(workspace, ALL, variants=2).generations.select_related("run")
        states.cancel(second)
        assert asked(end(first)) == [ALL, ALL]

    def test_nor_does_a_frame_that_somebody_stopped_watching(self, workspace, owner):
        owner(VIP)
        old = answered_no(queued(workspace))
        states.watch(Generation.objects.select_related("run").get(pk=old.pk), False)
        chain.fail(old, "busy")
        assert asked(old) == [ALL]

    def test_nor_a_question_of_the_doctor(self, workspace, owner):
        owner(VIP)
        old = queued(workspace)
        Generation.objects.update(question="all.n")
        assert asked(end(Generation.objects.select_related("run").get(pk=old.pk))) == [ALL]

    def test_what_was_simulated_is_not_bought(self, workspace, owner):
        owner(VIP)
        old = answered_no(queued(workspace))
        connection(workspace)
        chain.fail(old, "busy")
        assert asked(old) == [ALL]

    def test_nor_a_purchase_simulated(self, workspace, owner, settings):
        owner(VIP)
        row = connection(workspace)
        old = answered_no(queued(workspace))
        row.delete()
        chain.fail(old, "busy")
        assert asked(old) == [ALL]

    def test_a_strangers_chain_is_nobody_elses(self, workspace, charlie):
        elsewhere = Workspace.objects.get(slug="elsewhere")
        Chain.objects.create(workspace=elsewhere, model_ids=[VIP], most=1)
        assert asked(failed(workspace)) == [ALL]


class TestOverHttp:
    def test_the_next_model_draws_what_a_busy_one_refused(self, hands, workspace, provider, owner):
        """After its own tries; without anybody at the page."""
        owner(VIP, OFFICIAL, most="1")
        provider.arm("429", count=4, model=ALL)
        old = queued(workspace)
        carry_out(old.pk, hands)
        carry_out(newest(old).pk, hands)

        assert list(old.run.generations.values_list("model_id", "state")) == [
            (ALL, "failed"),
            (VIP, "succeeded"),
        ]
        assert [call["model"] for call in provider.calls()["calls"]] == [ALL] * 4 + [VIP]

    @pytest.mark.parametrize("fault", ["moderation", "cut 50%", "504"])
    def test_nobody_is_asked_after_a_verdict_or_where_it_may_have_been_billed(
        self, hands, workspace, provider, owner, fault
    ):
        owner(VIP)
        old = queued(workspace, prompt=f"A tin [[sim: {fault}, plain]]")
        carry_out(old.pk, hands)
        assert (asked(old), provider.calls()["total"]) == ([ALL], 1)


class TestAWorkerThatDied:
    def test_between_the_refusal_and_the_failure_leaves_the_rest_to_the_sweep(self, workspace, owner):
        owner(VIP, OFFICIAL, most="1")
        old = answered_no(queued(workspace), worker=worker_row(**DEAD))
        for _ in range(2):
            sweep.settle_lost(worker_row(), in_flight=())
        assert asked(old) == [ALL, f"{VIP}*"]

    def test_with_the_call_on_its_way_asks_nobody(self, workspace, owner):
        owner(VIP)
        old, _attempt = running(workspace, worker_row(**DEAD))
        sweep.settle_lost(worker_row(), in_flight=())
        assert asked(old) == [ALL]
