"""What a person asks for becomes rows once, however often and however quickly the button is pressed."""

import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from playground import catalog
from playground.runs import services, states
from playground.runs.models import Billed, Generation, Run, State
from tests.factories import ALL, OFFICIAL, VIP, picture, queued, run, running, worker_row
from tests.runs.threads import at_once


def failed(workspace, billed="no", model=ALL, **parameters):
    generation, attempt = running(workspace, worker_row(), model, **parameters)
    finished = timezone.now()
    outcome = "refused" if billed == "no" else "unknown"
    generation.attempts.filter(pk=attempt.pk).update(outcome=outcome, billed=billed, finished_at=finished)
    states.fail(generation, "busy", billed=billed)
    return generation


def start(workspace, key, *models):
    targets = [services.Target(catalog.default().get(model), {}) for model in models or (ALL,)]
    return services.start_run(workspace, person=None, prompt="A tea tin", targets=targets, submission_key=key)


@pytest.mark.django_db
class TestARun:
    def test_has_a_frame_for_each_model_and_variant(self, workspace, alice):
        made = run(workspace, ALL, VIP, variants=2, person=alice)

        labels = [str(generation) for generation in made.generations.order_by("position")]
        assert labels == ["1A1", "1A2", "1B1", "1B2"]
        assert made.created_by == alice

    def test_of_one_variant_is_called_by_its_letter(self, workspace):
        assert [str(generation) for generation in run(workspace, ALL, VIP).generations.all()] == ["1A", "1B"]

    def test_is_numbered_within_its_workspace(self, workspace, charlie):
        assert [run(workspace).number, run(workspace).number, run(charlie.workspaces.get()).number] == [
            1,
            2,
            1,
        ]

    def test_keeps_what_was_asked_as_it_was_asked(self, workspace):
        generation = queued(workspace, OFFICIAL, prompt="Fog", size="1024x1024", quality="low")

        assert generation.parameters == {"size": "1024x1024", "quality": "low"}
        assert (generation.size_asked, generation.prompt_sent) == ("1024x1024", "Fog")
        assert generation.estimate_low > Decimal("0.005")
        assert (generation.state, generation.simulated) == (State.QUEUED, True)

    def test_says_the_size_in_words_where_the_model_takes_words(self, workspace):
        assert queued(workspace, prompt="Fog", shape="16:9").prompt_sent.startswith("Landscape 16:9")


@pytest.mark.django_db
class TestTheSameFormAgain:
    def test_is_the_run_that_is_there(self, workspace):
        key = uuid.uuid4()
        first, again = start(workspace, key), start(workspace, key, VIP)

        assert (first[1], again[1]) == (True, False)
        assert first[0] == again[0]
        assert Generation.objects.count() == 1

    def test_in_another_workspace_is_another_run(self, workspace, charlie):
        key = uuid.uuid4()
        assert start(workspace, key)[0] != start(charlie.workspaces.get(), key)[0]


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_a_double_click_is_one_run(self, workspace):
        key = uuid.uuid4()
        results = at_once([lambda: start(workspace, key)] * 4)

        assert sorted(is_new for _, is_new in results) == [False, False, False, True]
        assert (Run.objects.count(), Generation.objects.count()) == (1, 1)

    def test_many_different_runs_get_different_numbers(self, workspace):
        runs = at_once([lambda: start(workspace, uuid.uuid4())[0]] * 6)
        assert sorted(made.number for made in runs) == [1, 2, 3, 4, 5, 6]

    def test_two_presses_of_retry_are_one_frame(self, workspace):
        generation = failed(workspace)
        copies = at_once([lambda: services.retry(Generation.objects.get(pk=generation.pk))] * 4)
        assert len({copy.pk for copy in copies}) == 1

    def test_one_more_from_several_pages_is_several_frames(self, workspace):
        """Each with a label of its own."""
        generation = queued(workspace)
        copies = at_once(
            [lambda: services.another(Generation.objects.get(pk=generation.pk), uuid.uuid4())] * 5
        )
        assert {str(copy) for copy in copies} == {"1A2", "1A3", "1A4", "1A5", "1A6"}


@pytest.mark.django_db
class TestARetry:
    @pytest.mark.parametrize("billed", ["no", "unknown", "yes"])
    def test_is_a_new_frame_that_points_to_the_old_one(self, workspace, billed):
        old = failed(workspace, billed, OFFICIAL, size="1024x1024", quality="low")
        new = services.retry(old)

        old.refresh_from_db()
        assert (new.retry_of, new.state, new.attempts.count()) == (old, State.QUEUED, 0)
        assert (new.parameters, new.model_id) == (old.parameters, old.model_id)
        assert (old.state, old.billed) == (State.FAILED, billed)

    def test_twice_gives_the_same_frame(self, workspace):
        old = failed(workspace)
        assert services.retry(old) == services.retry(old)

    def test_of_a_retry_is_a_third_frame(self, workspace):
        first = failed(workspace)
        second = services.retry(first)
        states.refuse(second, "disk_full")
        third = services.retry(second)

        assert third.retry_of == second
        assert [str(each) for each in (first, second, third)] == ["1A", "1A2", "1A3"]

    def test_of_a_cancelled_one(self, workspace):
        generation = queued(workspace)
        states.cancel(generation)
        assert services.retry(generation).state == State.QUEUED

    def test_needs_a_failure(self, workspace):
        for generation in (queued(workspace), picture(workspace).generation):
            generation.refresh_from_db()
            with pytest.raises(ValueError, match="has not failed"):
                services.retry(generation)

    def test_of_a_whole_run_leaves_alone_what_may_have_been_billed(self, workspace):
        generation = failed(workspace, "unknown")
        assert services.retry_free(generation.run) == 0
        Generation.objects.filter(pk=generation.pk).update(billed=Billed.NO)
        assert services.retry_free(generation.run) == 1
        assert services.retry_free(generation.run) == 0


@pytest.mark.django_db
class TestOneMore:
    def test_has_the_same_set_up_and_the_next_label(self, workspace):
        generation = queued(workspace, VIP, size="2048x1152")
        copy = services.another(generation, uuid.uuid4())

        assert (str(copy), copy.parameters) == ("1A2", generation.parameters)
        assert copy.retry_of is None

    def test_from_the_same_press_is_the_same_frame(self, workspace):
        generation, key = queued(workspace), uuid.uuid4()
        assert services.another(generation, key) == services.another(generation, key)


@pytest.mark.django_db
class TestACancel:
    def test_of_what_waits_is_free(self, workspace):
        generation = queued(workspace)
        assert states.cancel(generation)
        generation.refresh_from_db()
        assert (generation.state, generation.billed, generation.cost) == (State.CANCELLED, "no", None)
        assert not states.cancel(generation)

    def test_of_what_is_running_is_refused(self, workspace):
        generation, _ = running(workspace, worker_row())
        assert not states.cancel(generation)
        generation.refresh_from_db()
        assert generation.state == State.RUNNING

    def test_of_a_run_cancels_what_still_waits(self, workspace):
        made = run(workspace, variants=3)
        first = made.generations.first()
        states.cancel(first)
        assert services.cancel_run(made) == 2


@pytest.mark.django_db
class TestWatching:
    def test_folds_a_running_frame_away_and_back(self, workspace):
        generation, _ = running(workspace, worker_row())
        for watched in (False, True):
            assert states.watch(generation, watched)
            generation.refresh_from_db()
            assert (generation.watched, generation.state) == (watched, State.RUNNING)

    def test_is_for_running_frames_only(self, workspace):
        assert not states.watch(queued(workspace), False)
