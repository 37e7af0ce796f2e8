"""Money: exact to a millionth of a dollar, by the price of the day, and never less than it may have been."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from playground import catalog
from playground.runs import asking, queries, states, storage, work
from playground.runs.models import Attempt
from tests.factories import ALL, OFFICIAL, VIP, answer, queued, running, worker_row

pytestmark = pytest.mark.django_db
USAGE = {
    "input_tokens": 17, "output_tokens": 196, "total_tokens": 213,
    "input_tokens_details": {"text_tokens": 17, "image_tokens": 0},
}  # fmt: skip


def drawn(workspace, model=ALL, usage=None, **parameters):
    generation, attempt = running(workspace, worker_row(), model, **parameters)
    work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), cost=usage))
    attempt.refresh_from_db()
    return attempt


class TestTheCost:
    def test_of_a_flat_price_is_that_price(self, workspace):
        assert drawn(workspace).cost == Decimal("0.030000")

    def test_of_a_token_price_is_what_the_usage_says(self, workspace):
        attempt = drawn(workspace, OFFICIAL, USAGE, size="1024x1024", quality="low")
        assert attempt.cost == (17 * Decimal(5) + 196 * Decimal(30)) / 1_000_000
        assert attempt.usage == USAGE

    def test_without_a_usage_is_not_known_and_counted_at_most(self, workspace, paid_provider):
        attempt = drawn(workspace, OFFICIAL, None, size="1024x1024", quality="low")
        assert (attempt.cost, attempt.billed) == (None, "yes")
        assert asking.answer(queries.glance(workspace)).spent == attempt.cost_at_most > 0

    def test_is_multiplied_by_what_the_owner_pays(self, workspace, paid_provider, settings):
        settings.PRICE_MULTIPLIER = Decimal("0.85")
        attempt = drawn(workspace)
        assert (attempt.cost, attempt.cost_at_most) == (Decimal("0.0255"), Decimal("0.0255"))

    def test_goes_by_the_price_of_the_day_it_was_asked_for(self, workspace, tmp_path: Path):
        """A new price does not reach back."""
        extra = tmp_path / "dearer.toml"
        extra.write_text(
            f"[models.{ALL}]\nlike = '{ALL}'\n[[models.{ALL}.prices]]\nsince = 2026-04-01\nper_call = 0.03\n"
            f"source = 'then'\n[[models.{ALL}.prices]]\nsince = 2026-11-01\nper_call = 0.05\nsource = 'now'\n"
        )
        catalog.use(catalog.load(catalog.SHIPPED, extra))
        generation, attempt = running(workspace, worker_row())
        generation.created_at = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))
        assert attempt.cost == Decimal("0.03")

        assert drawn(workspace).cost == Decimal("0.05")

    def test_that_may_have_been_is_the_most_it_can_be(self, workspace):
        attempt = drawn(workspace, OFFICIAL, size="auto")
        assert attempt.cost_at_most == attempt.generation.estimate_high > attempt.generation.estimate_low


class TestSpentToday:
    def test_counts_what_was_answered(self, workspace, paid_provider):
        drawn(workspace)
        drawn(workspace)
        assert asking.answer(queries.glance(workspace)).spent == Decimal("0.06")

    def test_counts_what_is_on_its_way_or_may_have_been_billed_at_most(self, workspace, paid_provider):
        running(workspace, worker_row())
        lost, _ = running(workspace, worker_row())
        states.lose(lost)
        assert asking.answer(queries.glance(workspace)).spent == Decimal("0.06")

    def test_counts_nothing_that_was_free(self, workspace, paid_provider):
        queued(workspace)
        generation, _ = running(workspace, worker_row())
        Attempt.objects.update(outcome="refused", billed="no", finished_at=timezone.now())
        assert asking.answer(queries.glance(workspace)).spent == 0

    def test_never_counts_the_simulator(self, workspace):
        drawn(workspace)
        assert asking.answer(queries.glance(workspace)).spent == 0

    def test_counts_an_open_call_on_the_day_that_the_clock_here_showed(self, workspace, paid_provider):
        _, attempt = running(workspace, worker_row())
        with timezone.override("Asia/Shanghai"):
            midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            for sent_at, spent in (
                (midnight, attempt.cost_at_most),
                (midnight - timedelta(microseconds=1), 0),
            ):
                Attempt.objects.update(sent_at=sent_at)
                assert asking.answer(queries.glance(workspace)).spent == spent

    def test_counts_only_this_workspace_and_this_day(self, workspace, paid_provider, charlie):
        generation, attempt = running(workspace, worker_row())
        attempt.sent_at -= timedelta(days=1)
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))
        drawn(charlie.workspaces.get(), VIP)
        assert asking.answer(queries.glance(workspace)).spent == 0
        assert asking.answer(queries.glance(charlie.workspaces.get())).spent == Decimal("0.03")


class TestUsualSeconds:
    def took(self, workspace, *seconds):
        for each in seconds:
            drawn(workspace)
            workspace.runs.latest("number").generations.update(seconds=each)
        queries._usual.clear()

    def test_come_from_the_catalog_at_first(self, workspace, settings):
        settings.SIMULATOR_SPEED = 10.0
        usual = queries.usual_seconds(catalog.default().get(ALL), simulated=True)
        assert (usual.quick, usual.slow, usual.measured) == (3.0, 9.0, False)

    def test_come_from_our_own_answers_as_soon_as_there_are_five(self, workspace):
        self.took(workspace, 10, 20, 30, 40, 50)
        usual = queries.usual_seconds(catalog.default().get(ALL), simulated=True)
        assert (usual.quick, usual.slow, usual.measured) == (30.0, 50.0, True)

    def test_of_the_simulator_say_nothing_of_the_provider(self, workspace):
        self.took(workspace, 1, 1, 1, 1, 1)
        assert queries.usual_seconds(catalog.default().get(ALL), simulated=False).measured is False
