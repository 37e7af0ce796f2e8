"""Visitors' blind votes on a link: which pictures they are asked about, and what they are told before and after.

Each browser has one ballot, with one picture of each model. It is known by the number of its visit, of which only a
keyed hash is kept. Until it is answered nothing on the link tells whose picture is which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from playground.runs.models import Output
from playground.runs.models.output import OutputQuerySet
from playground.runs.templatetags import darkroom as said
from playground.sharing import contents, visits
from playground.sharing.models import Item, Link
from playground.votes import ballots, blind
from playground.votes.models import MOST, Ballot, BallotQuerySet, judge_of
from playground.votes.shown import Frame, Shown
from playground.votes.tallies import Question

KINDS = (Link.Kind.RUN, Link.Kind.COMPARISON)  # what shows the same pictures to everybody who is asked
MOST_BALLOTS = 1000  # of one link: further visitors are not asked
TELL_TALE = ("models", "costs", "originals")  # what would give a picture's maker away


def is_few_enough(count: int) -> bool:
    """Whether so many pictures can be voted on at a glance."""
    return 2 <= count <= MOST


def fits(kind: str, outputs: OutputQuerySet) -> bool:
    """Whether visitors can be asked about a link of this kind to these pictures."""
    if kind not in KINDS or not is_few_enough(outputs.count()):
        return False
    return ballots.model_count(list(_askable(outputs))) > 1


def _askable(outputs: OutputQuerySet) -> OutputQuerySet:
    """A copy that was restored here came from no model."""
    return outputs.filter(made_from=None).exclude(thumbnails=[]).select_related("generation__run")


def outputs_of(link: Link) -> OutputQuerySet:
    shown = contents.shown(Item.objects.filter(link=link))
    return Output.objects.of(link.workspace).filter(pk__in=shown.values("output"))


def asks(link: Link) -> bool:
    """Whether its visitors are asked now: its owner allows it, and there is something left to be asked."""
    return link.takes_votes and fits(link.kind, outputs_of(link))


# -- One visitor's ballot --------------------------------------------------------------------------------------------


def visitor_of(request: HttpRequest, link: Link) -> str:
    """The browser's key for this link; empty where it has no number yet. The number can't be found from it."""
    number = visits.number_of(request)
    kept = salted_hmac("sharing.visitor", f"{link.pk} {number}", algorithm="sha256").hexdigest()[:32]
    return f"{link.pk}-{kept}" if number else ""


def ballot_of(link: Link, visitor: str) -> Ballot | None:
    """The visitor's, as long as all of its pictures are shown."""
    mine = (
        Ballot.objects.of(link.workspace).before(judge_of(None, visitor))
        if visitor
        else Ballot.objects.none()
    )
    whole = (one for one in mine.with_places().order_by("pk") if one.is_whole)
    return next(whole, None)


def draw_up(link: Link, visitor: str) -> Ballot | None:
    """One picture of each model, by lot. Two requests at once end with the same ballot."""
    drawn = ballots.lineups(list(_askable(outputs_of(link))))
    if drawn:
        ballots.draw_up(link.workspace, max(drawn, key=len), judge=judge_of(None, visitor))
    return ballot_of(link, visitor)


def ballots_of(link: Link) -> BallotQuerySet:
    return Ballot.objects.of(link.workspace).filter(judge__startswith=judge_of(None, f"{link.pk}-"))


def is_full(link: Link) -> bool:
    return ballots_of(link).count() >= MOST_BALLOTS


@dataclass(frozen=True)
class Votes:
    """How many visitors of a link voted, and where that is counted."""

    count: int
    scoreboard: str


def votes_of(link: Link) -> Votes:
    voted = ballots_of(link).answered()
    first = voted.select_related("lineup").first()
    question = Question(by_visitors=True, simulated=bool(first and first.lineup.simulated))
    return Votes(voted.count(), f"{reverse('votes:scoreboard')}{question.address}")


# -- What is told ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the pages of a link say of its vote to this visitor."""

    address: str
    said: str = ""  # what was answered
    holds_back: bool = False


def asked_of(request: HttpRequest, link: Link) -> Asked | None:
    """None where nobody is asked. Before the answer the link itself, in memory, shows nothing that tells."""
    if not asks(link):
        return None
    ballot = ballot_of(link, visitor_of(request, link))
    if ballot is None and is_full(link):
        return None
    address = reverse("public:vote", args=[link.token])
    if ballot and ballot.answer:
        return Asked(address, said=_said(link, ballot))
    held = [name for name in TELL_TALE if name in link.shows]
    for name in held:
        setattr(link, f"shows_{name}", False)
    return Asked(address, holds_back=bool(held))


def _said(link: Link, ballot: Ballot) -> str:
    return Shown(ballot).in_words(with_model=link.shows_models)


@dataclass(frozen=True)
class Choice:
    """One picture of a ballot: its name, and after the answer what the link shows of it."""

    key: str
    name: str
    src: str
    is_chosen: bool
    facts: Sequence[str]


class Sheet:
    """A visitor's ballot, as its page shows it."""

    def __init__(self, link: Link, ballot: Ballot) -> None:
        self._link, self._ballot = link, ballot
        self.width, self.height = blind.box_of(ballot)
        self.is_pair, self.answer = ballot.is_pair, ballot.answer
        self.said = _said(link, ballot) if ballot.answer else ""

    @property
    def choices(self) -> list[Choice]:
        return [self._choice(frame) for frame in Shown(self._ballot).frames]

    def _choice(self, frame: Frame) -> Choice:
        src = reverse("public:vote-picture", args=[self._link.token, frame.place.position])
        return Choice(frame.key, frame.name, src, frame.is_chosen, self._facts(frame) if self.answer else ())

    def _facts(self, frame: Frame) -> list[str]:
        told = [frame.model] if self._link.shows_models else []
        output = frame.place.output
        return [*told, said.money(output.cost)] if self._link.shows_costs and output else told
