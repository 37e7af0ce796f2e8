"""Putting finished pictures on the gallery's shelf: their row, their words, and the tallies that count them.

Repeatable: an output that is there already is left as it is. What a crash kept from being shelved is found by the
next sweep.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from playground.accounts.models import Workspace
from playground.costs.fields import dollars
from playground.gallery import search
from playground.gallery.facets import FACETS, ORIGIN, PROVIDER, facets_of
from playground.gallery.models import Picture, Placing, Tagging, Tally
from playground.gallery.search import token
from playground.gallery.words import words_of
from playground.runs.asking import Question, Rows, ask, holders, known
from playground.runs.models import Output, State

# A crash between a picture and its shelving was never longer ago than this many pictures.
LOOK_BACK = 2000
_TALLIES = """
    SELECT facet, value, pictures, CAST(ROUND(cost * 1000000) AS BIGINT) FROM gallery_tally
    WHERE workspace_id = %s AND (
        facet IN ({facets}) OR facet = %s AND value IN (
            SELECT {day} FROM gallery_picture WHERE output_id IN ({keys})
        )
    )
"""
_DAY = {"sqlite": "made_on", "postgresql": "to_char(made_on, 'YYYY-MM-DD')"}
_COUNT = """
    INSERT INTO gallery_tally (workspace_id, facet, value, pictures, cost) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (workspace_id, facet, value) DO UPDATE
    SET pictures = gallery_tally.pictures + excluded.pictures, cost = gallery_tally.cost + excluded.cost
"""


def shelve(outputs: Sequence[Output]) -> None:
    """Let the gallery show these outputs."""
    rows = Output.objects.filter(pk__in=[output.pk for output in outputs], picture=None)
    with transaction.atomic():  # also around the question: on SQLite it can't be answered twice at once
        if new := list(rows.select_related("generation__run")):
            put_up(new)


def put_up(outputs: Sequence[Output]) -> list[Picture]:
    """Shelve outputs that certainly are not there yet, with their generations and runs at hand."""
    pictures = Picture.objects.bulk_create([picture_of(output) for output in outputs])
    search.write((each.pk, [*tokens_of(each), *words_of(each.output.generation.wish)]) for each in pictures)
    count(pictures)
    return pictures


def picture_of(output: Output) -> Picture:
    """The row of an output whose generation and run are at hand; not saved."""
    facets = facets_of(output)
    return Picture(
        output=output,
        workspace_id=output.workspace_id,
        made_on=timezone.localtime(output.created_at).date(),
        cost=(output.cost or Decimal(0)) if facets[ORIGIN] == PROVIDER else Decimal(0),
        **facets,
    )


def tokens_of(picture: Picture, tags: Iterable[int] = (), collections: Iterable[int] = ()) -> list[str]:
    """Everything but words that the search finds a picture by."""
    return [
        token("workspace", picture.workspace_id),
        *(token(name, getattr(picture, name)) for name in FACETS),
        *(token("rating", stars) for stars in range(1, picture.rating + 1)),
        *([token("favourite")] if picture.is_favourite else []),
        *(token("tag", pk) for pk in tags),
        *(token("collection", pk) for pk in collections),
    ]


def describe_again(pks: Sequence[int]) -> None:
    """Write anew what the search knows of these pictures; those in the bin are not found."""
    pictures = Picture.objects.shown().filter(pk__in=pks).select_related("output__generation__run")
    tags, collections = _marks(Tagging, "tag_id", pks), _marks(Placing, "collection_id", pks)
    search.write(
        (
            each.pk,
            [
                *tokens_of(each, tags.get(each.pk, ()), collections.get(each.pk, ())),
                *words_of(each.output.generation.wish),
            ],
        )
        for each in pictures
    )


def _marks(model: Any, column: str, pks: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for picture, mark in model.objects.filter(picture__in=pks).values_list("picture_id", column):
        found.setdefault(picture, []).append(mark)
    return found


@dataclass(frozen=True, order=True)
class _Drawer:
    workspace: int
    facet: str
    value: str


def count(pictures: Iterable[Picture], sign: int = 1) -> None:
    """Add these pictures to the tallies, or take them out with -1. Call it inside the transaction of the change."""
    numbers: Counter[_Drawer] = Counter()
    costs: defaultdict[_Drawer, Decimal] = defaultdict(Decimal)
    for picture in pictures:
        values = [(Tally.ALL, ""), (Tally.DAY, picture.made_on.isoformat())]
        for facet, value in (*values, *((name, getattr(picture, name)) for name in FACETS)):
            drawer = _Drawer(picture.workspace_id, facet, value)
            numbers[drawer] += sign
            costs[drawer] += sign * (picture.cost)
    rows = [(one.workspace, one.facet, one.value, numbers[one], costs[one]) for one in sorted(numbers)]
    with (
        connection.cursor() as cursor
    ):  # always in the same order, so that two workers never wait for each other
        cursor.executemany(
            _COUNT, [(*row[:4], connection.ops.adapt_decimalfield_value(row[4], 18, 6)) for row in rows]
        )


def catch_up() -> None:
    """Shelve what is finished and was not: the latest outputs are looked through."""
    last = Output.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = Output.objects.filter(pk__gt=last - LOOK_BACK, picture=None, generation__state=State.SUCCEEDED)
    shelve(list(rows))


class Tallied(NamedTuple):
    pictures: int
    cost: Decimal


# By facet and value.
Tallies = Mapping[tuple[str, str], Tallied]
NONE = Tallied(0, Decimal(0))


def tallies_of(
    workspace: Workspace, *, facets: Sequence[str] = (Tally.ALL, *FACETS), days_of: Sequence[int] = ()
) -> Question[Tallies]:
    """How many pictures are shown, and what they cost: with each value of these facets, and on these pictures' days."""
    if not facets and not days_of:
        return known({})
    day = _DAY[connection.vendor]
    statement = _TALLIES.format(facets=holders(facets), day=day, keys=holders(days_of))
    return ask(_tallied, statement, [workspace.pk, *facets, Tally.DAY, *days_of])


def _tallied(rows: Rows) -> Tallies:
    return {(facet, value): Tallied(pictures, dollars(cost)) for facet, value, pictures, cost in rows}
