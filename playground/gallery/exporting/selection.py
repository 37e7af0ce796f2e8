"""Which pictures an export takes, read by their keys: nothing stays open in the database while a slow reader reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection
from django.db.models import Sum

from playground.accounts.models import Workspace
from playground.gallery import marks
from playground.gallery.filters import Filter
from playground.gallery.models import Picture
from playground.runs.asking import answer
from playground.runs.models import Output

MOST = 5_000
AT_ONCE = 100
PICKED, FOUND, RUN = "picked", "found", "run"


def _give_back() -> None:
    """Let the pool have its connection while pictures are sent; never from within somebody's transaction."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


@dataclass(frozen=True)
class Figures:
    """How many pictures it would be, and how heavy their originals are; `and_more` where the limit leaves some out."""

    pictures: int
    bytes: int
    and_more: bool


@dataclass(frozen=True)
class Selection:
    """Picked ones, those of a run, or all that a filter finds: the newest first, up to MOST."""

    workspace: Workspace
    what: str = FOUND
    ids: tuple[int, ...] = ()
    run: int = 0
    wanted: Filter = field(default_factory=Filter)

    def outputs(self, keys: Iterable[int] | None = None) -> Iterator[Output]:
        """With all that is told of them; those of these keys, where some are given.

        Between two chunks the database is given back.
        """
        rows = Output.objects.of(self.workspace).with_story().select_related("picture")
        rows = rows.prefetch_related(
            "picture__tags", "picture__collections", "generation__run__references__upload"
        )
        keys = iter(self._keys() if keys is None else keys)
        while chunk := list(islice(keys, AT_ONCE)):
            found = {output.pk: output for output in rows.filter(pk__in=chunk)}
            _give_back()
            yield from (found[pk] for pk in chunk if pk in found)

    @property
    def first(self) -> Output | None:
        return next(self.outputs(self._keys(1)), None)

    def figures(self) -> Figures:
        keys, weight = list(self._keys(MOST + 1)), 0
        taken = iter(keys[:MOST])
        while chunk := list(islice(taken, 10 * AT_ONCE)):
            weight += Output.objects.filter(pk__in=chunk).aggregate(sum=Sum("byte_size"))["sum"] or 0
        return Figures(min(len(keys), MOST), weight, and_more=len(keys) > MOST)

    def _keys(self, most: int = MOST) -> Iterator[int]:
        if self.what == FOUND:
            return islice(self._found(), most)
        shown = Picture.objects.of(self.workspace).shown()
        if self.what == RUN:
            rows = shown.filter(output__generation__run__number=self.run).order_by("pk")
            return iter(rows.values_list("pk", flat=True)[:most])
        return reversed(marks.chosen(self.workspace, self.ids))

    def _found(self) -> Iterator[int]:
        walk, last = self.wanted.walk(self.workspace), None
        while chunk := answer(walk.older(last, 10 * AT_ONCE)):
            yield from chunk
            last = chunk[-1]
