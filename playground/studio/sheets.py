"""The contact sheet of a run of many prompts: one axis down, one across, the others as groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from django.utils.translation import gettext as _

from playground import catalog
from playground.accounts.models import Workspace
from playground.runs.models import Generation, Run
from playground.runs.progress import Progress, progress_of
from playground.runs.templatetags.darkroom import size
from playground.studio.controls import choice_words
from playground.studio.frames import Frame, frames_of
from playground.studio.matrix import MODEL, QUALITY, SIZE

MOST_ACROSS = 12  # more columns than this are read as rows


@dataclass(frozen=True)
class Axis:
    """Along what pictures differ, in words."""

    number: int
    name: str
    values: Sequence[str]


@dataclass
class Cell:
    """One place of the sheet, with what was drawn there: variants stand beside each other."""

    place: str
    heading: str = ""
    frames: list[Frame] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """A row of the sheet."""

    heading: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    """The part of the sheet with one value of each axis that is neither down nor across; `columns` are headings."""

    heading: str
    columns: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Tally:
    """How far a run is, in numbers and money."""

    run: Run
    progress: Progress

    @property
    def is_paused(self) -> bool:
        return self.run.paused_at is not None and self.progress.queued > 0

    @property
    def is_going_on(self) -> bool:
        return self.progress.ended < self.progress.total

    @property
    def elapsed(self) -> str:
        seconds = round(self.progress.elapsed(self.run.created_at))
        if seconds < 60:
            return _("%(seconds)s s") % {"seconds": seconds}
        return _("%(minutes)s min %(seconds)s s") % {"minutes": seconds // 60, "seconds": seconds % 60}

    @property
    def bar(self) -> dict[str, int]:
        """Where the parts of the bar begin."""
        return {
            "failed": self.progress.done,
            "running": self.progress.done + self.progress.failed,
        }


@dataclass(frozen=True)
class Sheet:
    """All of it. `rows` is None where one axis is all there is: then its pictures flow."""

    tally: Tally
    axes: Sequence[Axis]
    rows: Axis | None
    columns: Axis
    cells: dict[str, Cell]

    @property
    def run(self) -> Run:
        return self.tally.run

    @cached_property
    def groups(self) -> list[Group]:
        """Without what has no picture at all: a model that takes no quality, a size that another one lacks."""
        others = [axis for axis in self.axes if axis not in (self.rows, self.columns)]
        ways = product(*(range(len(axis.values)) for axis in others))
        return [group for way in ways if (group := self._group(others, way)).lines]

    def _group(self, others: Sequence[Axis], chosen: Sequence[int]) -> Group:
        at = {axis.number: value for axis, value in zip(others, chosen, strict=True)}
        heading = " · ".join(axis.values[value] for axis, value in zip(others, chosen, strict=True))
        rows = [
            (
                words,
                [
                    self._cell(at | row | {self.columns.number: column})
                    for column in range(len(self.columns.values))
                ],
            )
            for row, words in self._rows
        ]
        kept = [
            column
            for column in range(len(self.columns.values))
            if any(cells[column].frames for _, cells in rows)
        ]
        lines = [Line(words, [cells[column] for column in kept]) for words, cells in rows]
        columns = [self.columns.values[column] for column in kept]
        return Group(heading, columns, [line for line in lines if any(cell.frames for cell in line.cells)])

    @property
    def _rows(self) -> list[tuple[dict[int, int], str]]:
        """Each value of the axis that goes down; one of no name where there is none."""
        if self.rows is None:
            return [({}, "")]
        return [({self.rows.number: number}, words) for number, words in enumerate(self.rows.values)]

    def _cell(self, at: dict[int, int]) -> Cell:
        place = "-".join(str(at[axis.number]) for axis in self.axes)
        words = self.columns.values[at[self.columns.number]]
        return replace(self.cells.get(place, Cell(place)), heading=words)


def sheet_of(run: Run, rows: int | None = None, columns: int | None = None) -> Sheet:
    """The sheet of a run with a matrix; `rows` and `columns` are numbers of axes, and only a wish."""
    axes = [_axis(number, record) for number, record in enumerate(run.matrix.axes)]
    down, across = _layout(axes, rows, columns)
    frames = Generation.objects.filter(run=run).with_pictures().order_by("position")
    cells = {cell.place: cell for cell in _cells(run, frames)}
    return Sheet(tally_of(run), axes, down, across, cells)


def _layout(axes: Sequence[Axis], rows: int | None, columns: int | None) -> tuple[Axis | None, Axis]:
    """As it was asked for; else the longest axis down, and the longest of the others that fits across."""
    if len(axes) == 1:
        return None, axes[0]
    known = {axis.number: axis for axis in axes}
    if rows in known and columns in known and rows != columns:
        return known[rows], known[columns]
    by_length = sorted(axes, key=lambda axis: -len(axis.values))
    down = by_length[0]
    fitting = [axis for axis in by_length[1:] if len(axis.values) <= MOST_ACROSS]
    return down, (fitting or by_length[1:])[0]


def _axis(number: int, record: dict[str, object]) -> Axis:
    kind, values = record["kind"], [str(value) for value in record["values"]]  # type: ignore[attr-defined]
    names = {MODEL: _("Model"), SIZE: _("Size"), QUALITY: _("Quality")}
    said = {MODEL: _model_words, SIZE: _size_words, QUALITY: _quality_words}.get(str(kind), _own_words)
    return Axis(number, names.get(str(kind), str(record["name"])), [said(value) for value in values])


def _model_words(value: str) -> str:
    try:
        return catalog.default().get(value).label
    except catalog.UnknownModelError:
        return value


def _size_words(value: str) -> str:
    return size(value) if value not in ("", catalog.AUTO) else _("Any size")


def _quality_words(value: str) -> str:
    return choice_words(value) if value else _("No quality")


def _own_words(value: str) -> str:
    return value or _("(nothing)")


def _cells(run: Run, generations: Iterable[Generation]) -> list[Cell]:
    """What stands at each place; what was sent again gives way to what came of that."""
    found: dict[str, Cell] = {}
    for frame in frames_of(each for each in generations if not hasattr(each, "retried_by")):
        frame.generation.run = run  # one object, not five hundred
        found.setdefault(frame.generation.place, Cell(frame.generation.place)).frames.append(frame)
    return list(found.values())


def tally_of(run: Run) -> Tally:
    return Tally(run, progress_of([run.pk]).get(run.pk, Progress()))


@dataclass(frozen=True)
class SheetNews:
    """What an open sheet has to learn: how far the run is, and the places where something changed."""

    revision: int
    tally: Tally
    cells: Sequence[Cell]


def sheet_news(workspace: Workspace, number: int, *, since: int, revision: int) -> SheetNews | None:
    """What changed after `since`; None for a run that has no sheet."""
    run = Run.objects.of(workspace).filter(number=number, matrix__isnull=False).first()
    if run is None:
        return None
    frames = Generation.objects.filter(run=run)
    changed = frames.filter(revision__gt=since).order_by().values("place")
    there = frames.filter(place__in=changed).with_pictures().order_by("position")
    return SheetNews(revision, tally_of(run), _cells(run, there))
