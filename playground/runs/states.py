"""The only place where rows change state. Each change is one conditional UPDATE that tells whether it won.

A change also raises the workspace's revision, in the same transaction, so that pages see it at their next poll.
No function here does file or network work; every transaction lasts milliseconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from playground.accounts.models import Workspace
from playground.gateway import Answer, Connection, ProviderError, Timings
from playground.runs import bookkeeping
from playground.runs.models import (
    FINAL_STATES,
    Attempt,
    Billed,
    Generation,
    Output,
    PictureLink,
    Run,
    State,
    Worker,
)

WORKER_LOST = "worker_lost"
LINK_FAILED = "picture_link_failed"
# Failures after which the paid picture may still turn up: on disk, or behind its link for a day.
RECOVERABLE = (WORKER_LOST, LINK_FAILED, "not_saved")


def announce(*generations: Generation) -> None:
    """Let pages know that these rows (of one workspace) changed. Call it inside the transaction of the change."""
    now = _next_revision(generations[0].run)
    Generation.objects.filter(pk__in=[generation.pk for generation in generations]).update(revision=now)
    Run.objects.filter(pk__in={generation.run_id for generation in generations}).update(revision=now)


def _next_revision(run: Run) -> Subquery:
    """Raise the revision of the run's workspace (which locks it); what it is now, for the rows that changed."""
    workspaces = Workspace.objects.filter(pk=run.workspace_id)
    workspaces.update(revision=F("revision") + 1)
    return Subquery(workspaces.values("revision"))


# Not as a join: Django would ask for the row's key in a subquery, and PostgreSQL, having waited for somebody else's
# change of the row, would look at the key again and not at the state. Then two workers could both win.
_IN_A_PAUSE = Exists(Run.objects.filter(pk=OuterRef("run_id"), paused_at__isnull=False))


def pause(run: Run) -> bool:
    """Let no worker claim anything of this run from now on. False where it was paused already, or nothing waits."""
    return _set_pause(run, Run.objects.filter(pk=run.pk, paused_at=None), timezone.now())


def go_on(run: Run) -> bool:
    """End the pause; False where there was none. Whoever wins wakes a worker."""
    return _set_pause(run, Run.objects.filter(pk=run.pk, paused_at__isnull=False), None)


def _set_pause(run: Run, rows: "QuerySet[Run]", paused_at: datetime | None) -> bool:
    with transaction.atomic():
        now = _next_revision(run)  # the workspace before the run, as every other change takes them
        if paused_at and not Generation.objects.filter(run=run, state=State.QUEUED).exists():
            return False
        is_won = rows.update(paused_at=paused_at, revision=now) == 1
    if is_won:
        run.paused_at = paused_at
    return is_won


def _move(
    generation: Generation,
    states: Sequence[str],
    *,
    held_by: Worker | None = None,
    unless_paused: bool = False,
    **fields: Any,
) -> bool:
    """Change the row if it is (still) in one of the states, and this worker's where one is named."""
    with transaction.atomic():
        rows = Generation.objects.filter(pk=generation.pk, state__in=states)
        if held_by is not None:
            rows = rows.filter(worker=held_by)
        if unless_paused:
            rows = rows.exclude(_IN_A_PAUSE)
        if rows.update(**fields) != 1:
            return False
        announce(generation)
        if fields.get("state") in FINAL_STATES:
            bookkeeping.settle(generation)
    for name, value in fields.items():
        setattr(generation, name, value)
    return True


def claim(generation: Generation, worker: Worker, connection: Connection, base_url: str) -> Attempt | None:
    """Take a queued generation and write down its first attempt; None if another worker, a cancel or a pause was first.

    Committed when this returns: only then may the call be sent.
    """
    with transaction.atomic():
        fields: dict[str, Any] = {"state": State.RUNNING, "worker": worker, "started_at": timezone.now()}
        if not _move(generation, [State.QUEUED], unless_paused=True, **fields):
            return None
        return _write_attempt(generation, connection, base_url)


def begin_attempt(
    generation: Generation,
    worker: Worker,
    connection: Connection,
    base_url: str,
    *,
    left_out: Sequence[str] = (),
) -> Attempt | None:
    """Write down a further attempt of a generation that this worker still holds; None if it does not any more.

    Raises IntegrityError if an earlier attempt may have cost money: such a generation is never sent again.
    """
    with transaction.atomic():
        if not _move(generation, [State.RUNNING], held_by=worker, waiting_until=None):
            return None
        return _write_attempt(generation, connection, base_url, left_out)


def _write_attempt(
    generation: Generation, connection: Connection, base_url: str, left_out: Sequence[str] = ()
) -> Attempt:
    return Attempt.objects.create(
        generation=generation,
        number=generation.attempts.count() + 1,
        connection=connection.name,
        base_url=base_url,
        simulated=connection.is_simulator,
        left_out=list(left_out),
        sent_at=timezone.now(),
        cost_at_most=generation.estimate_high,
    )


def wait(generation: Generation, worker: Worker, until: datetime) -> bool:
    """Say on the page when the next try comes."""
    return _move(generation, [State.RUNNING], held_by=worker, waiting_until=until)


def note_links(attempt: Attempt, links: Sequence[str]) -> None:
    """Remember where an open attempt's pictures lie, before they are fetched."""
    Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.SENT).update(links=list(links))


def note_picture_link(output: Output, url: str, until: datetime) -> None:
    """Remember where the provider has a kept picture; a repeat changes nothing."""
    PictureLink.objects.get_or_create(output=output, defaults={"url": url, "until": until})


def note_preview(attempt: Attempt, preview: dict[str, Any]) -> None:
    """Remember a preview of an open attempt, and let pages show it."""
    attempt.previews = [*attempt.previews, preview]
    with transaction.atomic():
        if Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.SENT).update(
            previews=attempt.previews
        ):
            _move(attempt.generation, [State.RUNNING], preview=preview)


def note_shape(attempt: Attempt, shape: Mapping[str, Any]) -> None:
    """Remember how an open attempt's answer looked on the wire."""
    Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.SENT).update(shape=dict(shape))


def close_attempt(attempt: Attempt, error: ProviderError, outcome: str) -> None:
    """Complete the attempt's row with what went wrong."""
    billed = Billed(error.billed.value)
    _complete(
        attempt,
        False,
        outcome=outcome,
        billed=billed,
        cost=None if billed != Billed.YES else attempt.cost_at_most,
        status=error.status,
        request_id=error.request_id or "",
        error=error.kind.value,
        provider_message=(error.provider_message or "")[:500],
        usage=dict(error.usage) if error.usage is not None else None,
        headers=dict(error.headers),
        links=list(error.links),
        **_timings(error.timings),
    )


def answer_attempt(attempt: Attempt, answer: Answer, cost: Decimal | None) -> None:
    """Complete the attempt's row with the answer that came."""
    _complete(
        attempt,
        not answer.is_words,
        outcome=Attempt.Outcome.ANSWERED,
        billed=Billed.YES,
        cost=cost,
        status=answer.status,
        request_id=answer.request_id or "",
        error="",
        usage=dict(answer.usage) if answer.usage is not None else None,
        reported=dict(answer.reported),
        bytes_received=answer.bytes_received,
        headers=dict(answer.headers),
        links=list(answer.unfetched_links),
        **_timings(answer.timings),
    )


def _timings(timings: Timings | None) -> dict[str, float | None]:
    names = ("connect_seconds", "first_byte_seconds", "done_seconds")
    return {name: getattr(timings, name, None) for name in names}


def _complete(attempt: Attempt, brought_picture: bool, /, **fields: Any) -> None:
    """Fill in an attempt that is open, or that was given up while its picture was still on the way; and the ledger."""
    open_or_given_up = (Attempt.Outcome.SENT, Attempt.Outcome.UNKNOWN, Attempt.Outcome.USELESS)
    rows = Attempt.objects.filter(pk=attempt.pk, outcome__in=open_or_given_up)
    for name, value in fields.items():
        setattr(attempt, name, value)
    with transaction.atomic():
        if rows.update(**fields, finished_at=timezone.now()):
            bookkeeping.enter(attempt, brought_picture=brought_picture)


def succeed(generation: Generation, *, cost: Decimal | None, seconds: float | None) -> bool:
    """The pictures are kept: the generation is done. Also for one that had been given up."""
    return _arrive(generation, state=State.SUCCEEDED, cost=cost, seconds=seconds)


def succeed_in_words(
    generation: Generation, words: str, *, cost: Decimal | None, seconds: float | None
) -> bool:
    """The model answered, and what it said is kept; there is no picture. Also for one that had been given up."""
    return _arrive(generation, state=State.WORDS, words=words, cost=cost, seconds=seconds)


def _arrive(generation: Generation, **fields: Any) -> bool:
    fields |= {
        "billed": Billed.YES, "finished_at": timezone.now(), "waiting_until": None, "failure": "", "failure_values": {},
    }  # fmt: skip
    with transaction.atomic():
        return _move(generation, [State.RUNNING], **fields) or _correct(generation, RECOVERABLE, **fields)


def _correct(generation: Generation, given_up_as: Sequence[str], **fields: Any) -> bool:
    """Say what is true of a generation that was given up for one of these reasons, now that it is known."""
    given_up = Generation.objects.filter(pk=generation.pk, state=State.FAILED, failure__in=given_up_as)
    return given_up.exists() and _move(generation, [State.FAILED], **fields)


def fail(
    generation: Generation,
    failure: str,
    *,
    billed: str = Billed.NO,
    values: dict[str, Any] | None = None,
    cost: Decimal | None = None,
    seconds: float | None = None,
) -> bool:
    """End a running generation with a code that `wording` can say in words.

    Also one that was called lost while its worker was only slow: the answer that came after all knows better.
    """
    fields: dict[str, Any] = {
        "state": State.FAILED, "failure": failure, "failure_values": values or {}, "billed": billed, "cost": cost,
        "seconds": seconds, "finished_at": timezone.now(), "waiting_until": None,
    }  # fmt: skip
    with transaction.atomic():
        return _move(generation, [State.RUNNING], **fields) or _correct(generation, [WORKER_LOST], **fields)


def refuse(generation: Generation, failure: str, values: dict[str, Any] | None = None) -> bool:
    """End a queued generation that can't be sent (nothing was, so it is free)."""
    return _move(
        generation, [State.QUEUED],
        state=State.FAILED, failure=failure, failure_values=values or {}, billed=Billed.NO, finished_at=timezone.now(),
    )  # fmt: skip


def cancel(generation: Generation) -> bool:
    """Cancel what is still queued; False if a worker was first, or it has ended."""
    return _move(generation, [State.QUEUED], state=State.CANCELLED, finished_at=timezone.now())


def cancel_some(run: Run, most: int) -> int:
    """Cancel up to so many of a run's queued rows at once, and give back what they held; how many those were.

    The rows before the workspace, as every other change takes them, so that no two wait for each other.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = run.generations.filter(state=State.QUEUED).order_by("pk").values_list("pk", flat=True)
        rows = Generation.objects.filter(pk__in=list(waiting[:most]))
        rows.filter(state=State.QUEUED).update(state=State.CANCELLED, finished_at=now)
        # By the moment: what somebody else cancelled is theirs to announce.
        won = list(rows.filter(state=State.CANCELLED, finished_at=now).select_related("run"))
        if won:
            announce(*won)
        for generation in won:
            bookkeeping.settle(generation)
    return len(won)


def release(generation: Generation, worker: Worker) -> bool:
    """Give a generation back to the queue because this worker stops between two tries that were certainly free.

    Refuses (False) where any attempt may have been billed.
    """
    with transaction.atomic():
        if generation.attempts.exclude(billed=Billed.NO).exists():
            return False
        return _move(
            generation, [State.RUNNING], held_by=worker,
            state=State.QUEUED, worker=None, started_at=None, waiting_until=None,
        )  # fmt: skip


def lose(generation: Generation) -> bool:
    """The worker that ran this is gone. Never sent again by itself: what was sent may have been billed."""
    with transaction.atomic():
        was_sent = [
            _lose_call(attempt) for attempt in generation.attempts.filter(outcome=Attempt.Outcome.SENT)
        ]
        return fail(generation, WORKER_LOST, billed=Billed.UNKNOWN if any(was_sent) else Billed.NO)


def _lose_call(attempt: Attempt) -> bool:
    """Whether nobody has a word on how this call ended."""
    rows = Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.SENT)
    is_lost = rows.update(outcome=Attempt.Outcome.UNKNOWN, error=WORKER_LOST, finished_at=timezone.now()) == 1
    if is_lost:
        bookkeeping.enter(attempt)
    return is_lost


def watch(generation: Generation, watched: bool) -> bool:
    """Show or fold away a running call's frame. The call itself goes on either way."""
    return _move(generation, [State.RUNNING], watched=watched)


def add_output(generation: Generation, index: int, **fields: Any) -> Output:
    """Write down a kept picture; a repeat returns the row that is there."""
    return Output.objects.get_or_create(
        generation=generation, index=index, defaults={"workspace_id": generation.run.workspace_id, **fields}
    )[0]
