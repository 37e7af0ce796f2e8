"""What was counted: how often each model was chosen among whom, and what its pictures cost.

The votes are added up by the database, along one index, and come as a row for each lineup, model and outcome: a
handful, however many votes there are.
"""

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.http import QueryDict

from playground.accounts.models import Workspace
from playground.costs.fields import DollarsField
from playground.gallery.facets import PROVIDER, SIMULATOR
from playground.gallery.filters import number
from playground.gallery.models import Placing, Tagging
from playground.runs.models import Run
from playground.votes.models import Ballot, Lineup, Place
from playground.votes.strengths import Contest

VISITORS = "visitors"
MODES = [choice for choice in Run.Mode.choices if choice[0] != Run.Mode.DOCTOR]


@dataclass(frozen=True)
class Question:
    """Which votes: those of the people here or of visitors, over real pictures or simulated ones, never both."""

    simulated: bool = False
    by_visitors: bool = False
    mode: str = ""
    tag: int = 0
    collection: int = 0
    since: date | None = None
    until: date | None = None
    only_blind: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> "Question":
        """From an address; nonsense in it is left out."""
        mode = query.get("mode", "")
        return cls(
            simulated=query.get("of") == SIMULATOR,
            by_visitors=query.get("by") == VISITORS,
            mode=mode if mode in dict(MODES) else "",
            tag=number(query.get("tag", "")),
            collection=number(query.get("collection", "")),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            only_blind=bool(query.get("blind")),
        )

    @property
    def parts(self) -> list[tuple[str, str]]:
        """As names and values of an address."""
        pairs: list[tuple[str, object]] = [
            ("of", SIMULATOR if self.simulated else PROVIDER), ("by", VISITORS if self.by_visitors else ""),
            ("mode", self.mode), ("tag", self.tag), ("collection", self.collection), ("since", self.since),
            ("until", self.until), ("blind", int(self.only_blind)),
        ]  # fmt: skip
        return [(name, str(value)) for name, value in pairs if value]

    def of_simulator(self) -> "Question":
        return replace(self, simulated=True)

    @property
    def address(self) -> str:
        """What follows the path: `?mode=text&tag=3`."""
        return f"?{urlencode(self.parts)}"

    @property
    def is_narrowed(self) -> bool:
        return any(name not in ("of", "by") for name, _value in self.parts)


def _day(found: str) -> date | None:
    try:
        return date.fromisoformat(found)
    except ValueError:
        return None


@dataclass
class Tally:
    """What came of one model's pictures."""

    model_id: str
    shown: int = 0
    won: int = 0
    lost: int = 0
    tied: int = 0
    bad: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0  # pictures whose cost nobody knows
    seconds: float = 0.0

    def add(self, row: Mapping[str, Any]) -> None:
        self.shown += row["count"]
        setattr(self, row["outcome"], getattr(self, row["outcome"]) + row["count"])
        self.cost += row["cost_"] or Decimal(0)
        self.unpriced += row["count"] - row["priced"]
        self.seconds += row["seconds_"] or 0.0

    @property
    def wins(self) -> Decimal:
        """Two that were equally good share a win."""
        return Decimal(self.won) + Decimal(self.tied) / 2

    @property
    def cost_per_win(self) -> Decimal | None:
        """With what the pictures that did not win have cost."""
        return self.cost / self.wins if self.wins else None

    @property
    def seconds_per_win(self) -> float | None:
        return self.seconds / float(self.wins) if self.wins else None

    @property
    def wins_per_dollar(self) -> Decimal | None:
        return self.wins / self.cost if self.cost else None

    @property
    def wins_per_minute(self) -> float | None:
        return 60 * float(self.wins) / self.seconds if self.seconds else None

    @property
    def bad_percent(self) -> int:
        return round(100 * self.bad / self.shown) if self.shown else 0


@dataclass
class Counted:
    """Everything that was counted for a question."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    contests: list[Contest] = field(default_factory=list)
    bad: int = 0  # ballots on which none was good

    @property
    def votes(self) -> int:
        """Those that say which is better, or that two are equal."""
        return int(sum(contest.votes for contest in self.contests))

    def against(self, one: str, other: str) -> tuple[int, int, int]:
        """How often the one was chosen where both were shown, how often they were equal, how often the other was."""
        both = [contest for contest in self.contests if one in contest.models and other in contest.models]
        return (
            int(sum(contest.chosen.get(one, 0) for contest in both)),
            int(sum(contest.ties for contest in both)),
            int(sum(contest.chosen.get(other, 0) for contest in both)),
        )


Stamps = tuple[tuple[int, str, uuid.UUID], ...]
REMEMBERED = 64
_remembered: "OrderedDict[tuple[int, Question], tuple[Stamps, Counted]]" = OrderedDict()


def count(workspace: Workspace, question: Question) -> Counted:
    """Two queries: over the lineups, which are few, and over the votes; the second one only after a new vote.

    Each vote gives its lineup a new stamp, so what is remembered is true as long as the stamps are the same.
    """
    stamps: Stamps = tuple(_lineups(workspace, question).values_list("pk", "model_ids", "stamp"))
    key = (workspace.pk, question)
    known = _remembered.get(key)
    if known and known[0] == stamps:
        return known[1]
    counted = _count(workspace, question, {pk: model_ids.split() for pk, model_ids, _stamp in stamps})
    if not (question.tag or question.collection):  # those change without a vote
        _remembered[key] = stamps, counted
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return counted


def _count(workspace: Workspace, question: Question, models: Mapping[int, list[str]]) -> Counted:
    counted, chosen, ties = Counted(), dict[int, dict[str, int]](), dict[int, int]()
    for row in _rows(workspace, question, list(models)):
        model_id, lineup = row["model_id"], row["lineup"]
        counted.tallies.setdefault(model_id, Tally(model_id)).add(row)
        if row["outcome"] == Place.Outcome.WON:
            chosen.setdefault(lineup, {})[model_id] = row["count"]
        elif row["outcome"] == Place.Outcome.TIED:
            ties[lineup] = row["count"]  # of either of the two
        elif row["outcome"] == Place.Outcome.BAD and model_id == models[lineup][0]:
            counted.bad += row["count"]
    counted.contests = [
        Contest(tuple(models[pk]), chosen.get(pk, {}), ties.get(pk, 0)) for pk in sorted({*chosen, *ties})
    ]
    return counted


def _lineups(workspace: Workspace, question: Question) -> Any:
    found = Lineup.objects.filter(
        workspace=workspace, simulated=question.simulated, by_visitors=question.by_visitors
    )
    return (found.filter(mode=question.mode) if question.mode else found).order_by("pk")


def _rows(workspace: Workspace, question: Question, lineups: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Place.objects.counted().filter(lineup__in=lineups)
    if question.since:
        rows = rows.filter(day__gte=question.since)
    if question.until:
        rows = rows.filter(day__lte=question.until)
    if question.only_blind:
        rows = rows.exclude(ballot__in=Ballot.objects.of(workspace).filter(is_blind=False).values("pk"))
    for marked in _marked(workspace, question):
        rows = rows.filter(ballot__in=Place.objects.filter(output__in=marked).values("ballot"))
    return (
        rows.order_by()
        .values("lineup", "model_id", "outcome")
        .annotate(
            count=Count("pk"),
            priced=Count("cost"),
            cost_=Sum("cost", output_field=DollarsField()),
            seconds_=Sum("seconds"),
        )
    )


def _marked(workspace: Workspace, question: Question) -> Iterable[Any]:
    """Pictures with the tag, and those of the collection: a ballot counts where one of its pictures is among them."""
    if question.tag:
        yield Tagging.objects.filter(tag=question.tag, tag__workspace=workspace).values("picture")
    if question.collection:
        where = {"collection": question.collection, "collection__workspace": workspace}
        yield Placing.objects.filter(**where).values("picture")


def has_votes(workspace: Workspace, *, simulated: bool) -> bool:
    lineups = Lineup.objects.filter(workspace=workspace, simulated=simulated)
    return Place.objects.counted().filter(lineup__in=lineups).exists()


def changed_after_names(workspace: Workspace, question: Question) -> int:
    """How many of the votes were given when the names had been seen."""
    seen = Ballot.objects.of(workspace).answered().filter(is_blind=False)
    return seen.filter(lineup__simulated=question.simulated, lineup__by_visitors=question.by_visitors).count()
