"""What the gallery shows: a page of pictures in days, and where the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import groupby

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.accounts.models import Workspace
from playground.gallery.cells import Cell, Cells, Row, drawn, rows_of
from playground.gallery.facets import FACETS
from playground.gallery.filters import Filter
from playground.gallery.models import Tally
from playground.gallery.panel import Shelves, shelves_of
from playground.gallery.search import Keys
from playground.gallery.shelving import NONE, Tallied, Tallies, tallies_of
from playground.gallery.walks import COUNTED, Walk
from playground.runs.asking import Question, answer, both, known
from playground.runs.queries import Glance, glance
from playground.runs.templatetags import darkroom as said

PAGE_SIZE = 40


def pictures_counted(count: int) -> str:
    return ngettext("%(shown)s picture", "%(shown)s pictures", count) % {"shown": said.number(count)}


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
    def counted(self) -> str:
        if self.tally is None:
            return ""
        words = pictures_counted(self.tally.pictures)
        return f"{words}, {said.money_sum(self.tally.cost)}" if self.tally.cost else words

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
    shelves: Shelves
    glance: Glance | None  # what stands around a whole page
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
    keys, above = _keys(walk, wanted, than, size, extent)
    told = _tallies(workspace, wanted, keys[:size], extent)
    named = shelves_of(workspace) if extent > Extent.ROWS else known(Shelves())
    glanced: Question[Glance | None] = glance(workspace) if extent == Extent.WHOLE else known(None)
    frames = rows_of(workspace, [*above[:1], *keys[:size]])
    (rows, tallies), (shelves, now) = answer(both(both(frames, told), both(named, glanced)))
    shown = [rows[key] for key in keys[:size] if key in rows]
    begins = [_begins(rows[key].made_on, wanted) for key in (*above[:1], *keys[:1]) if key in rows]
    return Page(
        _days(shown, wanted, tallies),
        wanted,
        walk,
        tallies,
        shelves,
        now,
        next_before=keys[size - 1] if len(keys) > size else None,
        newer=above[-1] if above and extent > Extent.ROWS else None,
        is_later=than is not None,
        continues=len(begins) == 2 and begins[0] == begins[1],
    )


def _keys(walk: Walk, wanted: Filter, than: int | None, size: int, extent: Extent) -> tuple[Keys, Keys]:
    """Of the pictures of this page and the first of the next one; and of those above it, the nearest first."""
    if than is not None:
        # What goes below a page needs no way back, but it must know whether it goes on with that page's last day.
        above = walk.newer(than - 1, 1 if extent == Extent.ROWS else size)
        return answer(both(walk.older(than, size + 1), above))
    if extent > Extent.ROWS and not _is_tallied(wanted):
        return walk.newest[: size + 1], []
    return answer(walk.older(None, size + 1)), []


def _tallies(workspace: Workspace, wanted: Filter, keys: Sequence[int], extent: Extent) -> Question[Tallies]:
    """Those that are said: a day is known of what no filter leaves out, and what a whole page offers is counted."""
    facets: Sequence[str] = ()
    if extent == Extent.WHOLE:
        facets = (Tally.ALL, *FACETS)
    elif extent == Extent.FOUND and _is_tallied(wanted):
        facets = tuple(wanted.facets) or (Tally.ALL,)
    return tallies_of(workspace, facets=facets, days_of=keys if wanted.is_empty else ())


def _days(shown: Sequence[Row], wanted: Filter, tallies: Tallies) -> list[Day]:
    cells = Cells(wanted)
    groups = groupby(shown, key=lambda row: _begins(row.made_on, wanted))
    return [_day(day, cells.of(rows), tallies, wanted) for day, rows in groups]


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

    @property
    def words(self) -> str:
        if self.and_more:
            return _("More than %(shown)s pictures") % {"shown": said.number(self.pictures)}
        return pictures_counted(self.pictures)


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


def neighbours(workspace: Workspace, pk: int, wanted: Filter) -> Question[tuple[Keys, Keys]]:
    """The picture that came just after and that just before this one, where one is among those that are looked at."""
    walk = wanted.walk(workspace)
    return both(walk.newer(pk, 1), walk.older(pk, 1))
