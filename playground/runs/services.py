"""What people do with runs: start one, try again, one more, cancel. Views call these and nothing else."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from playground import catalog
from playground.accounts.connections import Routes, routes_of
from playground.accounts.models import User, Workspace
from playground.runs import bookkeeping, states
from playground.runs.framing import LETTERS as LETTERS
from playground.runs.framing import Axes as Axes
from playground.runs.framing import Target as Target
from playground.runs.framing import frame_of, frames_by_model, frames_of
from playground.runs.history import Said
from playground.runs.models import (
    REPEATABLE_STATES,
    Billed,
    Generation,
    History,
    Mask,
    Matrix,
    Reference,
    Run,
    State,
    Upload,
)
from playground.runs.queue import wake_worker

MOST_PICTURES = 500  # in one run: what was measured, and what fits a page
CANCELLED_AT_ONCE = 50


class TooMuchUnderWayError(Exception):
    """More pictures would be under way at once than the installation allows. Nothing was started."""

    def __init__(self, unfinished: int, limit: int) -> None:
        super().__init__(f"{unfinished} pictures are under way, {limit} are allowed")
        self.unfinished, self.limit = unfinished, limit


class TooManyError(Exception):
    """More pictures than one run may have. Nothing was started."""


class AnotherKindError(Exception):
    """A frame that was simulated would now be bought, or the other way round: not by one click. Nothing was started."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(f"{generation.label} would not be of its kind any more")
        self.generation = generation


@dataclass(frozen=True)
class Brought:
    """A picture that goes along, and what the person calls it."""

    upload: Upload
    note: str = ""


def start_run(
    workspace: Workspace,
    *,
    person: User | None,
    prompt: str,
    targets: Sequence[Target],
    submission_key: uuid.UUID,
    references: Sequence[Brought] = (),
    mask: Mask | None = None,
    history: Sequence[Said] | None = None,
    axes: Axes | None = None,
) -> tuple[Run, bool]:
    """Write the run with all its generations, and wake the worker once it is committed.

    `references` in their order are image 1, image 2 ...; `mask` belongs to the first, and goes to those models that
    take one. `history` makes it a turn of a conversation: what was said before, which goes along where the call is
    a chat. With `axes` the prompt is a template, each target has its own, and a letter is a model's: 214B37 is the
    37th picture of model B.

    Returns the run and whether it is new: the same submission key again gives the run that is there.
    Raises TooMuchUnderWayError where the installation's limit would be passed, OverBudgetError where a budget would
    be, NoConnectionError where no connection can serve one of the models, TooManyError past MOST_PICTURES.
    """
    existing = Run.objects.filter(workspace=workspace, submission_key=submission_key).first()
    if existing is not None:
        return existing, False
    if sum(target.variants for target in targets) > MOST_PICTURES:
        raise TooManyError
    routes = routes_of(workspace)
    try:
        with transaction.atomic():
            run = Run.objects.create(
                workspace=workspace,
                number=next_number(workspace),
                created_by=person,
                mode=_mode(references, mask, history),
                prompt=prompt,
                mask=mask,
                submission_key=submission_key,
            )
            Reference.objects.bulk_create(
                Reference(run=run, position=position, upload=each.upload, note=each.note)
                for position, each in enumerate(references)
            )
            if history:
                History.objects.create(run=run, messages=[said.record() for said in history])
            if axes:
                Matrix.objects.create(run=run, axes=list(axes.axes), form=dict(axes.form))
            make = frames_of if axes is None else frames_by_model
            enqueue(Generation.objects.bulk_create(make(run, targets, routes)))
    except IntegrityError:  # the other click of a double click was first
        return Run.objects.get(workspace=workspace, submission_key=submission_key), False
    return run, True


def _mode(references: Sequence[Brought], mask: Mask | None, history: Sequence[Said] | None) -> str:
    if mask is not None and (not references or references[0].upload.pk != mask.upload_id):
        raise ValueError("A mask belongs to the first reference.")
    if history is not None:
        return Run.Mode.CHAT
    if mask is not None:
        return Run.Mode.MASK
    return Run.Mode.EDIT if references else Run.Mode.TEXT


def next_number(workspace: Workspace) -> int:
    """The workspace's next run number, taken. Call it inside the transaction that writes the run."""
    rows = Workspace.objects.filter(pk=workspace.pk)
    rows.update(last_run_number=F("last_run_number") + 1)
    return rows.values_list("last_run_number", flat=True).get()


def enqueue(generations: list[Generation]) -> None:
    """Announce written frames and wake the worker once they are committed.

    Raises TooMuchUnderWayError, and OverBudgetError where they may cost more than is left.
    """
    states.announce(*generations)  # locks the workspace's row, so that the count below is true until the end
    workspace = generations[0].run.workspace
    unfinished = Generation.objects.of(workspace).unfinished().count()
    if unfinished > settings.UNFINISHED_LIMIT:
        raise TooMuchUnderWayError(unfinished - len(generations), settings.UNFINISHED_LIMIT)
    bookkeeping.reserve(generations)
    rows = Generation.objects.filter(pk__in=[generation.pk for generation in generations])
    rows.update(born_revision=F("revision"))
    ids = [generation.pk for generation in generations]
    transaction.on_commit(lambda: wake_worker(ids))


def another(generation: Generation, submission_key: uuid.UUID, *, person: User | None = None) -> Generation:
    """One more picture from the same model with the same snapshot. The same key again gives the same one.

    `person` asks, and pays out of a budget; whoever asked for the old one where nobody is named. Raises
    NoConnectionError where no connection can serve the model any more, AnotherKindError where what was simulated would
    be bought now, or the other way round, and what `enqueue` raises.
    """
    return _copy(generation, person, submission_key=submission_key)


def retry(generation: Generation, *, person: User | None = None) -> Generation:
    """Ask again for what brought no picture, from its own snapshot, as a new row that points to the old one.

    What was answered in words is asked for as a picture this time, in so many words. A second press gives the
    same new row. Raises ValueError for one that has not failed, otherwise the same errors as `another`.
    """
    if generation.state not in REPEATABLE_STATES:
        raise ValueError(f"{generation.label} has not failed.")
    return _copy(generation, person, retry_of=generation)


def add_target(
    generation: Generation, target: Target, *, person: User | None = None, by_chain: bool = False
) -> Generation:
    """Ask another model for what this generation failed to bring: a new frame, with a letter of its own, that points
    to the old one. A second press gives the same new frame, whoever was first: a person or the chain.
    """
    return _copy(generation, person, make=lambda old: _beside(old, target, by_chain), retry_of=generation)


def _copy(
    generation: Generation,
    person: User | None,
    *,
    make: Callable[[Generation], Generation] | None = None,
    **marks: Any,
) -> Generation:
    existing = generation.run.generations.filter(**marks).first()
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            # Copies are made one after another, so that each gets a place and a label of its own.
            Workspace.objects.filter(pk=generation.run.workspace_id).update(revision=F("revision"))
            again = (make or _next_frame)(generation)
            again.asked_by_id = person.pk if person else generation.asked_by_id
            for name, value in marks.items():
                setattr(again, name, value)
            again.save()
            enqueue([again])
    except IntegrityError:  # pressed twice at the same moment
        return generation.run.generations.get(**marks)
    return again


def _next_frame(generation: Generation) -> Generation:
    siblings = generation.run.generations.filter(letter=generation.letter).aggregate(Max("variant"))
    again = _same_again(generation, *_ways_of(generation))
    again.letter, again.variant = generation.letter, max(siblings["variant__max"], 1) + 1
    return _placed(again, generation)


def _same_again(generation: Generation, routes: Routes, references: int) -> Generation:
    """A frame of the same snapshot, priced as of today; its label and its place in the run are not set yet."""
    if generation.question:
        return _same_question(generation)
    model, endpoint = catalog.default().get(generation.model_id), catalog.Endpoint(generation.endpoint)
    return _priced_anew(
        generation, Target(model, generation.parameters, endpoint=endpoint), routes, references
    )


def _ways_of(generation: Generation) -> tuple[Routes, int]:
    """The connections that can be used today, and how many pictures go along."""
    return routes_of(generation.run.workspace), generation.run.references.count()


def _beside(generation: Generation, target: Target, by_chain: bool) -> Generation:
    beside = _priced_anew(generation, target, *_ways_of(generation))
    beside.by_chain = by_chain
    used = generation.run.generations.values_list("letter", flat=True).distinct().count()
    beside.letter = (
        LETTERS[used] if used < len(LETTERS) else LETTERS[used // len(LETTERS) - 1] + LETTERS[used % 26]
    )
    return _placed(beside, generation)


def _placed(new: Generation, generation: Generation) -> Generation:
    """Behind the last frame."""
    _refuse_another_kind(new, generation)
    new.position = generation.run.generations.aggregate(Max("position"))["position__max"] + 1
    return new


def _refuse_another_kind(new: Generation, generation: Generation) -> None:
    """It would turn a pretence into a purchase, or the other way round."""
    if new.simulated != generation.simulated:
        raise AnotherKindError(generation)


def _priced_anew(generation: Generation, target: Target, routes: Routes, references: int) -> Generation:
    return frame_of(
        generation.run,
        replace(target, prompt=generation.own_prompt, place=generation.place),
        routes,
        references=references,
        as_picture=generation.as_picture or generation.state == State.WORDS,
    )


def _same_question(generation: Generation) -> Generation:
    """The doctor asks one connection about one model: another one would be another question."""
    names = (
        "run", "model_id", "endpoint", "parameters", "question", "prompt_sent", "size_asked", "simulated", "connection",
        "price_multiplier", "estimate_low", "estimate_high",
    )  # fmt: skip
    return Generation(**{name: getattr(generation, name) for name in names})


def pause_run(run: Run) -> bool:
    """Send nothing more of a run for now; what is on its way goes on. What is held of budgets stays held."""
    return states.pause(run)


def go_on(run: Run) -> bool:
    """Send what a pause kept back. A second press, or another tab's, changes nothing."""
    with transaction.atomic():
        is_won = states.go_on(run)
        if is_won:
            waiting = list(run.generations.filter(state=State.QUEUED).values_list("pk", flat=True))
            transaction.on_commit(lambda: wake_worker(waiting[: settings.WORKER_CALLS]))
    return is_won


def cancel_run(run: Run) -> int:
    """Cancel what is still queued of a run, which is free; returns how many that were.

    In short transactions, and paused meanwhile, so that none is sent while the others are cancelled.
    """
    states.pause(run)
    cancelled = 0
    while some := states.cancel_some(run, CANCELLED_AT_ONCE):
        cancelled += some
    states.go_on(run)
    return cancelled


def retry_free(run: Run, *, person: User | None = None) -> int:
    """Ask again for every frame of a run that failed and was certainly not billed; returns how many those were.

    What may have been billed is left alone: each of those takes a click of its own that shows the price. Raises what
    `retry` raises; then none is asked for again.
    """
    failed = run.generations.filter(state=State.FAILED, billed=Billed.NO, retried_by=None).select_related(
        "run"
    )
    with transaction.atomic():  # all of them or none, where a limit or a budget does not allow all
        Workspace.objects.filter(pk=run.workspace_id).update(
            revision=F("revision")
        )  # one press after another
        again = list(_all_again(run, list(failed), person))
        if again:
            enqueue(Generation.objects.bulk_create(again))
    return len(again)


def _all_again(run: Run, failed: Sequence[Generation], person: User | None) -> Iterator[Generation]:
    """The same as `_next_frame` for hundreds: what they have in common is asked for once."""
    routes, references = routes_of(run.workspace), run.references.count()
    variants = dict(run.generations.order_by().values_list("letter").annotate(Max("variant")))
    last = run.generations.aggregate(Max("position"))["position__max"] or 0
    for position, generation in enumerate(failed, last + 1):
        new = _same_again(generation, routes, references)
        _refuse_another_kind(new, generation)
        new.letter = generation.letter
        variants[new.letter] = new.variant = max(variants[new.letter], 1) + 1
        new.position, new.retry_of = position, generation
        new.asked_by_id = person.pk if person else generation.asked_by_id
        yield new
