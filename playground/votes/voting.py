"""What judges do: answer, take it back, give up, go on. Views, and other rooms' views, call these.

An answer is replaced and not appended: it is an opinion, not money, and each judge has one for the same pictures.
What must be known of its history is one bit: whether it was given before the names were seen.
"""

import uuid

from django.db import transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q
from django.utils import timezone

from playground.accounts.models import User, Workspace
from playground.runs.models import Run
from playground.runs.models.run import RunQuerySet
from playground.votes import names
from playground.votes.ballots import draw_up, pictures_of
from playground.votes.models import Answer, Ballot, Lineup, Place, Round, judge_of

QUEUE = 5000  # the newest runs of a workspace: further back nobody goes on judging
_TRIED = 50  # runs that may turn out to make no ballot, before the queue gives up for now


class NotYoursError(Exception):
    """The ballot is another judge's."""


class UnknownAnswerError(ValueError):
    """The ballot has no such answer."""


class PictureGoneError(Exception):
    """One of its pictures is in the bin, or erased: it can't be judged any more."""


def cast(ballot: Ballot, answer: str, *, judge: User | None = None, visitor: str = "") -> None:
    """Answer the ballot: "1" to "9" for the picture at that place, "tie" (of two), or "none".

    `judge` is who votes, None for the local owner; `visitor` is a visitor's key, and makes it a visitor's vote.
    Another answer replaces the one before; the same one again changes nothing. Raises the errors above.
    """
    given, position = _read(ballot, answer)
    with transaction.atomic():
        now = _locked(ballot, judge_of(judge, visitor))
        if now.answer == given and (now.chosen.position if now.chosen else 0) == position:
            return
        if not now.is_whole:
            raise PictureGoneError
        now.is_blind = not names.were_seen(now)
        now.answer, now.voted_at = given, timezone.now()
        now.save(update_fields=["answer", "voted_at", "is_blind"])
        for place in now.shown:
            _count(place, _outcome(given, place.position == position))
        _stamp(now)
        names.tell(now, now.voted_at)


def _read(ballot: Ballot, answer: str) -> tuple[Answer, int]:
    places = ballot.shown
    if answer == Answer.NONE or (answer == Answer.TIE and ballot.is_pair):
        return Answer(answer), 0
    if answer.isascii() and answer.isdigit() and any(answer == str(place.position) for place in places):
        return Answer.CHOICE, int(answer)
    raise UnknownAnswerError(answer)


def _locked(ballot: Ballot, judge: str) -> Ballot:
    """As it is now, until the transaction ends: two answers at once are one after the other."""
    if ballot.judge != judge:
        raise NotYoursError
    Ballot.objects.select_for_update().get(pk=ballot.pk)
    return Ballot.objects.with_places().get(pk=ballot.pk)


def _outcome(answer: Answer, is_chosen: bool) -> str:
    if answer == Answer.CHOICE:
        return Place.Outcome.WON if is_chosen else Place.Outcome.LOST
    return Place.Outcome.TIED if answer == Answer.TIE else Place.Outcome.BAD


def _count(place: Place, outcome: str) -> None:
    """With the cost as it is known now, also where it was not when the ballot was drawn up."""
    generation = place.output.generation if place.output else None
    place.outcome, place.day = outcome, timezone.localdate()
    place.cost = generation.cost if generation else None
    place.seconds = generation.seconds if generation else None
    place.save(update_fields=["outcome", "day", "cost", "seconds"])


def undo(ballot: Ballot, *, judge: User | None = None, visitor: str = "") -> None:
    """Take the answer back: it counts no more. Another one may be given, but no blind one if the names were told."""
    with transaction.atomic():
        now = _locked(ballot, judge_of(judge, visitor))
        Ballot.objects.filter(pk=now.pk).update(answer="", voted_at=None)
        Place.objects.filter(ballot=now).update(outcome="", day=None, cost=None, seconds=None)
        _stamp(now)


def _stamp(ballot: Ballot) -> None:
    """What was added up with its lineup is old now."""
    Lineup.objects.filter(pk=ballot.lineup_id).update(stamp=uuid.uuid4())


def reveal(ballot: Ballot, *, judge: User | None = None, visitor: str = "") -> None:
    """See the names now: without a vote, where none was given, and without waiting for other ballots."""
    with transaction.atomic():
        now, moment = _locked(ballot, judge_of(judge, visitor)), timezone.now()
        if not now.answer:
            Ballot.objects.filter(pk=now.pk).update(answer=Answer.PASSED, voted_at=moment)
        names.tell_now(now, moment)


# --- Going on -------------------------------------------------------------------------------------------------


def unjudged(workspace: Workspace, judge: str) -> RunQuerySet:
    """Runs with pictures of two models or more that this judge has neither judged nor looked up, the newest first."""
    seen = Ballot.objects.filter(
        Q(revealed_at__isnull=False) | ~Q(answer=""), judge=judge, run=OuterRef("pk")
    )
    shown = {"generations__outputs__isnull": False, "generations__outputs__binned_at": None}
    model = "generations__model_id"
    runs = Run.objects.of(workspace).for_pictures().filter(number__gt=workspace.last_run_number - QUEUE)
    runs = runs.filter(~Exists(seen), **shown)
    return runs.alias(first=Min(model), last=Max(model)).filter(first__lt=F("last")).newest()


def next_of(ballot: Ballot) -> Ballot | None:
    """The ballot that is asked after this one: of its round, or of the next run in the queue, which is drawn up."""
    return upcoming(ballot) or (go_on(ballot.round) if ballot.round and ballot.round.from_queue else None)


def upcoming(ballot: Ballot) -> Ballot | None:
    """The next one of its round that is not answered, if any is drawn up."""
    if ballot.round is None:
        return None
    waiting = ballot.round.ballots.open().exclude(pk=ballot.pk).order_by("pk")
    return waiting.filter(revealed_at=None).first()


def begin(round: Round) -> Ballot | None:
    """The first ballot of a new round from the queue; nothing is kept where there is none."""
    with transaction.atomic():
        round.save()
        first = go_on(round)
        if first is None:
            round.delete()
    return first


def go_on(round: Round) -> Ballot | None:
    """Draw up the newest run that waits; None where none does."""
    for run in unjudged(round.workspace, round.judge)[:_TRIED]:
        ballots = draw_up(
            round.workspace,
            pictures_of(round.workspace, run),
            judge=round.judge,
            at_once=round.at_once,
            same_shape=round.same_shape,
            round=round,
        )
        waiting = [one for one in ballots if not one.answer and one.revealed_at is None]
        if waiting:
            return min(waiting, key=lambda one: one.pk)
    return None
