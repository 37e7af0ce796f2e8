"""What the gallery shows: a page of pictures in days, and where the next one begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString

from playground.accounts.models import Workspace
from playground.gallery.cells import Cell, Cells, drawn
from playground.gallery.facets import FACETS
from playground.gallery.filters import Filter
from playground.gallery.models import Picture, Tally
from playground.gallery.shelving import NONE, Tallied, Tallies, tallies_of
from playground.gallery.walks import COUNTED, Walk
from playground.runs.templatetags import darkroom as said

PAGE_SIZE = 40


class Extent(IntEnum):
    """How much of the page is asked for: the next rows, what another filter finds, or all of it."""

    ROWS = 1
    FOUND = 2
    WHOLE = 3


@dataclass(frozen=True)
class Day:
    """The pictures of one day that are on this page; the tally is of the whole day, where that is known.

    What a filter finds lies far apart: there it is a month.
    """

    words: str
    cells: list[Cell]
    tally: Tallied | None

    @property
    def frames(self) -> SafeString:
        return drawn(self.cells)


@dataclass(frozen=True)
class Page:
    """One page of the gallery; `next_before` is the picture id to go on from, None at the end."""

    days: list[Day]
    wanted: Filter
    walk: Walk
    tallies: Tallies
    next_before: int | None = None
    newer: int | None = None  # the newest picture of the page before, where one is
    is_later: bool = False  # whether this goes on from a page before
    continues: bool = False  # whether the first day does, too

    @property
    def is_empty(self) -> bool:
        return not self.days

    @property
    def next_address(self) -> str:
        return self.wanted.address(before=self.next_before)

    @property
    def newer_address(self) -> str:
        return self.wanted.address(at=self.newer)


def page_of(
    workspace: Workspace,
    wanted: Filter | None = None,
    *,
    before: int | None = None,
    at: int | None = None,
    size: int = PAGE_SIZE,
    extent: Extent = Extent.WHOLE,
) -> Page:
    """The newest pictures before this id, or those from `at` on: a walk along one index, however deep."""
    wanted = wanted or Filter()
    walk = wanted.walk(workspace)
    than = before if at is None else at + 1
    is_counted = extent > Extent.ROWS and not _is_tallied(wanted)
    keys = walk.newest[: size + 1] if than is None and is_counted else walk.older(than, size + 1)
    # What goes below a page needs no way back, but it must know whether it goes on with that page's last day.
    above = walk.newer(than - 1, 1 if extent == Extent.ROWS else size) if than is not None else []
    found = Picture.objects.of(workspace).filter(pk__in=[*above[:1], *keys[:size]])
    rows = {row.pk: row for row in found.as_cells()}
    shown = [rows[key] for key in keys[:size] if key in rows]
    begins = [_begins(rows[key].made_on, wanted) for key in (*above[:1], *keys[:1]) if key in rows]
    tallies = _tallies(workspace, wanted, shown, extent)
    return Page(
        _days(shown, wanted, tallies),
        wanted,
        walk,
        tallies,
        next_before=keys[size - 1] if len(keys) > size else None,
        newer=above[-1] if above and extent > Extent.ROWS else None,
        is_later=than is not None,
        continues=len(begins) == 2 and begins[0] == begins[1],
    )


def _tallies(workspace: Workspace, wanted: Filter, shown: Sequence[Any], extent: Extent) -> Tallies:
    """Those that are said: a day is known of what no filter leaves out, and what a whole page offers is counted."""
    days = sorted({picture.made_on for picture in shown}) if wanted.is_empty else []
    facets: Iterable[str] = ()
    if extent == Extent.WHOLE:
        facets = (Tally.ALL, *FACETS)
    elif extent == Extent.FOUND and _is_tallied(wanted):
        facets = wanted.facets or (Tally.ALL,)
    return tallies_of(workspace, facets=facets, days=days) if facets or days else {}


def _days(shown: Sequence[Any], wanted: Filter, tallies: Tallies) -> list[Day]:
    cells = Cells(wanted)
    groups = groupby(shown, key=lambda picture: _begins(picture.made_on, wanted))
    return [_day(day, cells.of(pictures), tallies, wanted) for day, pictures in groups]


def _begins(day: date, wanted: Filter) -> date:
    return day if wanted.is_empty else day.replace(day=1)


def _day(day: date, cells: list[Cell], tallies: Tallies, wanted: Filter) -> Day:
    words = said.day(day) if wanted.is_empty else date_format(day, "YEAR_MONTH_FORMAT")
    return Day(words, cells, tallies.get((Tally.DAY, day.isoformat())))


@dataclass(frozen=True)
class Count:
    """How many pictures a filter finds; `and_more` where that was not counted to the end."""

    pictures: int
    and_more: bool = False


def count_of(page: Page) -> Count:
    """Of all that the page's filter finds: from the tallies where they know it, else counted as far as is quick."""
    wanted = page.wanted
    if _is_tallied(wanted):
        facet, values = next(iter(wanted.facets.items()), (Tally.ALL, ("",)))
        return Count(sum(page.tallies.get((facet, value), NONE).pictures for value in values))
    found = page.walk.count()
    return Count(min(found, COUNTED), and_more=found > COUNTED)


def _is_tallied(wanted: Filter) -> bool:
    """Whether no more than values of one facet are asked for."""
    asked = sum(len(values) for values in wanted.facets.values())
    return len(wanted.facets) <= 1 and len(wanted.parts) == asked


def neighbours(workspace: Workspace, pk: int, wanted: Filter) -> tuple[int | None, int | None]:
    """The pictures that came just after and just before this one, among those that are looked at."""
    walk = wanted.walk(workspace)
    return next(iter(walk.newer(pk, 1)), None), next(iter(walk.older(pk, 1)), None)
