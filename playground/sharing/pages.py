"""The pages of a link: all of its pictures, its conversation, or one picture with those beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.urls import reverse
from django.utils.translation import ngettext

from playground.runs.models import Generation
from playground.runs.templatetags import darkroom as said
from playground.sharing import contents
from playground.sharing.models import Item, Link
from playground.sharing.shown import Shot, Small, brought_to, shot_of, until

PAGE_SIZE = 60


@dataclass(frozen=True)
class Step:
    """What was said in a conversation, and the pictures that answered."""

    number: int
    prompt: str
    shots: list[Shot]
    words: list[str] = field(default_factory=list)
    brought: Sequence[Small] = ()

    @property
    def lang(self) -> str:
        return said.prompt_lang(self.prompt)


class Page:
    """The page of a link, with the pictures of one of its leaves (from 1)."""

    def __init__(self, link: Link, leaf: int = 1) -> None:
        self._link, self.leaf = link, max(leaf, 1)
        contents.refresh(link)

    @cached_property
    def numbers(self) -> list[int]:
        return list(contents.items_of(self._link).values_list("position", flat=True))

    @property
    def count(self) -> int:
        return len(self.numbers)

    @property
    def missing(self) -> int:
        return contents.gone_from(self._link, self.count)

    @property
    def leaves(self) -> int:
        return max(1, -(-self.count // PAGE_SIZE))

    @cached_property
    def shots(self) -> list[Shot]:
        first = (self.leaf - 1) * PAGE_SIZE
        return self._shots(self.numbers[first : first + PAGE_SIZE])

    def _shots(self, numbers: Sequence[int]) -> list[Shot]:
        rows = contents.items_of(self._link).filter(position__in=numbers)
        return [shot_of(self._link, item, brings=self.count == 1) for item in rows]

    @property
    def home(self) -> str:
        return reverse("public:page", args=[self._link.token])

    # -- In words --------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The owner's, else the first words of the one prompt that is shown, else how many pictures there are."""
        return self._link.title or self._first_words or self.counted

    @property
    def _first_words(self) -> str:
        is_one = self._link.kind == Link.Kind.RUN or self.count == 1
        return said.first_line(self.shots[0].prompt) if is_one and self.shots else ""

    @property
    def counted(self) -> str:
        shared = ngettext("%(count)s shared picture", "%(count)s shared pictures", self.count)
        return shared % {"count": self.count}

    @property
    def description(self) -> str:
        return said.first_line(self._link.words)

    @property
    def words(self) -> str:
        return self._link.words

    @property
    def words_lang(self) -> str:
        return said.prompt_lang(self._link.words or self._link.title)

    @property
    def signed(self) -> str:
        return self._link.signed

    @property
    def until(self) -> str:
        return until(self._link)

    @property
    def has_password(self) -> bool:
        return bool(self._link.password)

    @property
    def prompt(self) -> str:
        """The one prompt of all of them, of a run."""
        return self.shots[0].prompt if self._link.kind == Link.Kind.RUN and self.shots else ""

    @property
    def prompt_lang(self) -> str:
        return said.prompt_lang(self.prompt)

    @property
    def is_conversation(self) -> bool:
        return self._link.kind == Link.Kind.CONVERSATION and self.count > 1

    # -- A conversation --------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of this leaf in their order. Words without a picture only where what was said is shown."""
        items = list(contents.items_of(self._link).select_related("output__generation__run__turn"))
        first = (self.leaf - 1) * PAGE_SIZE
        found: dict[int, list[Item]] = {}
        for item in items[first : first + PAGE_SIZE]:
            found.setdefault(_generation(item).run.turn.number, []).append(item)
        steps = [self._step(number, shown) for number, shown in found.items()]
        ordered = sorted([*steps, *self._answered_in_words(found)], key=lambda step: step.number)
        if self._link.shows_prompts:
            return ordered
        return [replace(step, number=first + place) for place, step in enumerate(ordered, 1)]

    def _step(self, number: int, items: list[Item]) -> Step:
        turn = _generation(items[0]).run.turn
        shots = [shot_of(self._link, item, brings=False) for item in items]
        brought = brought_to(self._link, shots[0].address, items[0].output) if items[0].output else []
        # The first picture of a step that goes on is the one before it on this page.
        others = [each for each in brought if not (turn.picture_id and each.number == 1)]
        return Step(number, shots[0].prompt, shots, brought=others)

    def _answered_in_words(self, found: Iterable[int]) -> list[Step]:
        if not self._link.shows_prompts or self._link.conversation is None or self.leaf != 1:
            return []
        turns = self._link.conversation.turns.kept().filter(created_at__lte=self._link.gathered_at)
        turns = (
            turns.exclude(number__in=list(found)).select_related("run").prefetch_related("run__generations")
        )
        return [
            Step(
                turn.number,
                turn.run.prompt,
                [],
                [one.words for one in turn.run.generations.all() if one.words],
            )
            for turn in turns.filter(run__generations__words__gt="").distinct()[:PAGE_SIZE]
        ]


def _generation(item: Item) -> Generation:
    assert item.output is not None  # noqa: S101  # as above
    return item.output.generation


class One:
    """One picture of a link, and those beside it."""

    BESIDE = 6  # small pictures on each side

    def __init__(self, page: Page, link: Link, item: Item) -> None:
        self.page, self.shot = page, shot_of(link, item)
        at = page.numbers.index(item.position)
        self.place = at + 1
        self._around = page.numbers[max(0, at - self.BESIDE) : at + self.BESIDE + 1]
        self.before = reverse("public:one", args=[link.token, page.numbers[at - 1]]) if at else ""
        is_last = at + 1 == page.count
        self.after = "" if is_last else reverse("public:one", args=[link.token, page.numbers[at + 1]])

    @cached_property
    def beside(self) -> list[Shot]:
        return self.page._shots(self._around)
