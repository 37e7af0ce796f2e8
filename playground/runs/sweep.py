"""Finding out what is true: at a worker's start, and every minute.

`running` rows whose worker is gone never go back to the queue. Their answer is looked for on disk; if it arrived
whole, the picture is kept; if not, the row says that it may have been billed. Rows that wait without a wake-up need
no search: a worker's free slot asks for whatever waits (see `order`), at each sweep too.
"""

import logging
import shutil
from collections.abc import Container, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from playground.gateway import Answer, Gateway
from playground.runs import chain, examining, received, states
from playground.runs.leases import is_gone
from playground.runs.models import Attempt, Billed, Generation, PictureLink, State, Worker
from playground.runs.work import fetch_again, finish, keep_answer

logger = logging.getLogger(__name__)
WAKE_UP_AFTER_SECONDS = 5  # a row this old has had its wake-up, or has lost it
KEEP_ARRIVALS = timedelta(days=7)
KEEP_UPLOADS = timedelta(hours=6)  # while they are received and examined: minutes
LINKS_LIVE = timedelta(hours=24)


def settle_lost(worker: Worker, in_flight: Container[int]) -> None:
    """End every running row that nobody works on any more, with what is true of it.

    `in_flight` holds the generations (ids) that this worker's threads are at, whenever it is asked.
    """
    for generation in _abandoned(worker, in_flight):
        try:
            settle(generation)
            examining.conclude(generation)
        except OperationalError:
            raise  # no row can be settled while the database is away
        except Exception:
            # One row must not keep the others from being settled, nor this thread from sweeping.
            logger.exception("Generation %s could not be settled; the next sweep tries again.", generation.pk)


def _abandoned(worker: Worker, in_flight: Container[int]) -> Iterator[Generation]:
    running = Generation.objects.filter(state=State.RUNNING).select_related("run", "worker")
    for generation in running.exclude(worker=worker):
        if generation.worker is None or is_gone(generation.worker):
            yield generation
    # Our own rows that no thread holds: the thread was interrupted, by a full disk or a database that went away.
    started_before = timezone.now() - timedelta(seconds=WAKE_UP_AFTER_SECONDS)
    ours = running.filter(worker=worker, started_at__lt=started_before)
    seen = list(ours.values_list("pk", flat=True))
    # In this order: a thread holds its row from before the claim until after the end. So a row that was running,
    # is held by nobody afterwards, and is running still, is nobody's.
    yield from ours.filter(pk__in=[pk for pk in seen if pk not in in_flight])


def settle(generation: Generation) -> None:
    """Keep the answer that arrived; where none did, say that it may have been billed."""
    attempt = generation.attempts.exclude(billed=Billed.NO).last() or generation.attempts.last()
    if attempt is None:
        states.lose(generation)
    elif attempt.outcome == Attempt.Outcome.ANSWERED:
        finish(generation, attempt, list(generation.outputs.all()))
    elif answer := _arrived(attempt):
        keep_answer(generation, attempt, answer)
    elif attempt.outcome == Attempt.Outcome.SENT:
        states.lose(generation)
    else:  # the call had failed, and its worker went before it could say so of the generation
        values = {"status": attempt.status, "host": urlsplit(attempt.base_url).netloc}
        chain.fail(
            generation, attempt.error, billed=attempt.billed, values=values, cost=attempt.cost,
            seconds=attempt.done_seconds,
        )  # fmt: skip


def _arrived(attempt: Attempt) -> Answer | None:
    """The answer that lies here. Without its note only where nobody had a word on how the call ended."""
    folder = settings.INCOMING_ROOT / str(attempt.pk)
    if attempt.outcome == Attempt.Outcome.SENT or attempt.error == states.WORKER_LOST:
        return received.find(folder, attempt.links)
    return received.read(folder)


def keep_arrived() -> None:
    """Keep answers that lie on this machine although their generations were given up, here or elsewhere."""
    here = [int(folder.name) for folder in settings.INCOMING_ROOT.glob("*") if folder.name.isdecimal()]
    given_up = Attempt.objects.filter(
        pk__in=here, generation__state=State.FAILED, generation__failure__in=states.RECOVERABLE
    )
    for attempt in given_up.select_related("generation__run"):
        try:
            if answer := _arrived(attempt):
                keep_answer(attempt.generation, attempt, answer)
        except OperationalError:
            raise
        except Exception:
            logger.exception(
                "The answer to attempt %s could not be kept; the next sweep tries again.", attempt.pk
            )


def fetch_late(gateway: Gateway) -> None:
    """Try the links of pictures that were paid for and could not be fetched. Free, and possible for a day."""
    since = timezone.now() - LINKS_LIVE
    attempts = Attempt.objects.filter(sent_at__gte=since, generation__failure__in=states.RECOVERABLE).exclude(
        links=[]
    )
    for attempt in attempts.select_related("generation__run", "generation__connection"):
        fetch_again(attempt, gateway)


def forget_dead_links() -> None:
    """Nobody needs the address of a picture that is not there any more."""
    PictureLink.objects.filter(until__lt=timezone.now()).delete()


def clear_old_arrivals() -> None:
    """Remove what is left of calls that ended days ago without a picture, and of uploads that a crash cut off."""
    for root, kept in ((settings.INCOMING_ROOT, KEEP_ARRIVALS), (settings.UPLOADS_ROOT, KEEP_UPLOADS)):
        oldest = (timezone.now() - kept).timestamp()
        for left in root.iterdir() if root.exists() else ():
            if not _is_older(left, oldest):
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif root == settings.UPLOADS_ROOT:
                left.unlink(missing_ok=True)


def _is_older(path: Path, than: float) -> bool:
    try:
        return path.stat().st_mtime < than
    except FileNotFoundError:  # its call ended while we looked
        return False
