"""One call, and what the rows say of it afterwards. A call whose outcome is not known is never sent twice."""

import uuid
from decimal import Decimal

import pytest

from playground.runs import services
from playground.runs.models import Attempt, State
from playground.runs.work import carry_out
from tests.factories import ALL, OFFICIAL, VIP, arrivals, queued

Outcome = Attempt.Outcome


def carried_out(workspace, hands, prompt, model=ALL, **parameters):
    generation = queued(workspace, model, prompt=f"A tea tin {prompt}", **parameters)
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


class TestAPicture:
    @pytest.mark.parametrize(
        ("model", "parameters"),
        [
            (ALL, {"shape": "16:9"}),
            (VIP, {"size": "2048x1152"}),
            (OFFICIAL, {"size": "1024x1024", "quality": "low"}),
        ],
    )
    def test_it_is_kept_measured_and_priced(self, hands, workspace, provider, model, parameters):
        generation = carried_out(workspace, hands, "[[sim: plain]]", model, **parameters)

        output, attempt = generation.outputs.get(), generation.attempts.get()
        assert (generation.state, generation.billed, generation.failure) == (State.SUCCEEDED, "yes", "")
        assert (attempt.outcome, attempt.billed, attempt.status) == (Outcome.ANSWERED, "yes", 200)
        assert attempt.request_id
        assert generation.cost == attempt.cost
        assert generation.cost == Decimal(provider.calls()["calls"][0]["usd"])
        assert generation.seconds == attempt.done_seconds >= attempt.first_byte_seconds
        assert str(output.size) == generation.size_asked or not generation.size_asked
        assert output.thumbnails
        assert output.placeholder.startswith("data:image/webp;base64,")

    def test_nothing_is_left_where_it_arrived(self, hands, workspace):
        carried_out(workspace, hands, "[[sim: plain]]")
        assert arrivals() == []

    def test_the_call_is_written_down_before_it_is_sent(self, hands, workspace, gateway, monkeypatch):
        generation = queued(workspace)
        seen = {}
        send = gateway.send

        def look_first(*args, **options):
            seen.update(generation.attempts.values("outcome", "billed", "cost_at_most").get())
            return send(*args, **options)

        monkeypatch.setattr(gateway, "send", look_first)
        carry_out(generation.pk, hands)

        assert seen == {"outcome": "sent", "billed": "unknown", "cost_at_most": Decimal("0.03")}

    def test_a_picture_in_another_size_is_kept_and_says_so(self, hands, workspace):
        generation = carried_out(workspace, hands, "[[sim: plain, size 512x384]]", VIP, size="2048x1152")

        output = generation.outputs.get()
        assert (str(output.size), output.missed_size) == ("512x384", True)

    def test_bytes_that_promise_more_than_they_hold_are_kept_without_thumbnails(
        self, hands, workspace, provider
    ):
        """The answer was paid for: whatever came is there to be looked at."""
        generation = carried_out(workspace, hands, "[[sim: garbage]]")

        attempt = generation.attempts.get()
        assert (generation.state, generation.failure) == (State.FAILED, "not_a_picture")
        assert (generation.billed, attempt.outcome) == ("unknown", Outcome.USELESS)
        assert len(arrivals()) == 2  # the attempt's folder, and what came in it


UNKNOWN = {
    "hang": "timed_out",
    "reset": "connection_broken",
    "close": "connection_broken",
    "cut 50%": "connection_broken",
    "504": "gateway_timeout",
    "524": "gateway_timeout",
    "502": "unreadable_answer",  # a page of a proxy says nothing about the provider
    "badjson": "unreadable_answer",
    "html": "unreadable_answer",
}
REFUSED = {
    "moderation": "moderation",
    "451": "moderation",
    "401": "bad_key",
    "403": "forbidden",
    "key-type": "wrong_key_type",
    "404": "wrong_address",
    "413": "too_large",
    "balance": "balance",
}
USELESS = {"empty": "no_image", "garbage": "not_a_picture"}


class TestAFailure:
    @pytest.mark.parametrize("fault", UNKNOWN)
    def test_whose_outcome_is_unknown_may_have_been_billed_and_is_sent_once(
        self, hands, workspace, provider, impatient, fault
    ):
        generation = carried_out(workspace, hands, f"[[sim: {fault}, plain]]")

        attempt = generation.attempts.get()
        assert (generation.state, generation.billed) == (State.FAILED, "unknown")
        assert (attempt.outcome, attempt.billed, attempt.cost) == (Outcome.UNKNOWN, "unknown", None)
        assert attempt.cost_at_most == Decimal("0.03")
        assert generation.failure == attempt.error == UNKNOWN[fault]
        assert provider.calls()["total"] == 1

    @pytest.mark.parametrize("fault", REFUSED)
    def test_that_the_provider_named_is_free_and_final(self, hands, workspace, provider, fault):
        generation = carried_out(workspace, hands, f"[[sim: {fault}]]")

        attempt = generation.attempts.get()
        assert (generation.state, generation.billed, generation.cost) == (State.FAILED, "no", None)
        assert (attempt.outcome, attempt.billed, attempt.cost) == (Outcome.REFUSED, "no", None)
        assert generation.failure == attempt.error == REFUSED[fault]
        assert attempt.status == provider.calls()["calls"][0]["status"]
        assert provider.calls()["total"] == 1
        assert arrivals() == []

    @pytest.mark.parametrize("fault", USELESS)
    def test_that_looks_like_success_may_have_been_billed(self, hands, workspace, provider, fault):
        generation = carried_out(workspace, hands, f"[[sim: {fault}]]")

        attempt = generation.attempts.get()
        assert (generation.state, generation.billed) == (State.FAILED, "unknown")
        assert (attempt.outcome, attempt.status) == (Outcome.USELESS, 200)
        assert generation.failure == attempt.error == USELESS[fault]
        assert provider.calls()["total"] == 1

    def test_in_words_is_a_result_of_its_own_and_was_billed(self, hands, workspace, provider):
        generation = carried_out(workspace, hands, "[[sim: text]]")

        attempt = generation.attempts.get()
        assert (generation.state, generation.billed, generation.cost) == (State.WORDS, "yes", Decimal("0.03"))
        assert (attempt.outcome, attempt.billed, attempt.cost) == (Outcome.ANSWERED, "yes", Decimal("0.03"))
        assert generation.words and not generation.failure and not attempt.error
        assert (provider.calls()["total"], arrivals()) == (1, [])

    def test_in_words_is_asked_for_as_a_picture_by_one_press(self, hands, workspace, provider):
        generation = carried_out(workspace, hands, "[[sim: text]]", shape="16:9")
        again = services.retry(generation)
        carry_out(again.pk, hands)

        sent = provider.calls()["calls"][-1]["prompt"]
        assert sent == again.prompt_sent == "Generate image: Landscape 16:9, A tea tin [[sim: text]]"
        assert services.another(again, uuid.uuid4()).prompt_sent == again.prompt_sent
        assert generation.prompt_sent == "Landscape 16:9, A tea tin [[sim: text]]"

    def test_before_anything_was_sent_is_free(self, hands, workspace, provider):
        """Our own check refuses it: no socket is opened."""
        generation = queued(workspace, VIP, size="2048x1152")
        type(generation).objects.update(parameters={"size": "2049x1152"})
        carry_out(generation.pk, hands)

        attempt = generation.attempts.get()
        assert (attempt.outcome, attempt.billed, attempt.error) == (Outcome.NOT_SENT, "no", "invalid_request")
        assert provider.calls()["total"] == 0


class TestNotSent:
    """What speaks against sending is found before the claim: nothing is written but the reason, and it is free."""

    def test_a_full_disk(self, hands, workspace, provider, settings):
        settings.MIN_FREE_BYTES = 2**62
        self.assert_refused(carried_out(workspace, hands, ""), "disk_full", provider)

    def test_another_connection_than_it_was_asked_for(self, hands, workspace, provider):
        generation = queued(workspace)
        type(generation).objects.update(simulated=False)
        carry_out(generation.pk, hands)
        generation.refresh_from_db()
        self.assert_refused(generation, "connection_changed", provider)

    def test_a_model_that_left_the_catalog(self, hands, workspace, provider):
        generation = queued(workspace)
        type(generation).objects.update(model_id="gpt-image-0")
        carry_out(generation.pk, hands)
        generation.refresh_from_db()
        self.assert_refused(generation, "model_gone", provider)

    def assert_refused(self, generation, failure, provider):
        assert (generation.state, generation.failure, generation.billed) == (State.FAILED, failure, "no")
        assert not generation.attempts.exists()
        assert provider.calls()["total"] == 0


class TestHarmless:
    def test_a_second_wake_up(self, hands, workspace, provider):
        generation = carried_out(workspace, hands, "[[sim: plain]]")
        carry_out(generation.pk, hands)
        assert (provider.calls()["total"], generation.attempts.count()) == (1, 1)

    def test_a_wake_up_while_it_is_running(self, hands, workspace, provider):
        from tests.factories import running

        generation, _ = running(workspace, hands.worker)
        carry_out(generation.pk, hands)
        assert (provider.calls()["total"], generation.attempts.count()) == (0, 1)

    def test_a_wake_up_for_a_row_that_is_gone(self, hands, provider):
        carry_out(12345, hands)
        assert provider.calls()["total"] == 0

    def test_a_wake_up_for_a_cancelled_one(self, hands, workspace, provider):
        from playground.runs import states

        generation = queued(workspace)
        assert states.cancel(generation)
        carry_out(generation.pk, hands)
        assert provider.calls()["total"] == 0
