"""Which pictures somebody wants to see: read from an address, written back into one, and turned into rows.

    wanted = Filter.read(request.GET)
    wanted.walk(workspace).older(than, 40)     # the keys of the next page

Words, several values or several facets at once go to the search index on SQLite; PostgreSQL puts its own indexes
together, so there only words do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict

from playground.accounts.models import Workspace
from playground.gallery.facets import FACETS
from playground.gallery.models import BEST, Picture, Placing, Tagging
from playground.gallery.search import Asked, token
from playground.gallery.walks import ByColumns, Nowhere, Walk, by_words
from playground.gallery.words import words_asked

MOST_VALUES = 20
LONGEST_QUERY = 500


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

    def walk(self, workspace: Workspace) -> Walk:
        """All of them, newest first, by the index that serves this question."""
        if self.words and not self.asked:
            return Nowhere()  # nothing but punctuation is in no prompt
        if self._is_for_the_search():
            groups = tuple(self._groups())
            walk: Walk = by_words(Asked((*_naming(workspace), *groups)), several=len(groups) > 1)
        else:
            walk = self._by_columns(workspace)
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

    def _by_columns(self, workspace: Workspace) -> Walk:
        rows = Picture.objects.of(workspace).shown().having(**self.facets)
        if self.favourites:
            rows = rows.filter(is_favourite=True)
        if self.rating:
            rows = rows.filter(rating__gt=0, rating__gte=self.rating)  # the first is what its index holds
        if self.collection:
            rows = rows.filter(pk__in=Placing.objects.filter(collection=self.collection).values("picture"))
        if self.tag:
            rows = rows.filter(pk__in=Tagging.objects.filter(tag=self.tag).values("picture"))
        return ByColumns(rows=rows)

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
            return Nowhere()
        return walk.within(first, last)


def _naming(workspace: Workspace) -> Iterable[tuple[str, ...]]:
    """What names the workspace: a list as long as its gallery, two thirds of a search's time where it has no other."""
    if workspace.has_others:
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
