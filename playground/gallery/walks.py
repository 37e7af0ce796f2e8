"""Walks through pictures by their keys, newest first: each along the index that serves its question, however deep.

walk.older(than, 40)    # the next page
walk.newer(than, 1)     # the picture that came just after
walk.count()            # how many there are, as far as is quick
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from django.db import connection

from playground.gallery import search
from playground.gallery.models import PictureQuerySet
from playground.gallery.search import NEAR, Asked, found, nearest

# So many are counted: to go on would be a scan.
COUNTED = 200
LAST = 2**62  # above every key


@dataclass(frozen=True)
class Walk(ABC):
    """Pictures between two keys, both included."""

    first: int = 1
    last: int = LAST

    def older(self, than: int | None, count: int) -> list[int]:
        """The keys of the next so many below this one, newest first; from the newest where it is None."""
        return self._down(self.last + 1 if than is None else min(than, self.last + 1), count)

    def newer(self, than: int, count: int) -> list[int]:
        """Those just above, oldest first."""
        return self._up(max(than + 1, self.first), count)

    def within(self, first: int | None, last: int | None) -> Self:
        """Only those between these keys; None is no bound."""
        return replace(self, first=max(self.first, first or 1), last=min(self.last, last or LAST))

    @cached_property
    def newest(self) -> list[int]:
        """As many as are counted: to find them all at once is quicker than a page first, and then their number."""
        return self.older(None, COUNTED + 1)

    def count(self) -> int:
        """How many there are, but no further than COUNTED + 1."""
        return len(self.newest)

    @abstractmethod
    def _down(self, below: int, count: int) -> list[int]: ...

    @abstractmethod
    def _up(self, first: int, count: int) -> list[int]: ...


@dataclass(frozen=True)
class Nowhere(Walk):
    """Finds nothing."""

    def _down(self, below: int, count: int) -> list[int]:
        return []

    def _up(self, first: int, count: int) -> list[int]:
        return []


@dataclass(frozen=True, kw_only=True)
class ByColumns(Walk):
    """Along an index of the pictures themselves."""

    rows: PictureQuerySet

    def _down(self, below: int, count: int) -> list[int]:
        rows = self.rows.order_by("-pk") if below > LAST else self.rows.filter(pk__lt=below).order_by("-pk")
        rows = rows.filter(pk__gte=self.first) if self.first > 1 else rows
        return list(rows.values_list("pk", flat=True)[:count])

    def _up(self, first: int, count: int) -> list[int]:
        rows = self.rows.filter(pk__gte=first).order_by("pk")
        rows = rows.filter(pk__lte=self.last) if self.last < LAST else rows
        return list(rows.values_list("pk", flat=True)[:count])


@dataclass(frozen=True, kw_only=True)
class ByWords(Walk):
    """Along the index of words."""

    asked: Asked

    def _down(self, below: int, count: int) -> list[int]:
        return found(self.asked, self.first, below, count)

    def _up(self, first: int, count: int) -> list[int]:
        return found(self.asked, first, self.last + 1, count, upward=True)


@dataclass(frozen=True, kw_only=True)
class ByWordsTogether(ByWords):
    """The same on PostgreSQL for several words, of which it cannot know how many rows have all.

    So the next NEAR rows are looked through first. Where these say that all are within ten times as far, those are,
    too; else the index gives all that there are, and they are few enough to be sorted.
    """

    def _down(self, below: int, count: int) -> list[int]:
        top = min(below, self._newest + 1)
        start, end = max(self.first, top - NEAR), max(self.first, top - 10 * NEAR)
        keys = nearest(self.asked, start, top, count)
        if len(keys) < count and start > end and 10 * len(keys) >= count:
            keys += nearest(self.asked, end, start, count - len(keys))
            start = end
        if len(keys) == count or start == self.first:
            return keys
        return found(self.asked, self.first, below, count, by_words=True)

    def _up(self, first: int, count: int) -> list[int]:
        below = self.last + 1
        keys = nearest(self.asked, first, min(first + NEAR, below), count, upward=True)
        if len(keys) == count or first + NEAR > min(self.last, self._newest):
            return keys
        return found(self.asked, first, below, count, upward=True, by_words=True)

    @cached_property
    def _newest(self) -> int:
        return search.newest()


def by_words(asked: Asked, *, several: bool) -> ByWords:
    """The walk for this question to the index of words; `several`: it asks for more than one thing at once."""
    is_guess = several and connection.vendor == "postgresql"
    return ByWordsTogether(asked=asked) if is_guess else ByWords(asked=asked)
