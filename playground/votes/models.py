"""Blind votes as rows.

    Round  ->  Ballot  ->  Place: one picture of it, in the order in which it is shown
                  |
                  `-- Lineup: which models stand against each other in it; what votes are counted by

A ballot is one judge's, and holds its answer: asked again, the same judge gets the same ballot, and another answer
replaces the one before. Places repeat what the scoreboard counts, so that one walk along one index counts all of it.
What was chosen stays when its picture is erased.
"""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import User, Workspace
from playground.costs.fields import DollarsField
from playground.runs.models import Output, Run

MOST = 9  # pictures of a ballot: the keys from 1 to 9


def judge_of(person: User | None, visitor: str = "") -> str:
    """Who is asked, as ballots name them: a visitor by a key of the caller's own, else the person, or the owner."""
    if visitor:
        return f"visitor-{visitor}"
    return f"person-{person.pk}" if person else "owner"


class Lineup(models.Model):
    """Models that stood against each other, in one kind of work, before one kind of judge."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="lineups")
    model_ids = models.CharField(max_length=1000)  # in order, with spaces between
    mode = models.CharField(max_length=16, blank=True)  # of the runs; empty where there are several
    simulated = models.BooleanField()
    by_visitors = models.BooleanField(default=False)
    stamp = models.UUIDField(
        default=uuid.uuid4, editable=False
    )  # another one with each vote: see tallies.count

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "simulated", "by_visitors", "mode", "model_ids"], name="lineup_once"
            )
        ]

    def __str__(self) -> str:
        return self.model_ids


class Round(models.Model):
    """Ballots that were drawn up together, and how: `at_once` pictures on each, all that there are where it is 0."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="rounds")
    created_at = models.DateTimeField(auto_now_add=True)
    judge = models.CharField(max_length=80)
    at_once = models.PositiveSmallIntegerField(default=0)
    same_shape = models.BooleanField(default=False)
    from_queue = models.BooleanField(default=False)  # goes on with the next run

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(judge=""), name="round_has_a_judge")]

    def __str__(self) -> str:
        return f"Round {self.pk}"


class Answer(models.TextChoices):
    CHOICE = "choice", _("One is better")
    TIE = "tie", _("Equally good")
    NONE = "none", _("None is good")
    PASSED = "passed", _("Looked without voting")


class BallotQuerySet(models.QuerySet["Ballot"]):
    def of(self, workspace: Workspace) -> "BallotQuerySet":
        return self.filter(workspace=workspace)

    def before(self, judge: str) -> "BallotQuerySet":
        """Those that this judge is asked."""
        return self.filter(judge=judge)

    def open(self) -> "BallotQuerySet":
        """Not answered, with all their pictures."""
        gone = Place.objects.filter(
            Q(output=None) | Q(output__binned_at__isnull=False), ballot=OuterRef("pk")
        )
        return self.filter(~Exists(gone), answer="")

    def answered(self) -> "BallotQuerySet":
        return self.exclude(answer__in=("", Answer.PASSED))

    def with_places(self) -> "BallotQuerySet":
        places = Place.objects.select_related("output__generation__run")
        return self.select_related("lineup", "round", "run").prefetch_related(
            models.Prefetch("places", places)
        )


class Ballot(models.Model):
    """Pictures of several models, shuffled and without names, before one judge; and the answer."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="ballots")
    lineup = models.ForeignKey(Lineup, models.RESTRICT, related_name="ballots")
    round = models.ForeignKey(Round, models.SET_NULL, null=True, related_name="ballots")
    # Remembered, and not kept from being erased: hence without a name on the other side.
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    judge = models.CharField(max_length=80)
    picture_ids = models.CharField(max_length=200)  # in order: the same pictures are the same question
    created_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=6, choices=Answer, blank=True)
    voted_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)  # when the names were told
    is_blind = models.BooleanField(default=True)  # whether the answer was given before that

    objects = BallotQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "judge", "-voted_at"], name="ballot_of_judge"),
            models.Index(fields=["workspace", "judge"], name="ballot_waits", condition=Q(revealed_at=None)),
            models.Index(fields=["workspace"], name="ballot_not_blind", condition=Q(is_blind=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "judge", "picture_ids"], name="ballot_once_a_judge"),
            models.CheckConstraint(condition=Q(answer__in=["", *Answer.values]), name="ballot_answer_known"),
            models.CheckConstraint(condition=~Q(judge=""), name="ballot_has_a_judge"),
            models.CheckConstraint(
                condition=Q(answer="") | Q(voted_at__isnull=False),
                name="ballot_answered_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Ballot {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("votes:ballot", args=[self.pk])

    @cached_property
    def shown(self) -> list["Place"]:
        """The places in the order in which they are shown."""
        return sorted(self.places.all(), key=lambda place: place.position)

    @property
    def is_pair(self) -> bool:
        return len(self.shown) == 2

    @property
    def is_whole(self) -> bool:
        """Whether all its pictures are there to be looked at."""
        return all(place.output and place.output.binned_at is None for place in self.shown)

    @property
    def chosen(self) -> "Place | None":
        return next((place for place in self.shown if place.outcome == Place.Outcome.WON), None)


class PlaceQuerySet(models.QuerySet["Place"]):
    def counted(self) -> "PlaceQuerySet":
        """Those of answered ballots, by the index of them."""
        return self.filter(day__isnull=False)


class Place(models.Model):
    """One picture of a ballot, counted from 1; and what came of it, with what it had cost by then."""

    class Outcome(models.TextChoices):
        WON = "won", _("Chosen")
        LOST = "lost", _("Not chosen")
        TIED = "tied", _("Equally good")
        BAD = "bad", _("Not good")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField()
    output = models.ForeignKey(Output, models.SET_NULL, null=True, related_name="+")
    model_id = models.CharField(max_length=100)
    lineup = models.ForeignKey(Lineup, models.RESTRICT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=4, choices=Outcome, blank=True)
    day = models.DateField(null=True)  # of the vote
    cost = DollarsField(null=True)
    seconds = models.FloatField(null=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        indexes = [
            # All that the scoreboard adds up, in the order in which it does.
            models.Index(
                fields=["lineup", "model_id", "outcome", "day", "cost", "seconds", "ballot"],
                name="place_counted",
                condition=Q(day__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "position"], name="place_once"),
            models.CheckConstraint(condition=Q(position__range=(1, MOST)), name="place_has_a_key"),
            models.CheckConstraint(
                condition=Q(outcome="", day=None) | (~Q(outcome="") & Q(day__isnull=False)),
                name="place_counted_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.ballot_id}"

    @property
    def address(self) -> str:
        """Where its picture is to be had, as it is shown before the vote."""
        return reverse("votes:picture", args=[self.ballot_id, self.position])
