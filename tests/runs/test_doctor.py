"""The doctor finds what a provider does, and nothing else: over real HTTP, at providers with different habits."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from playground.catalog import Endpoint
from playground.gateway import build
from playground.runs import doctor, examining, queries, services, states, sweep
from playground.runs.asking import answer
from playground.runs.models import Attempt, Generation, Run, State
from playground.runs.questions import BY_ID, FINDINGS, QUESTIONS, Evidence
from playground.runs.work import carry_out
from tests.factories import ALL, OFFICIAL, VIP, claim, connection, queued, upload, worker_row
from tests.simulators import simulator_thread

USAGE_KEY, PER_CALL_KEY = "sk-usage-0123456789abcd", "sk-percall-0123456789ab"
# What the provider's founding pages say, which is what the simulator does when it is left alone.
FOUNDING = {
    ALL: {
        "default_form": "url", "size": "refused", "image[]": "taken", "image": "taken", "n": "refused",
        "prefix": "with",
    },
    VIP: {
        "default_form": "url", "link": "obeyed", "quality": "refused", "size": "obeyed", "off_list": "refused",
        "background": "refused", "output_format": "refused", "n": "refused", "prefix": "with",
    },
    OFFICIAL: {
        "key": "taken", "cached_tokens": "not_told", "stream": "obeyed", "background": "refused", "n": "refused",
    },
}  # fmt: skip
# Habits that came later, as many at once as do not hide each other, and what the doctor then says otherwise.
HABITS = {
    (
        "all-ignores-size", "plain-base64", "n-bills-n", "vip-accepts-quality", "vip-accepts-background",
        "vip-ignores-format", "vip-snaps-sizes", "official-ignores-stream", "usage-has-cached-tokens",
        "edits-want-plain-image",
    ): {
        ALL: {"size": "ignored", "prefix": "without", "n": "ignored", "image[]": "refused"},
        VIP: {
            "prefix": "without", "n": "ignored", "quality": "taken", "background": "obeyed",
            "output_format": "ignored", "off_list": "rewritten",
        },
        OFFICIAL: {"stream": "ignored", "cached_tokens": "told"},
    },
    (
        "all-accepts-size", "b64-by-default", "vip-ignores-response-format", "official-refuses-stream",
        "official-accepts-n", "official-accepts-transparent", "edits-want-image-brackets",
    ): {
        ALL: {"size": "obeyed", "default_form": "b64_json", "image": "refused"},
        VIP: {"default_form": "b64_json", "link": "ignored"},
        OFFICIAL: {"stream": "refused", "n": "obeyed", "background": "obeyed"},
    },
    ("both-forms", "vip-ignores-size"): {
        ALL: {"default_form": "both"},
        VIP: {"default_form": "both", "size": "ignored", "off_list": "rewritten"},
    },
}  # fmt: skip


def expected(changes):
    return {model: facts | changes.get(model, {}) for model, facts in FOUNDING.items()}


def examine(workspace, row, *questions):
    ids = questions or [question.id for question in QUESTIONS]
    run, _ = doctor.examine(workspace, row, person=None, questions=ids, submission_key=uuid.uuid4())
    return run


def examined(workspace, row, hands, *questions):
    """Put the questions and let a worker carry them out; what is known afterwards."""
    for generation in examine(workspace, row, *questions).generations.all():
        carry_out(generation.pk, hands)
    row.refresh_from_db()
    return {
        model: {name: fact["value"] for name, fact in facts.items()} for model, facts in row.switches.items()
    }


class TestItFinds:
    def test_what_the_founding_pages_say(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        assert examined(workspace, row, hands) == FOUNDING
        row.refresh_from_db()
        assert (row.key_type, bool(row.examined_at)) == ("usage-priority", True)

    @pytest.mark.parametrize("habits", HABITS, ids=lambda habits: habits[0])
    def test_exactly_the_habits_that_are_there(self, hands, workspace, habits):
        with simulator_thread(quirks=habits) as simulator:
            row = connection(workspace, "Main", simulator.base_url, key=simulator.key)
            assert examined(workspace, row, hands) == expected(HABITS[habits])

    @pytest.mark.parametrize(
        ("habit", "status"), [((), 403), (("key-type-is-401",), 401), (("key-type-is-400",), 400)]
    )
    def test_that_a_key_is_of_the_wrong_type_for_free(self, hands, workspace, habit, status):
        with simulator_thread(quirks=habit, key=USAGE_KEY, per_call_key=PER_CALL_KEY) as simulator:
            row = connection(workspace, "Main", simulator.base_url, key=PER_CALL_KEY)
            assert examined(workspace, row, hands, "official.key") == {OFFICIAL: {"key": "refused"}}
            assert simulator.calls()["billed"] == 0
        row.refresh_from_db()
        assert row.key_type == "per-call"
        assert row.found(OFFICIAL, "key")["status"] == status
        assert f"wrong type for it ({status})" in doctor.said_of(row, catalog_model(OFFICIAL), "key")

    def test_that_a_flat_price_wants_a_per_call_key(self, hands, workspace):
        with simulator_thread(quirks=("vip-wants-per-call-key",)) as simulator:
            row = connection(workspace, "Main", simulator.base_url, key=simulator.key)
            assert examined(workspace, row, hands, "vip.size") == {VIP: {"key": "refused"}}

    def test_nothing_where_the_provider_only_was_busy(self, hands, workspace, provider):
        provider.arm("429", count=50)
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        assert examined(workspace, row, hands, "all.form", "vip.size") == {}
        report = doctor.latest_report(row)
        assert all("Not settled" in each.said[0] for each in report.answers)

    def test_only_what_it_asked_anew(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        row.switches = {ALL: {"n": {"value": "ignored"}, "size": {"value": "obeyed"}}}
        row.save()
        assert examined(workspace, row, hands, "all.size")[ALL] == {"n": "ignored", "size": "refused"}


def catalog_model(name):
    from playground import catalog

    return catalog.default().get(name)


class TestItsCalls:
    """They are ordinary calls: recorded, charged, claimed once, swept."""

    def test_cost_what_was_said_at_most(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key, stored_multiplier="0.85")
        offers = doctor.offers_for(row)
        examined(workspace, row, hands)
        report = doctor.latest_report(row)
        spent = answer(queries.glance(workspace)).spent
        assert report.cost == spent <= sum(offer.price for offer in offers)
        assert abs(spent - Decimal("0.85") * Decimal(provider.calls()["billed_usd"])) < Decimal("0.00001")
        for attempt in Attempt.objects.all():
            assert attempt.simulated is False
            assert attempt.cost is None or attempt.cost <= attempt.cost_at_most

    def test_cost_about_fifteen_cents_when_nothing_is_chosen(self, workspace):
        usual = [offer.price for offer in doctor.offers_for(connection(workspace)) if offer.question.is_usual]
        assert Decimal("0.10") < sum(usual) < Decimal("0.20")

    def test_that_may_bill_twice_are_counted_twice(self, hands, workspace):
        with simulator_thread(quirks=("n-bills-n",)) as simulator:
            row = connection(workspace, "Main", simulator.base_url, key=simulator.key)
            examined(workspace, row, hands, "all.n")
            assert (
                Decimal(simulator.calls()["billed_usd"])
                == Decimal("0.06")
                == answer(queries.glance(workspace)).spent
            )

    def test_keep_their_pictures(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        examined(workspace, row, hands, "vip.size")
        assert str(Generation.objects.get().outputs.get().size) == "1280x720"

    def test_are_not_among_the_runs_of_the_studio(self, workspace):
        run = examine(workspace, connection(workspace), "all.size")
        assert queries.latest_runs(workspace) == []
        assert queries.changed_runs(workspace, 0) == []
        assert queries.changed_runs(workspace, 0, run.number) == [run]

    def test_are_put_once_for_a_double_click(self, workspace):
        row, key = connection(workspace), uuid.uuid4()
        for is_new in (True, False):
            answer = doctor.examine(workspace, row, person=None, questions=["all.size"], submission_key=key)
            assert answer[1] is is_new
        assert Run.objects.count() == 1

    def test_are_about_models_that_the_connection_serves(self, workspace):
        row = connection(workspace, served_models=[OFFICIAL])
        assert {offer.model.id for offer in doctor.offers_for(row)} == {OFFICIAL}
        with pytest.raises(ValueError):
            examine(workspace, row, "all.size")

    def test_go_through_this_connection_and_no_other(self, hands, workspace, provider):
        connection(workspace, "First", "http://127.0.0.1:9")
        row = connection(workspace, "Second", provider.base_url, key=provider.key)
        examined(workspace, row, hands, "all.size")
        assert Attempt.objects.get().connection == "Second"

    def test_are_asked_again_as_they_were(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        provider.arm("moderation", count=1)
        examined(workspace, row, hands, "vip.size")
        failed = Generation.objects.select_related("run").get()
        assert failed.state == State.FAILED
        again = services.retry(failed)
        carry_out(again.pk, hands)
        row.refresh_from_db()
        assert row.found(VIP, "size")["value"] == "obeyed"

    def test_that_a_worker_lost_settle_nothing(self, workspace):
        row = connection(workspace)
        examine(workspace, row, "all.size")
        generation = Generation.objects.select_related("run").get()
        worker = worker_row()
        claim(generation, worker)
        type(worker).objects.update(beat_at=timezone.now() - timedelta(hours=1), stopped_at=timezone.now())
        sweep.settle_lost(worker_row(), ())
        generation.refresh_from_db()
        row.refresh_from_db()
        assert (generation.failure, generation.billed, row.switches) == (states.WORKER_LOST, "unknown", {})


class TestWhatItFoundTakesEffect:
    def test_pictures_of_an_edit_are_called_as_the_provider_wants(self, hands, workspace):
        with simulator_thread(quirks=("edits-want-plain-image",)) as simulator:
            row = connection(workspace, "Main", simulator.base_url, key=simulator.key)
            picture = upload(workspace)
            for state in (State.FAILED, State.SUCCEEDED):
                edit = queued(workspace, VIP, references=[picture])
                carry_out(edit.pk, hands)
                edit.refresh_from_db()
                assert edit.state == state
                examined(workspace, row, hands, "all.brackets", "all.plain")

    def test_what_is_no_edit_is_asked_as_ever(self, workspace):
        row = connection(workspace)
        row.switches = {ALL: {"image[]": {"value": "refused"}, "image": {"value": "taken"}}}
        row.save()
        edit = queued(workspace, VIP, references=[upload(workspace)])
        assert examining.habits_of(edit) == {"image[]": "image"}
        assert examining.habits_of(queued(workspace, VIP)) == {}


class TestTheReport:
    def test_is_none_before_anything_was_asked(self, workspace):
        row = connection(workspace)
        queued(workspace)
        assert doctor.latest_report(row) is None

    def test_says_how_far_it_is(self, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        first, second = examine(workspace, row, "all.size", "vip.size").generations.all()
        carry_out(first.pk, hands)
        report = doctor.latest_report(row)
        assert (report.done, report.is_over) == (1, False)
        carry_out(second.pk, hands)
        report = doctor.latest_report(row)
        assert report.is_over
        assert [each.said[0] for each in report.answers] == [
            "A size in pixels is refused (400).", "A size in pixels is honoured.",
        ]  # fmt: skip

    def test_is_of_the_latest_examination(self, workspace):
        row = connection(workspace)
        examine(workspace, row, "all.size")
        run = examine(workspace, row, "vip.size")
        assert doctor.latest_report(row).run == run

    def test_says_why_nothing_was_sent(self, hands, workspace):
        row = connection(workspace)
        examine(workspace, row, "all.size")
        type(row).objects.update(is_enabled=False)
        carry_out(Generation.objects.get().pk, hands)
        assert "has been switched off" in doctor.latest_report(row).answers[0].said[0]


class TestTheQuestions:
    @pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
    def test_can_be_sent_although_the_catalog_would_refuse_them(self, question, tmp_path):
        from playground import catalog

        model = question.model_among(catalog.default().models)
        generation = Generation(
            run=Run(prompt="An apple"),
            question=question.id,
            parameters=dict(question.fields),
            model_id=model.id,
        )
        call = build(examining.request_for(generation, model, tmp_path))
        sent = {**call.json_body, **call.form}
        if question.endpoint is Endpoint.EDITS:
            assert [part.name for part in call.files] == [question.fields["image[]"]]
        else:
            assert question.fields.items() <= sent.items()
        assert not set(question.omit) & set(sent)

    def test_have_names_of_their_own(self):
        assert len(BY_ID) == len(QUESTIONS)

    @pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
    @pytest.mark.parametrize("error", ["", "refused_parameter", "busy", "wrong_key_type", "timed_out"])
    def test_mean_something_that_can_be_said(self, question, error):
        from playground.catalog import Size

        for form, alpha in (({"url"}, True), ({"b64_json", "url"}, False)):
            evidence = Evidence(
                asked=question.fields, error=error, status=200,
                pictures=() if error else ((Size(1536, 1024), "png", alpha),),
                forms=frozenset(form), is_prefixed=True, is_stream=alpha,
            )  # fmt: skip
            found = question.findings(evidence)
            assert found.items() <= FINDINGS.keys()
            assert not found or error in ("", "refused_parameter", "wrong_key_type")

    def test_every_finding_can_be_reached(self):
        reached = {
            ("default_form", "both"),
            ("size", "near"),
            ("off_list", "obeyed"),
            ("output_format", "obeyed"),
        }
        reached |= {("background", "ignored"), ("link", "refused"), ("quality", "taken"), ("key", "refused")}
        for facts in (FOUNDING, *HABITS.values()):
            reached |= {(name, value) for each in facts.values() for name, value in each.items()}
        assert reached == set(FINDINGS)
