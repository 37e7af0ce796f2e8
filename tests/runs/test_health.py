"""Health and obedience: from the latest calls of each model, simulated and real apart, in one query each."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from playground import catalog
from playground.runs import health, states
from playground.runs.models import Attempt, Generation
from tests.factories import ALL, OFFICIAL, VIP, claim, picture, queued, worker_row

pytestmark = pytest.mark.django_db
MODELS = catalog.default().models


def answered(workspace, seconds=2.0, model=ALL, **options):
    output = picture(workspace, model=model, **options)
    Attempt.objects.filter(generation=output.generation).update(done_seconds=seconds)
    return output


def failed(workspace, error="busy", model=ALL, outcome="refused", billed="no"):
    generation = queued(workspace, model)
    attempt = claim(generation, worker_row())
    now = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, billed=billed, error=error, finished_at=now, sent_at=now
    )
    states.fail(generation, error, billed=billed)


class TestHealth:
    def of(self, workspace, model=ALL, simulated=True):
        return health.health_of(workspace, MODELS).get((model, simulated))

    def test_is_nothing_before_the_first_call(self, workspace):
        queued(workspace)
        assert health.health_of(workspace, MODELS) == {}

    def test_counts_answers_and_failures(self, workspace):
        for seconds in (1.0, 2.0, 9.0):
            answered(workspace, seconds)
        failed(workspace, "moderation")
        failed(workspace, "busy")
        found = self.of(workspace)
        assert (found.calls, found.answered, found.percent) == (5, 3, 60)
        assert (found.median_seconds, found.p95_seconds) == (2.0, 9.0)
        assert (found.last_error, found.last_error_heading) == ("busy", "Refused")

    def test_is_never_rounded_up_to_perfect(self, workspace):
        assert health.Health(1000, 999, 1.0, 1.0, "busy", None).percent == 99

    def test_counts_each_attempt_of_a_frame(self, workspace):
        output = answered(workspace)
        Attempt.objects.update(number=2)
        Attempt.objects.create(
            generation=output.generation, number=1, connection="x", base_url="x", simulated=True,
            outcome="refused", billed="no", error="busy", sent_at=timezone.now(), finished_at=timezone.now(),
        )  # fmt: skip
        assert (self.of(workspace).calls, self.of(workspace).answered) == (2, 1)

    def test_tells_models_and_kinds_apart(self, workspace, paid_provider, settings):
        answered(workspace)
        settings.SIMULATED, settings.APIYI_API_KEY = True, ""
        failed(workspace)
        answered(workspace, model=VIP)
        assert {key: found.calls for key, found in health.health_of(workspace, MODELS).items()} == {
            (ALL, False): 1, (ALL, True): 1, (VIP, True): 1,
        }  # fmt: skip

    def test_is_of_the_latest_calls_only(self, workspace, monkeypatch):
        monkeypatch.setattr(health, "SAMPLE", 2)
        failed(workspace)
        answered(workspace)
        answered(workspace)
        assert self.of(workspace).percent == 100

    def test_is_of_this_workspace(self, workspace, charlie):
        answered(charlie.workspaces.get())
        assert health.health_of(workspace, MODELS) == {}

    def test_does_not_count_what_the_doctor_asked(self, workspace):
        answered(workspace)
        Generation.objects.update(question="all.size")
        assert health.health_of(workspace, MODELS) == {}


class TestObedience:
    def of(self, workspace, model):
        return health.obedience_of(workspace, MODELS)[model, True]

    def test_of_a_size_in_pixels(self, workspace):
        answered(workspace, model=VIP, width=2048, height=1152, size="2048x1152")
        answered(workspace, model=VIP, width=64, height=64, size="2048x1152")
        answered(workspace, model=VIP)
        found = self.of(workspace, VIP)
        assert (found.size.kept, found.size.asked, found.size.percent) == (1, 2, 50)

    def test_of_a_shape_in_words(self, workspace):
        for width, height in ((1672, 941), (640, 640)):
            picture(workspace, width, height, model=ALL, shape="16:9")
        assert self.of(workspace, ALL).shape == health.Share(1, 2)

    def test_of_a_format(self, workspace):
        answered(workspace, model=OFFICIAL, output_format="png")
        answered(workspace, model=OFFICIAL, output_format="webp")
        assert self.of(workspace, OFFICIAL).format == health.Share(1, 2)

    def test_of_the_number(self, workspace):
        output = answered(workspace)
        assert self.of(workspace, ALL).count == health.Share(1, 1)
        Generation.objects.filter(pk=output.generation_id).update(parameters={"n": 2})
        assert self.of(workspace, ALL).count == health.Share(0, 1)

    def test_of_what_was_never_asked_is_not_known(self, workspace):
        answered(workspace)
        found = self.of(workspace, ALL)
        assert (found.size.percent, found.format.percent, found.count.percent) == (None, None, 100)


class TestTheQueries:
    def test_are_one_each_however_many_there_are(self, workspace):
        for _ in range(2):
            for model in (ALL, VIP, OFFICIAL):
                answered(workspace, model=model)
                failed(workspace, model=model)
            for ask in (health.health_of, health.obedience_of):
                with CaptureQueriesContext(database) as seen:
                    ask(workspace, MODELS)
                assert len(seen) == 1

    def test_walk_along_their_index(self, workspace):
        if database.vendor != "sqlite":
            pytest.skip("a small table is scanned whole on PostgreSQL")
        answered(workspace)
        plan = Attempt.objects.filter(generation_id__in=health._recent(workspace, MODELS)).explain()
        assert plan.count("generation_recent") == 2 * len(MODELS)
        assert "SCAN generation" not in plan


def test_a_call_that_is_on_its_way_is_not_counted(workspace):
    answered(workspace)
    Attempt.objects.update(outcome="sent", billed="unknown", finished_at=None)
    assert health.health_of(workspace, MODELS) == {}


@given(st.lists(st.floats(0, 1000), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_one_of_the_values_that_so_many_are_not_above(values, share):
    found = health.percentile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_a_percentile_of_none_is_none():
    assert health.percentile([], 0.5) is None
    assert health.percentile([1.0, 2.0, 3.0], 0.5) == 2.0
