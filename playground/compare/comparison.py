"""Pictures held against each other: which, in what order, and all that a page says of them.

    comparison = Comparison.of(workspace, [17, 12, 9])
    comparison.pictures                    # what was found, in the order asked for, at most twelve
    comparison.tables                      # figures and settings, a table for each row of frames

Free of the request, so that a shared link shows the same. What is not the workspace's, is gone, or lies in the bin is
left out and counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from playground.accounts.models import Workspace
from playground.compare.asked import address_of
from playground.compare.figures import Row, metrics_of, settings_of
from playground.compare.prompts import Said, said_of
from playground.gallery.models import Picture
from playground.runs.models import Output, Run
from playground.runs.templatetags import darkroom as said

LEAST, MOST = 2, 12
MOST_IN_A_ROW = 6


@dataclass(frozen=True)
class Compared:
    """One picture of a comparison, and whether somebody marked it as a favourite."""

    number: int  # from 1: the key that picks it
    output: Output
    is_picked: bool = False

    @property
    def label(self) -> str:
        """214B; 214B-2 where one answer held several."""
        index = self.output.index
        return f"{self.output.generation.label}{f'-{index + 1}' if index else ''}"


@dataclass(frozen=True)
class Pair:
    """Two that lie on one place."""

    first: Compared
    second: Compared

    @property
    def place(self) -> str:
        return shape_between([self.first.output, self.second.output])

    @property
    def ids(self) -> str:
        return f"{self.first.output.pk},{self.second.output.pk}"


@dataclass(frozen=True)
class Table:
    """What is said of one row of frames; its columns are theirs."""

    pictures: Sequence[Compared]
    metrics: Sequence[Row]
    settings: Sequence[Row]


@dataclass(frozen=True)
class Comparison:
    """`missing` ids named nothing that can be shown, `beyond` pictures were more than a page holds."""

    pictures: tuple[Compared, ...] = ()
    missing: int = 0
    beyond: int = 0

    @classmethod
    def of(cls, workspace: Workspace, ids: Sequence[int]) -> "Comparison":
        """These pictures, each once, in this order. Four queries, however many there are."""
        wanted = tuple(dict.fromkeys(ids))
        found = _outputs(workspace).in_bulk(wanted)
        shown = [found[pk] for pk in wanted if pk in found]
        return cls._showing(shown, missing=len(wanted) - len(shown))

    @classmethod
    def of_run(cls, workspace: Workspace, number: int) -> "Comparison":
        """The finished pictures of a run, as its strip shows them; none where it is a stranger's."""
        rows = _outputs(workspace).filter(generation__run__number=number)
        return cls._showing(list(rows.order_by("generation__position", "index")))

    @classmethod
    def _showing(cls, outputs: Sequence[Output], missing: int = 0) -> "Comparison":
        shown = outputs[:MOST]
        picked = Picture.objects.filter(pk__in=[output.pk for output in shown], is_favourite=True)
        picks = set(picked.values_list("pk", flat=True))
        pictures = (Compared(number, one, one.pk in picks) for number, one in enumerate(shown, 1))
        return cls(tuple(pictures), missing, len(outputs) - len(shown))

    @property
    def is_one(self) -> bool:
        """Whether there is something to compare."""
        return len(self.pictures) >= LEAST

    @property
    def ids(self) -> list[int]:
        return [picture.output.pk for picture in self.pictures]

    @property
    def address(self) -> str:
        return address_of(self.ids)

    @cached_property
    def run(self) -> Run | None:
        """The run that all of them are of."""
        runs = {picture.output.generation.run_id: picture.output.generation.run for picture in self.pictures}
        return next(iter(runs.values())) if len(runs) == 1 else None

    @property
    def heading(self) -> str:
        if self.run:
            return _("Compare run %(number)s") % {"number": self.run.number}
        return _("Compare %(count)s pictures") % {"count": len(self.pictures)}

    @property
    def columns(self) -> int:
        """Frames in a row: all of them, or half of many."""
        count = len(self.pictures)
        return count if count <= MOST_IN_A_ROW else (count + 1) // 2

    @property
    def place(self) -> str:
        """The shape of the frame that all are fitted into, between the widest and the tallest: `1500:1000`."""
        return shape_between([picture.output for picture in self.pictures])

    @property
    def fitted(self) -> str:
        """What is said of unequal sizes; empty where all are equal."""
        sizes = list(dict.fromkeys(said.size(picture.output) for picture in self.pictures))
        if len(sizes) < 2:
            return ""
        words = sizes[0]
        for size in sizes[1:]:
            words = _("%(one)s against %(other)s") % {"one": words, "other": size}
        return _("fitted: %(sizes)s") % {"sizes": words}

    @property
    def tables(self) -> list[Table]:
        outputs = [picture.output for picture in self.pictures]
        metrics, settings = metrics_of(outputs), settings_of(outputs)
        cuts = [slice(at, at + self.columns) for at in range(0, len(outputs), self.columns)]
        return [
            Table(self.pictures[cut], [row.cut(cut) for row in metrics], [row.cut(cut) for row in settings])
            for cut in cuts
        ]

    @cached_property
    def prompts(self) -> list[Said]:
        """Each prompt once, with the words that differ from the first one's."""
        return said_of((picture.label, picture.output.generation.wish) for picture in self.pictures)

    def pair(self, ids: Iterable[int] = ()) -> Pair:
        """The two of these ids; what names none of the pictures is the next one that is free."""
        known = {picture.output.pk: picture for picture in self.pictures}
        chosen = list(dict.fromkeys(known[pk] for pk in ids if pk in known))
        chosen += [picture for picture in self.pictures if picture not in chosen]
        return Pair(chosen[0], chosen[1])


def shape_between(outputs: Sequence[Output]) -> str:
    """Between the widest and the tallest by as much: there two pictures of one area get the same room."""
    ratios = sorted(output.width / output.height for output in outputs)
    return f"{min(999_999, max(1, round(1000 * (ratios[0] * ratios[-1]) ** 0.5)))}:1000"


def _outputs(workspace: Workspace) -> QuerySet[Output]:
    """What can be shown, with all that is said of it."""
    rows = Output.objects.of(workspace).kept().with_story()
    return rows.prefetch_related("generation__attempts", "generation__run__references")
