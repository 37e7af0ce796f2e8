"""What the gallery shows: a page of pictures in days, and where the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString

from playground.accounts.models import Workspace
from playground.gallery.cells import Cell, Cells, drawn
from playground.gallery.filters import COUNTED, Filter, Walk
from playground.gallery.models import Tally
from playground.gallery.shelving import NONE, Tallied, Tallies, tallies_of
from playground.runs.templatetags import darkroom as said

PAGE_SIZE = 40


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
    is_part: bool = False,
) -> Page:
    """The newest pictures before this id, or those from `at` on: a walk along one index, however deep.

    A part goes below what is shown already: it needs no way back, and no tallies but those of its days.
    """
    wanted = wanted or Filter()
    walk = wanted.walk(workspace)
    than = before if at is None else at + 1
    found = walk.older_cells(than, size + 1)
    shown = found[:size]
    above = walk.newer(than - 1, 1 if is_part else size) if than is not None else []
    begins = [_begins(picture.made_on, wanted) for picture in (*above[:1], *shown[:1])]
    # The day is known of what no filter leaves out.
    days = sorted({picture.made_on for picture in shown}) if wanted.is_empty else []
    tallies = {} if is_part and not days else tallies_of(workspace, facets=not is_part, days=days)
    return Page(
        _days(shown, wanted, tallies),
        wanted,
        walk,
        tallies,
        next_before=shown[-1].pk if len(found) > size else None,
        newer=above[-1].pk if above and not is_part else None,
        is_later=than is not None,
        continues=len(begins) == 2 and begins[0] == begins[1],
    )


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
    if wanted.is_empty or _is_one_facet(wanted):
        facet, values = next(iter(wanted.facets.items()), (Tally.ALL, ("",)))
        return Count(sum(page.tallies.get((facet, value), NONE).pictures for value in values))
    found = page.walk.count()
    return Count(min(found, COUNTED), and_more=found > COUNTED)


def _is_one_facet(wanted: Filter) -> bool:
    return len(wanted.facets) == 1 and len(wanted.parts) == len(next(iter(wanted.facets.values())))


def neighbours(workspace: Workspace, pk: int, wanted: Filter) -> tuple[int | None, int | None]:
    """The pictures that came just after and just before this one, among those that are looked at."""
    walk = wanted.walk(workspace)
    newer, older = walk.newer(pk, 1), walk.older(pk, 1)
    return (newer[0].pk if newer else None), (older[0] if older else None)
