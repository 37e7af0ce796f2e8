"""What the page of a conversation shows of a place: the stage, the steps that lead there, and the ways on.

However long the conversation is, the page is as heavy and asks as often: steps, branches and dots have a limit each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, Sum
from django.urls import reverse

from playground.chat.mapping import Drawing, draw_around
from playground.chat.models import Conversation, Turn
from playground.chat.places import Place, output_of, place_of
from playground.chat.tree import Node, Tree
from playground.runs.models import Billed, Generation, Output, Upload
from playground.studio.frames import Frame, Strip, dress

STEPS, MORE_STEPS, BRANCHES = 6, 24, 5


def address_of(conversation: Conversation, step: int, answer: Generation | int | None = None) -> str:
    """Where a turn is shown; step 0 is the beginning."""
    if not step:
        return reverse("chat:start", args=[conversation.number])
    query = f"?answer={getattr(answer, 'pk', answer)}" if answer else ""
    return reverse("chat:turn", args=[conversation.number, step]) + query


@dataclass(frozen=True)
class Thumb:
    """A way that can be taken: a small picture, or the state of one that is not there."""

    url: str
    step: int
    generation: Generation | None
    is_current: bool = False

    @cached_property
    def output(self) -> Output | None:
        return output_of(self.generation) if self.generation else None


@dataclass(frozen=True)
class Step:
    """One turn of the path, with the answer that the path goes through, and the branches beside it."""

    turn: Turn
    answer: Generation | None
    url: str
    is_current: bool
    place: int  # among its siblings, from 1
    places: int
    branches: Sequence[Thumb]
    before: str  # the addresses of the branches beside it
    after: str

    @cached_property
    def output(self) -> Output | None:
        return output_of(self.answer) if self.answer else None

    @property
    def others(self) -> int:
        """How many more answers the turn has."""
        return len(self.turn.run.generations.all()) - 1

    @property
    def cost(self) -> Decimal | None:
        """What all its answers cost, as far as it is known; None while nothing is."""
        costs = [one.cost for one in self.turn.run.generations.all() if one.cost is not None]
        return sum(costs, Decimal(0)) if costs else None


@dataclass(frozen=True)
class Costs:
    """Dollars: of the conversation with all its branches, of the path, and what may have been billed besides."""

    total: Decimal
    path: Decimal
    unknown: Decimal


@dataclass(frozen=True)
class Ways:
    """The addresses beside, above and below; empty where there is none."""

    left: str = ""
    right: str = ""
    up: str = ""
    down: str = ""


@dataclass(frozen=True)
class Before:
    """A picture to hold against the one on the stage."""

    key: str
    src: str
    width: int
    height: int


class Shown:
    """A place, with everything around it that the page shows. `steps` is how many of the path's."""

    def __init__(self, place: Place, tree: Tree, *, steps: int = STEPS) -> None:
        self.place, self.tree = place, tree
        self.conversation, self.turn, self.answer = place.conversation, place.turn, place.answer
        self.path = tree.path(self.turn.pk if self.turn else None)
        self.window = self.path[-steps:]
        self._wanted_steps = steps

    @property
    def current(self) -> int | None:
        return self.turn.pk if self.turn else None

    # -- What is read ----------------------------------------------------------------------------------------------

    @cached_property
    def _siblings(self) -> list[Node]:
        return self.tree.siblings(self.path[-1]) if self.path else []

    @cached_property
    def _children(self) -> list[Node]:
        return self.tree.children(self.current)[-BRANCHES - 1 :]

    @cached_property
    def _turns(self) -> dict[int, Turn]:
        """Every turn of which the page shows something."""
        wanted = {node.pk for node in [*self.window, *self._children]}
        for node in self.window:
            wanted |= {one.pk for one in _around(self.tree.siblings(node), node)}
        found = {turn.pk: turn for turn in Turn.objects.with_thumbs().filter(pk__in=wanted)}
        for turn in found.values():
            turn.conversation = self.conversation
        if self.turn:  # as it was read for its place, so that there is one truth
            found[self.turn.pk] = self.turn
        return found

    # -- The stage -------------------------------------------------------------------------------------------------

    @cached_property
    def strip(self) -> Strip | None:
        return dress(self.turn.run) if self.turn else None

    @property
    def frame(self) -> Frame | None:
        """The answer that is looked at."""
        return self.strip.frame(self.answer.pk) if self.strip and self.answer else None

    @property
    def output(self) -> Output | None:
        return self.frame.output if self.frame else None

    @property
    def start(self) -> Upload | None:
        return self.conversation.start

    @property
    def answers(self) -> list[Thumb]:
        """The turn's answers side by side, where there are several."""
        every = self.place.answers
        if self.turn is None or len(every) < 2:
            return []
        return [self._thumb(self.turn, one, is_current=one == self.answer) for one in every]

    @property
    def number(self) -> int:
        return self.turn.number if self.turn else 0

    @property
    def url(self) -> str:
        many = len(self.place.answers) > 1
        return address_of(self.conversation, self.number, self.answer if many else None)

    @cached_property
    def before(self) -> list[Before]:
        """What the picture may be held against: the one that it was made from, and the very first one."""
        if self.turn is None or self.output is None:
            return []
        found = [_before("step", self.turn.picture or self.start), _before("first", self._first)]
        return [one for one in found if one and one.src != self.output.original_url]

    @cached_property
    def _first(self) -> Output | Upload | None:
        """The picture at the root of the path."""
        if self.start or len(self.path) < 3:
            return self.start
        root = self.path[1].continues
        return Output.objects.filter(generation=root, index=0).first() if root else None

    # -- The steps -------------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        """The last steps of the path, the current one at the end."""
        chosen = [*(node.continues for node in self.path[1:]), self.answer.pk if self.answer else None]
        answers = chosen[len(chosen) - len(self.window) :] if self.window else []
        return [self._step(node, answer) for node, answer in zip(self.window, answers, strict=True)]

    def _step(self, node: Node, answer: int | None) -> Step:
        turn, siblings = self._turns[node.pk], self.tree.siblings(node)
        at = siblings.index(node)
        place = place_of(self.conversation, turn, answer or 0)
        shown = _around(siblings, node) if len(siblings) > 1 else []
        return Step(
            turn=turn,
            answer=place.answer,
            url=address_of(self.conversation, node.number, answer),
            is_current=node.pk == self.current,
            place=at + 1,
            places=len(siblings),
            branches=[self._way(one, is_current=one is node) for one in shown],
            before=address_of(self.conversation, siblings[at - 1].number) if at else "",
            after=address_of(self.conversation, siblings[at + 1].number) if at + 1 < len(siblings) else "",
        )

    @property
    def earlier(self) -> int:
        """How many steps of the path come before those that are shown."""
        return len(self.path) - len(self.window)

    @property
    def more_steps(self) -> int:
        return self._wanted_steps + MORE_STEPS

    @property
    def ways_on(self) -> list[Thumb]:
        """What goes on from here, the newest last."""
        return [self._way(node) for node in self._children[-BRANCHES:]]

    @property
    def is_more_on(self) -> bool:
        return len(self._children) > BRANCHES

    @property
    def deleted(self) -> list[Node]:
        """Branches from here that can be brought back."""
        return self.tree.deleted_from(self.current)

    def _way(self, node: Node, *, is_current: bool = False) -> Thumb:
        turn = self._turns[node.pk]
        answer = self.answer if node.pk == self.current else place_of(self.conversation, turn).answer
        return Thumb(address_of(self.conversation, node.number), node.number, answer, is_current)

    def _thumb(self, turn: Turn, answer: Generation, *, is_current: bool = False) -> Thumb:
        return Thumb(address_of(self.conversation, turn.number, answer), turn.number, answer, is_current)

    # -- The ways --------------------------------------------------------------------------------------------------

    @cached_property
    def ways(self) -> Ways:
        """One key away: beside (the turn's other answers first, then other turns), what was before, what came of it."""
        if self.turn is None:
            return Ways(down=self._down)
        every = self.place.answers
        at = next((place for place, one in enumerate(every) if one == self.answer), 0)
        left = self._thumb(self.turn, every[at - 1]).url if at else self._beside(-1)
        right = self._thumb(self.turn, every[at + 1]).url if at + 1 < len(every) else self._beside(1)
        return Ways(left, right, self._up, self._down)

    def _beside(self, by: int) -> str:
        """The last answer of the turn before, or the first of the one after."""
        at = next(place for place, node in enumerate(self._siblings) if node.pk == self.current) + by
        if not 0 <= at < len(self._siblings):
            return ""
        node = self._siblings[at]
        answers = list(self._turns[node.pk].run.generations.all())
        return address_of(self.conversation, node.number, answers[0 if by > 0 else -1])

    @property
    def _up(self) -> str:
        node = self.path[-1]
        number = self.tree.nodes[node.parent].number if node.parent else 0
        return address_of(self.conversation, number, node.continues)

    @property
    def _down(self) -> str:
        """The newest that goes on from this very answer, else from this turn."""
        below = self.tree.children(self.current)
        mine = [node for node in below if self.answer and node.continues == self.answer.pk] or below
        return address_of(self.conversation, mine[-1].number) if mine else ""

    # -- Figures ---------------------------------------------------------------------------------------------------

    @cached_property
    def map(self) -> Drawing:
        return draw_around(self.tree, self.current)

    @cached_property
    def costs(self) -> Costs:
        every = Generation.objects.filter(run__turn__conversation=self.conversation)
        sums = every.aggregate(
            total=Sum("cost"),
            path=Sum("cost", filter=Q(run__in=[node.run for node in self.path])),
            unknown=Sum("estimate_high", filter=Q(billed=Billed.UNKNOWN)),
        )
        return Costs(**{name: value or Decimal(0) for name, value in sums.items()})


def _around(siblings: Sequence[Node], node: Node) -> Sequence[Node]:
    """A few of them, with this one and its neighbours among them."""
    at = siblings.index(node)
    first = max(0, min(at - BRANCHES // 2, len(siblings) - BRANCHES))
    return siblings[first : first + BRANCHES]


def _before(key: str, picture: Output | Upload | None) -> Before | None:
    if isinstance(picture, Upload):
        return Before(key, picture.sent_url, picture.sent_width, picture.sent_height)
    return Before(key, picture.thumb(1280), picture.width, picture.height) if picture else None
