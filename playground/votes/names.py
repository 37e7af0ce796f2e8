"""When the names of a ballot may be told: not while one of its pictures waits on another ballot of the same judge.

Two at a time, a picture comes more than once: if its name were told after the first vote, the second were not blind.
"""

from datetime import datetime

from playground.votes.models import Ballot, BallotQuerySet, Place


def waiting(ballot: Ballot) -> BallotQuerySet:
    """The ballots that the names of this one have to wait for."""
    return _sharing(ballot).open().filter(revealed_at=None)


def were_seen(ballot: Ballot) -> bool:
    """Whether its judge has seen a name of these pictures, on this ballot or on another."""
    return ballot.revealed_at is not None or _sharing(ballot).filter(revealed_at__isnull=False).exists()


def tell(ballot: Ballot, moment: datetime) -> None:
    """Tell the names on an answered ballot and on those that have waited for it, as far as nothing else waits."""
    for each in (ballot, *_untold(ballot)):
        if not waiting(each).exists():
            Ballot.objects.filter(pk=each.pk, revealed_at=None).update(revealed_at=moment)


def tell_now(ballot: Ballot, moment: datetime) -> None:
    """Tell them all the same, and on all answered ballots with one of these pictures: there is nothing left to hide."""
    told = [ballot.pk, *_untold(ballot).values_list("pk", flat=True)]
    Ballot.objects.filter(pk__in=told, revealed_at=None).update(revealed_at=moment)


def _untold(ballot: Ballot) -> BallotQuerySet:
    return _sharing(ballot).exclude(answer="").filter(revealed_at=None)


def _sharing(ballot: Ballot) -> BallotQuerySet:
    """The other ballots of this judge on which one of its pictures stands."""
    outputs = Place.objects.filter(ballot=ballot).exclude(output=None).values("output")
    mine = Ballot.objects.of(ballot.workspace).before(ballot.judge).exclude(pk=ballot.pk)
    return mine.filter(pk__in=Place.objects.filter(output__in=outputs).values("ballot"))
