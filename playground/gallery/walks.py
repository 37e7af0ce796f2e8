"""Walks through pictures by their keys, newest first: each along the index that serves its question, however deep.

answer(walk.older(than, 40))    # the next page
answer(walk.newer(than, 1))     # the picture that came just after
walk.count()                    # how many there are, as far as is quick
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from django.db import connection

from playground.gallery import search
from playground.gallery.models import PictureQuerySet
from playground.gallery.search import Asked, Keys, found, keys_in
from playground.runs.asking import Question, answer, ask, both, known

# So many are counted: to go on would be a scan.
COUNTED = 100
LAST = 2**62  # above every key


@dataclass(frozen=True)
class Walk(ABC):
    """Pictures between two keys, both included."""

    first: int = 1
    last: int = LAST

    def older(self, than: int | None, count: int) -> Question[Keys]:
        """The keys of the next so many below this one, newest first; from the newest where it is None."""
        return self._down(self.last + 1 if than is None else min(than, self.last + 1), count)

    def newer(self, than: int, count: int) -> Question[Keys]:
        """Those just above, oldest first."""
        return self._up(max(than + 1, self.first), count)

    def within(self, first: int | None, last: int | None) -> Self:
        """Only those between these keys; None is no bound."""
        return replace(self, first=max(self.first, first or 1), last=min(self.last, last or LAST))

    @cached_property
    def newest(self) -> Keys:
        """As many as are counted: to find them all at once is quicker than a page first, and then their number."""
        return answer(self.older(None, COUNTED + 1))

    def count(self) -> int:
        """How many there are, but no further than COUNTED + 1."""
        return len(self.newest)

    @abstractmethod
    def _down(self, below: int, count: int) -> Question[Keys]: ...

    @abstractmethod
    def _up(self, first: int, count: int) -> Question[Keys]: ...


@dataclass(frozen=True)
class Nowhere(Walk):
    """Finds nothing."""

    def _down(self, below: int, count: int) -> Question[Keys]:
        return known([])

    def _up(self, first: int, count: int) -> Question[Keys]:
        return known([])


@dataclass(frozen=True, kw_only=True)
class ByColumns(Walk):
    """Along an index of the pictures themselves."""

    rows: PictureQuerySet

    def _down(self, below: int, count: int) -> Question[Keys]:
        rows = self.rows.order_by("-pk") if below > LAST else self.rows.filter(pk__lt=below).order_by("-pk")
        rows = rows.filter(pk__gte=self.first) if self.first > 1 else rows
        return _keys_of(rows, count)

    def _up(self, first: int, count: int) -> Question[Keys]:
        rows = self.rows.filter(pk__gte=first).order_by("pk")
        rows = rows.filter(pk__lte=self.last) if self.last < LAST else rows
        return _keys_of(rows, count)


def _keys_of(rows: PictureQuerySet, count: int) -> Question[Keys]:
    return ask(keys_in, *rows.values_list("pk", flat=True)[:count].query.sql_with_params())


@dataclass(frozen=True, kw_only=True)
class ByWords(Walk):
    """Along the index of words."""

    asked: Asked

    def _down(self, below: int, count: int) -> Question[Keys]:
        return found(self.asked, self.first, below, count)

    def _up(self, first: int, count: int) -> Question[Keys]:
        return found(self.asked, first, self.last + 1, count, upward=True)


# Further than this, what is found so rarely is better asked for as a whole.
FAR = 64 * search.STRETCH


@dataclass(frozen=True, kw_only=True)
class ByWordsTogether(ByWords):
    """The same on PostgreSQL for several words, of which it cannot know how many rows have all.

    So the next NEAR keys are looked through first. What these give says how far the others lie: as many stretches are
    asked for, or where that is most of them, all; they are few enough to be sorted.
    """

    def _down(self, below: int, count: int) -> Question[Keys]:
        return known(self._gathered(self.first, below, count, upward=False))

    def _up(self, first: int, count: int) -> Question[Keys]:
        return known(self._gathered(first, self.last + 1, count, upward=True))

    def _gathered(self, first: int, below: int, count: int, *, upward: bool) -> Keys:
        near = search.nearest(self.asked, first, below, count, upward=upward)
        keys, newest = answer(both(near, search.newest()))
        below = min(below, newest + 1)
        if len(keys) == count or below - first <= search.NEAR:
            return keys
        far = 3 * search.NEAR * count // len(keys) if keys else below - first
        if far < min(FAR, (below - first) // 2):
            part = (first, first + far) if upward else (below - far, below)
            keys = answer(search.gathered(self.asked, *part, count, upward=upward, is_part=True))
            if len(keys) == count:
                return keys
        return answer(search.gathered(self.asked, first, below, count, upward=upward))


def by_words(asked: Asked, *, several: bool) -> ByWords:
    """The walk for this question to the index of words; `several`: it asks for more than one thing at once."""
    is_guess = several and connection.vendor == "postgresql"
    return ByWordsTogether(asked=asked) if is_guess else ByWords(asked=asked)
