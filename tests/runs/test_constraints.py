"""What must never be is refused by the database itself, whatever the code above it thinks."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from playground.runs.models import Attempt, Generation, Output, Reference, Run
from tests.factories import mask, picture, queued, run, running, upload, worker_row

pytestmark = pytest.mark.django_db
NOW = timezone.now()

# Changes that break one rule each, of a row that keeps all of them.
BROKEN_RUNS = {"run_has_a_prompt": {"prompt": ""}}
BROKEN_UPLOADS = {"upload_sent_format_known": {"sent_format": "gif"}, "upload_not_empty": {"width": 0}}
BROKEN_QUEUED = {
    "generation_state_known": {"state": "sleeping", "finished_at": NOW},
    "generation_billed_known": {"billed": "maybe"},
    "generation_queued_belongs_to_nobody": {"finished_at": NOW},
    "generation_running_has_a_worker": {"state": "running", "started_at": NOW},
    "generation_final_has_an_end": {"state": "cancelled"},
    "generation_failed_says_why": {"state": "failed", "finished_at": NOW},
    "generation_cancelled_is_free": {"state": "cancelled", "finished_at": NOW, "billed": "unknown"},
    "generation_succeeded_is_billed": {"state": "succeeded", "finished_at": NOW},
    "generation_words_are_billed": {"state": "words", "finished_at": NOW, "billed": "yes"},
    "generation_estimate_in_order": {"estimate_low": 2, "estimate_high": 1},
    "generation_cost_not_negative": {"cost": -1},
    "generation_simulated_pays_nobody": {"connection_id": 1},
}
BROKEN_ATTEMPTS = {
    "attempt_done_has_an_end": {"outcome": "unknown"},
    "attempt_sent_may_be_billed": {"billed": "no"},
    "attempt_cost_not_negative": {"cost": -1},
    "attempt_free_costs_nothing": {"outcome": "refused", "billed": "no", "cost": 1, "finished_at": NOW},
}
BROKEN_OUTPUTS = {"output_format_known": {"format": "gif"}, "output_not_empty": {"width": 0}}
BROKEN_MASKS = {"mask_paints_something": {"share": 0}}
UNIQUE = {
    "run_number_once", "run_submitted_once", "generation_position_once", "generation_label_once",
    "generation_submitted_once", "attempt_number_once", "attempt_paid_once", "output_index_once",
    "upload_stored_once", "reference_position_once", "mask_stored_once",
    "output_restored_once",
}  # fmt: skip


def fields_of(output: Output) -> dict:
    """What a second picture of the same frame has."""
    names = ("workspace", "generation", "sha256", "file", "byte_size", "format", "width", "height")
    return {name: getattr(output, name) for name in names} | {"index": 1}


def refuses(rule: str, row: models.Model, **changes: object) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changes)


def copy_of(row: models.Model, **changes: object) -> None:
    """The same row once more, but for these changes."""
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


class TestChecks:
    @pytest.mark.parametrize("rule", BROKEN_RUNS)
    def test_of_a_run(self, workspace, rule):
        refuses(rule, run(workspace), **BROKEN_RUNS[rule])

    @pytest.mark.parametrize("rule", BROKEN_QUEUED)
    def test_of_a_generation(self, workspace, rule):
        refuses(rule, queued(workspace), **BROKEN_QUEUED[rule])

    @pytest.mark.parametrize("rule", BROKEN_ATTEMPTS)
    def test_of_an_attempt(self, workspace, rule):
        refuses(rule, running(workspace, worker_row())[1], **BROKEN_ATTEMPTS[rule])

    @pytest.mark.parametrize("rule", BROKEN_OUTPUTS)
    def test_of_an_output(self, workspace, rule):
        refuses(rule, picture(workspace), **BROKEN_OUTPUTS[rule])

    @pytest.mark.parametrize("rule", BROKEN_UPLOADS)
    def test_of_an_upload(self, workspace, rule):
        refuses(rule, upload(workspace), **BROKEN_UPLOADS[rule])

    @pytest.mark.parametrize("rule", BROKEN_MASKS)
    def test_of_a_mask(self, workspace, rule):
        refuses(rule, mask(upload(workspace)), **BROKEN_MASKS[rule])

    def test_of_a_run_with_a_mask(self, workspace):
        refuses("run_mask_is_its_mode", run(workspace), mask=mask(upload(workspace)))


class TestOnlyOnce:
    def test_a_runs_number(self, workspace):
        copy_of(run(workspace), submission_key=uuid.uuid4())

    def test_a_submission(self, workspace):
        copy_of(run(workspace), number=1000)

    def test_the_same_number_and_key_are_fine_elsewhere(self, workspace, charlie):
        twin = run(workspace)
        twin.pk, twin.workspace = None, charlie.workspaces.get()
        twin.save(force_insert=True)

    def test_a_frames_place_in_its_run(self, workspace):
        copy_of(queued(workspace), letter="B")

    def test_a_frames_label(self, workspace):
        copy_of(queued(workspace), position=7)

    def test_one_more_from_the_same_press(self, workspace):
        generation = queued(workspace)
        key = uuid.uuid4()
        Generation.objects.filter(pk=generation.pk).update(submission_key=key)
        copy_of(generation, position=7, letter="B", submission_key=key)

    def test_a_retry_of_one_frame(self, workspace):
        generation = queued(workspace)
        copies = [Generation.objects.get(pk=generation.pk) for _ in range(2)]
        copies[0].pk, copies[0].position, copies[0].variant, copies[0].retry_of = None, 7, 7, generation
        copies[0].save(force_insert=True)
        copy_of(copies[1], position=8, variant=8, retry_of=generation)

    def test_an_attempts_number(self, workspace):
        _, attempt = running(workspace, worker_row())
        copy_of(attempt, billed="no", outcome="refused", finished_at=NOW)

    def test_an_attempt_that_may_cost_money(self, workspace):
        _, attempt = running(workspace, worker_row())
        copy_of(attempt, number=2)

    def test_an_upload(self, workspace):
        copy_of(upload(workspace))

    def test_a_mask_of_a_picture(self, workspace):
        copy_of(mask(upload(workspace)))

    def test_a_references_place(self, workspace):
        reference = Reference.objects.create(run=run(workspace), position=0, upload=upload(workspace))
        copy_of(reference)

    def test_a_picture_restored_from_another(self, workspace):
        output = picture(workspace)
        copy_of(Output.objects.create(**fields_of(output), made_from=output), index=9)

    def test_an_outputs_place(self, workspace):
        copy_of(picture(workspace), sha256="0" * 64)


def test_every_constraint_of_the_room_is_held_here():
    written = {
        constraint.name
        for model in apps.get_app_config("runs").get_models()
        for constraint in model._meta.constraints
    }
    assert written == {
        *BROKEN_RUNS, *BROKEN_QUEUED, *BROKEN_ATTEMPTS, *BROKEN_OUTPUTS, *BROKEN_UPLOADS,
        *BROKEN_MASKS, "run_mask_is_its_mode", *UNIQUE,
    }  # fmt: skip


@pytest.mark.parametrize("model", [Run, Generation, Attempt, Output])
def test_nothing_paid_for_disappears_with_a_person(model, workspace, alice):
    """A deleted account takes no run with it."""
    picture(workspace, person=alice)
    alice.delete()
    assert model.objects.count() == 1
