"""All that the scoreboard shows, and the one sentence that it begins with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.accounts.models import Workspace
from playground.costs.page import model_name
from playground.gallery.models import Collection, Tag
from playground.runs.templatetags import darkroom as said
from playground.votes.charts import Chart, chart_of
from playground.votes.strengths import Group, Strength, fit
from playground.votes.tallies import MODES, Counted, Question, Tally, changed_after_names, count

MOST_NAMES = 200  # of tags or collections in a list
NO_END = 5000  # votes: nobody is told to cast as many


@dataclass(frozen=True)
class Standing:
    """A model's line. Without a strength it was only ever among pictures of which none was good."""

    name: str
    tally: Tally
    strength: Strength | None = None
    is_cheapest: bool = False
    is_quickest: bool = False

    @property
    def percents(self) -> tuple[int, int, int] | None:
        """Its chance against an average one, and where that lies with 95 % certainty."""
        if self.strength is None:
            return None
        found, low, high = (round(100 * one) for one in self.strength.chances)
        return found, low, high


class Scoreboard:
    """What the votes of a workspace say to a question."""

    def __init__(self, workspace: Workspace, question: Question) -> None:
        self.workspace, self.question = workspace, question

    @cached_property
    def counted(self) -> Counted:
        return count(self.workspace, self.question)

    @cached_property
    def groups(self) -> list[Group]:
        return fit(self.counted.contests)

    @property
    def is_empty(self) -> bool:
        return not self.counted.tallies

    @property
    def parts(self) -> list[list[Standing]]:
        """The models of each group, the strongest first; at the end those without a strength."""
        parts = [[self._standing(one.model, one) for one in group.strengths] for group in self.groups]
        ranked = {one.model for group in self.groups for one in group.strengths}
        rest = [self._standing(model) for model in sorted(self.counted.tallies) if model not in ranked]
        return [*parts, rest] if rest else parts

    @property
    def standings(self) -> list[Standing]:
        return [one for part in self.parts for one in part]

    def _standing(self, model: str, strength: Strength | None = None) -> Standing:
        is_cheapest = self.cheapest is not None and model == self.cheapest.model_id
        is_quickest = self.quickest is not None and model == self.quickest.model_id
        return Standing(model_name(model), self.counted.tallies[model], strength, is_cheapest, is_quickest)

    @property
    def _compared(self) -> list[Tally]:
        """Those of the first group that have won: a win over others can be another matter."""
        models = [one.model for group in self.groups[:1] for one in group.strengths]
        return [self.counted.tallies[model] for model in models if self.counted.tallies[model].wins]

    @cached_property
    def cheapest(self) -> Tally | None:
        """The one whose wins cost least, where that is known of several."""
        known = [(one.cost_per_win, one.model_id, one) for one in self._compared if not one.unpriced]
        return min(known)[2] if len(known) > 1 else None

    @cached_property
    def quickest(self) -> Tally | None:
        known = [(one.seconds_per_win, one.model_id, one) for one in self._compared if one.seconds]
        return min(known)[2] if len(known) > 1 else None

    # -- In words ------------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> str:
        """Which channel is worth its money, as far as the votes allow."""
        if not self.groups:
            return _("Nothing can be said yet: in every vote none of the pictures was good enough.")
        group = self.groups[0]
        return (
            self._of_winner(group.winner)
            if group.winner
            else f"{self._of_no_winner(group)} {self._so_far}".strip()
        )

    def _of_winner(self, winner: Strength) -> str:
        best, cheapest = self.counted.tallies[winner.model], self.cheapest
        values = {"best": model_name(winner.model), "cost": said.money(best.cost_per_win)}
        if best.unpriced or cheapest is None:
            return _("%(best)s is the best for this work; what a win costs is not known for all.") % values
        if cheapest.model_id == winner.model:
            return (
                _("%(best)s is worth its money: it wins most, and its wins cost least, %(cost)s each.")
                % values
            )
        values |= {"other": model_name(cheapest.model_id), "less": said.money(cheapest.cost_per_win)}
        return (
            _("%(best)s wins most, at %(cost)s a win. With %(other)s a win takes more tries, and costs %(less)s.")
            % values
        )  # fmt: skip

    def _of_no_winner(self, group: Group) -> str:
        votes = int(group.votes)
        begin = ngettext(
            "No clear winner yet after %(votes)s vote:", "No clear winner yet after %(votes)s votes:", votes
        ) % {"votes": said.number(votes)}
        more = group.more_votes
        if more is None or more > NO_END:
            end = _("they are so close that more votes will hardly tell them apart.")
            return f"{begin} {end}"
        needed = ngettext(
            "about %(more)s more is likely needed.", "about %(more)s more are likely needed.", more
        ) % {"more": said.number(_round(more))}
        return f"{begin} {needed}"

    @property
    def _so_far(self) -> str:
        if self.cheapest is None:
            return ""
        values = {"other": model_name(self.cheapest.model_id), "less": said.money(self.cheapest.cost_per_win)}
        return _("So far a win costs least with %(other)s, %(less)s.") % values

    @property
    def is_split(self) -> bool:
        """Whether there are models that were never compared, not even by way of others."""
        return len(self.groups) > 1

    @cached_property
    def changed(self) -> int:
        return 0 if self.question.only_blind else changed_after_names(self.workspace, self.question)

    # -- Who against whom ----------------------------------------------------------------------------------------

    @property
    def duels(self) -> Iterator[tuple[str, list[str]]]:
        """For each model, how often it was chosen over each other one, in the same order; equal ones after a plus."""
        models = [one.tally.model_id for one in self.standings]
        for one in models:
            yield model_name(one), [self._duel(one, other) for other in models]

    def _duel(self, one: str, other: str) -> str:
        if one == other:
            return "–"
        won, tied, lost = self.counted.against(one, other)
        if not won + tied + lost:
            return ""
        return f"{said.number(won)} + {said.number(tied)}" if tied else said.number(won)

    # -- To be drawn ---------------------------------------------------------------------------------------------

    @cached_property
    def chart(self) -> Chart:
        return chart_of(self._lines, width=1120, names=250)

    @cached_property
    def phone_chart(self) -> Chart:
        return chart_of(self._lines, width=358, names=0)

    @property
    def _lines(self) -> list[list[Standing]]:
        return [[one for one in part if one.strength] for part in self.parts if part[0].strength]

    @cached_property
    def tags(self) -> Sequence[Tag]:
        return list(Tag.objects.filter(workspace=self.workspace)[:MOST_NAMES])

    @cached_property
    def collections(self) -> Sequence[Collection]:
        return list(Collection.objects.filter(workspace=self.workspace)[:MOST_NAMES])

    @property
    def modes(self) -> list[tuple[str, str]]:
        return [(value, str(words)) for value, words in MODES]


def _round(votes: int) -> int:
    """A guess, and it looks like one: two digits."""
    digits = max(0, len(str(votes)) - 2)
    return round(votes, -digits)
