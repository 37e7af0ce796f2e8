"""Which pictures somebody wants to see: read from an address, written back into one, and turned into rows.

    wanted = Filter.read(request.GET)
    walk = wanted.walk(workspace)              # rows, and what they are ordered by
    walk.older(than, 40)                       # the next page, however deep
    wanted.pictures(workspace)                 # all of them, for an export or a link

Words, several values or several facets at once go to the search index on SQLite; PostgreSQL puts its own indexes
together, so there only words do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Max
from django.http import QueryDict

from playground.accounts.models import Workspace
from playground.gallery.facets import FACETS
from playground.gallery.models import BEST, Picture, PictureQuerySet, Placing, Tagging
from playground.gallery.search import NEAR, Asked, found, how_many, nearest, token
from playground.gallery.words import words_asked

MOST_VALUES = 20
LONGEST_QUERY = 500
COUNTED = 500
LAST = 2**62  # above every key
BY_PICTURE, BY_SEARCH = "pk", "search__picture_id"


@dataclass(frozen=True)
class Walk:
    """Rows, and the column of the index that is walked: paging by another one would sort them all."""

    rows: PictureQuerySet
    key: str = BY_PICTURE

    def older(self, than: int | None, count: int) -> list[int]:
        """The keys of the next so many, newest first; from the newest where `than` is None."""
        return list(self._older(than).values_list("pk", flat=True)[:count])

    def older_cells(self, than: int | None, count: int) -> list[Any]:
        """The same with what frames show. PostgreSQL is asked twice: it would join its way down from the newest."""
        if connection.vendor == "sqlite":
            return list(self._older(than).as_cells()[:count])
        rows = Picture.objects.filter(pk__in=self.older(than, count)).as_cells()
        return sorted(rows, key=lambda row: -int(row.pk))

    def _older(self, than: int | None) -> PictureQuerySet:
        rows = self.rows if than is None else self._beyond("lt", than)
        return rows.order_by(f"-{self.key}")

    def _beyond(self, comparison: str, pk: int) -> PictureQuerySet:
        """Rows on one side of a key. PostgreSQL must hear it of both tables, SQLite only of the one that it walks."""
        keys = {self.key} if connection.vendor == "sqlite" else {self.key, BY_PICTURE}
        return self.rows.filter(**{f"{key}__{comparison}": pk for key in keys})

    def newer(self, than: int, count: int) -> list[Picture]:
        """Those just before, oldest first: their keys and days."""
        return list(self._beyond("gt", than).order_by(self.key).only("pk", "made_on")[:count])

    def within(self, first: int | None, last: int | None) -> "Walk":
        """Only those whose keys lie between; None is no bound."""
        walk = self if first is None else replace(self, rows=self._beyond("gte", first))
        return walk if last is None else replace(walk, rows=walk._beyond("lte", last))

    def count(self) -> int:
        """How many there are, but no further than COUNTED + 1: counting must not be a scan."""
        return self.rows.order_by(f"-{self.key}").values("pk")[: COUNTED + 1].count()


@dataclass(frozen=True)
class Search(Walk):
    """On PostgreSQL, in its index of words alone.

    Where it cannot know how usual what is asked is, the next rows are looked through first, `near` of them.
    """

    asked: Asked = Asked(())
    near: int = NEAR
    first: int = 1
    last: int = LAST

    def older(self, than: int | None, count: int) -> list[int]:
        below = self.last + 1 if than is None else min(than, self.last + 1)
        if not self.near:
            return found(self.asked, self.first, below, count)
        top = min(below, self._newest + 1)
        # Where a tenth was near, the rest is not far: to find all that there is would take longer.
        for rows, enough in ((self.near, count / 10), (10 * self.near, count)):
            start = max(self.first, top - rows)
            near = nearest(self.asked, start, top, count)
            if len(near) == count or start == self.first:
                return near
            if len(near) < enough:
                break
        return (
            self._latest[:count]
            if than is None
            else found(self.asked, self.first, below, count, by_words=True)
        )

    def newer(self, than: int, count: int) -> list[Picture]:
        first, below = max(than + 1, self.first), self.last + 1
        if self.near:
            near = nearest(self.asked, first, min(first + self.near, below), count, upward=True)
            if len(near) < count and first + self.near <= min(self.last, self._newest):
                near = found(self.asked, first, below, count, upward=True, by_words=True)
        else:
            near = found(self.asked, first, below, count, upward=True)
        return list(Picture.objects.filter(pk__in=near).order_by("pk").only("pk", "made_on"))

    def count(self) -> int:
        if "_latest" in vars(self):
            return len(self._latest)
        return how_many(self.asked, self.first, self.last + 1, COUNTED + 1)

    @cached_property
    def _latest(self) -> list[int]:
        """As many as are counted: to find the first page of what is rare takes as long as to find them all."""
        return found(self.asked, self.first, self.last + 1, COUNTED + 1, by_words=True)

    @cached_property
    def _newest(self) -> int:
        return Picture.objects.aggregate(newest=Max("pk"))["newest"] or 0

    def within(self, first: int | None, last: int | None) -> "Walk":
        return replace(super().within(first, last), first=first or 1, last=last or LAST)  # type: ignore[call-arg]


@dataclass(frozen=True)
class Filter:
    """A question to the gallery. Empty fields ask for nothing."""

    words: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    tag: int = 0
    collection: int = 0
    favourites: bool = False
    rating: int = 0  # at least

    @classmethod
    def read(cls, query: QueryDict) -> "Filter":
        """From an address; nonsense in it is left out."""
        facets = {name: _values(query.getlist(name)) for name in FACETS}
        return cls(
            words=query.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY],
            facets={name: values for name, values in facets.items() if values},
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            tag=number(query.get("tag", "")),
            collection=number(query.get("collection", "")),
            favourites=bool(query.get("favourites")),
            rating=min(number(query.get("rating", "")), BEST),
        )

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """As names and values of an address, each a condition of its own."""
        pairs: list[tuple[str, object]] = [("q", self.words)]
        pairs += [(name, value) for name, values in self.facets.items() for value in values]
        pairs += [
            ("since", self.since),
            ("until", self.until),
            ("tag", self.tag),
            ("collection", self.collection),
        ]
        pairs += [("favourites", int(self.favourites)), ("rating", self.rating)]
        return [(name, str(value)) for name, value in pairs if value]

    def address(self, **more: object) -> str:
        """What follows the path: `?q=tea&model=gpt-image-2`, or nothing."""
        query = urlencode([*self.parts, *((name, str(value)) for name, value in more.items() if value)])
        return f"?{query}" if query else ""

    def without(self, name: str, value: str) -> "Filter":
        """The same question with one condition less."""
        query = QueryDict(mutable=True)
        for part in self.parts:
            if part != (name, value):
                query.appendlist(*part)
        return Filter.read(query)

    @property
    def is_empty(self) -> bool:
        return not self.parts

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than words and favourites, which stand beside the search."""
        return any(name not in ("q", "favourites") for name, _ in self.parts)

    @cached_property
    def asked(self) -> list[str]:
        return words_asked(self.words)

    def pictures(self, workspace: Workspace) -> PictureQuerySet:
        """All of them, newest first."""
        walk = self.walk(workspace)
        return walk.rows.order_by(f"-{walk.key}")

    def walk(self, workspace: Workspace) -> Walk:
        """The rows by the index that serves this question."""
        if self.words and not self.asked:
            return Walk(Picture.objects.none())  # nothing but punctuation is in no prompt
        if self._is_for_the_search():
            groups = tuple(self._groups())
            asked = Asked((*_naming(workspace), *groups))
            rows = Picture.objects.matching(asked, workspace)
            # Of a single word PostgreSQL knows how usual it is; of several together it can only guess.
            near = NEAR if len(groups) > 1 else 0
            sqlite = connection.vendor == "sqlite"
            walk = Walk(rows, BY_SEARCH) if sqlite else Search(rows, BY_SEARCH, asked, near)
        else:
            walk = self._by_columns(Picture.objects.of(workspace).shown())
        return self._between_days(walk, workspace)

    def _is_for_the_search(self) -> bool:
        """Where one column answers, its index does; PostgreSQL puts several together by itself."""
        if connection.vendor != "sqlite":
            return bool(self.asked)
        asked = [name for name, _ in self.parts if name not in ("since", "until")]
        return len(asked) > 1 or bool(asked and asked[0] not in (*self.facets, "favourites"))

    def _groups(self) -> Iterable[tuple[str, ...]]:
        for word in self.asked:
            yield (word,)
        for name, values in self.facets.items():
            yield tuple(token(name, value) for value in values)
        for kind, value in (("tag", self.tag), ("collection", self.collection), ("rating", self.rating)):
            if value:
                yield (token(kind, value),)
        if self.favourites:
            yield (token("favourite"),)

    def _by_columns(self, rows: PictureQuerySet) -> Walk:
        rows = rows.having(**self.facets)
        if self.favourites:
            rows = rows.filter(is_favourite=True)
        if self.rating:
            rows = rows.filter(rating__gt=0, rating__gte=self.rating)  # the first is what its index holds
        if self.collection:
            rows = rows.filter(pk__in=Placing.objects.filter(collection=self.collection).values("picture"))
        if self.tag:
            rows = rows.filter(pk__in=Tagging.objects.filter(tag=self.tag).values("picture"))
        return Walk(rows)

    def _between_days(self, walk: Walk, workspace: Workspace) -> Walk:
        """Days as bounds of the key that is walked anyway: keys grow with time."""
        if not self.since and not self.until:
            return walk
        days = Picture.objects.of(workspace).shown()
        first = last = None
        if self.since:
            days = days.filter(made_on__gte=self.since)
            first = days.order_by("made_on", "pk").values_list("pk", flat=True).first()
        if self.until:
            days = days.filter(made_on__lte=self.until)
            last = days.order_by("-made_on", "-pk").values_list("pk", flat=True).first()
        if (self.since and first is None) or (self.until and last is None):
            return Walk(Picture.objects.none())
        return walk.within(first, last)


def _naming(workspace: Workspace) -> Iterable[tuple[str, ...]]:
    """What names the workspace: a list as long as its gallery, two thirds of a search's time where it has no other."""
    if Workspace.objects.exclude(pk=workspace.pk).exists():
        yield (token("workspace", workspace.pk),)


def _values(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in found[:MOST_VALUES] if value and "\x00" not in value))


def _day(found: str) -> date | None:
    try:
        return date.fromisoformat(found)
    except ValueError:
        return None


def number(found: str) -> int:
    """As large as a row's id can be; 0 for anything else."""
    return int(found) if found.isascii() and found.isdigit() and len(found) < 19 else 0
