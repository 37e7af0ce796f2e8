"""A ballot as pages show it. Before the vote a template reads no more of a Frame than its name, key and address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from playground.costs.page import model_name
from playground.votes import blind
from playground.votes.models import Answer, Ballot, Place

NAMES = (
    pgettext_lazy("name of a picture without a name", "One"),
    pgettext_lazy("name of a picture without a name", "Two"),
    pgettext_lazy("name of a picture without a name", "Three"),
    pgettext_lazy("name of a picture without a name", "Four"),
    pgettext_lazy("name of a picture without a name", "Five"),
    pgettext_lazy("name of a picture without a name", "Six"),
    pgettext_lazy("name of a picture without a name", "Seven"),
    pgettext_lazy("name of a picture without a name", "Eight"),
    pgettext_lazy("name of a picture without a name", "Nine"),
)
_ANSWERS = {
    Answer.TIE: gettext_lazy("You found them equally good."),
    Answer.PASSED: gettext_lazy("You looked at the names without voting. It counts for nobody."),
    "": gettext_lazy("Your vote was taken back. It counts for nobody."),
}


@dataclass(frozen=True)
class Frame:
    """One picture without a name."""

    place: Place
    address: str = ""  # of the picture

    @property
    def key(self) -> str:
        return str(self.place.position)

    @property
    def name(self) -> str:
        return str(NAMES[self.place.position - 1])

    @property
    def is_chosen(self) -> bool:
        return self.place.outcome == Place.Outcome.WON

    @property
    def model(self) -> str:
        return model_name(self.place.model_id)


@dataclass(frozen=True)
class Shown:
    """One ballot, ready to be drawn. A page for others than people of the workspace names addresses of its own."""

    ballot: Ballot
    address_of: Callable[[Place], str] = attrgetter("address")

    @property
    def frames(self) -> Sequence[Frame]:
        return [Frame(place, self.address_of(place)) for place in self.ballot.shown]

    @cached_property
    def width(self) -> int:
        return blind.box_of(self.ballot)[0]

    @cached_property
    def height(self) -> int:
        return blind.box_of(self.ballot)[1]

    @property
    def is_tall(self) -> bool:
        return self.height > self.width

    @cached_property
    def _round(self) -> list[tuple[int, str]]:
        """The keys and answers of its round."""
        if self.ballot.round is None:
            return [(self.ballot.pk, self.ballot.answer)]
        return list(self.ballot.round.ballots.order_by("pk").values_list("pk", "answer"))

    @property
    def number(self) -> int:
        """Which one of its round it is, from 1."""
        return [pk for pk, _answer in self._round].index(self.ballot.pk) + 1

    @property
    def total(self) -> int:
        """How many its round has; 0 where it goes on as long as runs wait."""
        return 0 if self.ballot.round and self.ballot.round.from_queue else len(self._round)

    @property
    def title(self) -> str:
        run = self.ballot.run
        return _("Blind vote, run %(number)s") % {"number": run.number} if run else _("Blind vote")

    @property
    def said(self) -> str:
        """What was answered, in words."""
        return self.in_words(with_model=self.ballot.revealed_at is not None)

    def in_words(self, *, with_model: bool) -> str:
        """The same, also for people who are not to know models at all."""
        ballot = self.ballot
        if ballot.answer == Answer.CHOICE and ballot.chosen:
            frame = Frame(ballot.chosen)
            if not with_model:
                return _("You chose %(name)s.") % {"name": frame.name}
            return _("You chose %(name)s: %(model)s.") % {"name": frame.name, "model": frame.model}
        if ballot.answer == Answer.NONE:
            return _("You found both bad.") if ballot.is_pair else _("You found none of them good.")
        return str(_ANSWERS[ballot.answer])
