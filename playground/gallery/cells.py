"""The frames of the sheet.

A page has forty of them, so they are drawn by Jinja, three times as fast as by Django's templates: what can be said
once for the page is, and each frame hands over finished words.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playground import catalog
from playground.accounts.models import Workspace
from playground.costs.fields import dollars
from playground.gallery.facets import SIMULATOR
from playground.gallery.filters import Filter
from playground.runs.asking import Question, ask, holders, known
from playground.runs.models import label_of, small_url, wish_of
from playground.runs.templatetags import darkroom as said

FRAME_WIDTH = 640  # of the version that a browser without srcset gets
# In plain words: to compose it took longer than to answer it. The cost in millionths, because SQLite keeps a fraction.
_ROWS = """
    SELECT picture.output_id, picture.made_on, picture.is_favourite, picture.origin, output.width, output.height,
        output.has_alpha, output.thumbnails, output.placeholder, output.made_from_id, generation.letter,
        generation.variant, generation.model_id, generation.size_asked,
        CAST(ROUND(generation.cost * 1000000) AS BIGINT), generation.seconds, run.number, run.prompt,
        generation.own_prompt
    FROM gallery_picture picture
    JOIN runs_output output ON output.id = picture.output_id
    JOIN runs_generation generation ON generation.id = output.generation_id
    JOIN runs_run run ON run.id = generation.run_id
    WHERE picture.workspace_id = %s AND picture.output_id IN ({keys})
"""


class Row(NamedTuple):
    """What a frame of the sheet shows of one picture, also of one in the bin."""

    pk: int
    made_on: date
    is_favourite: bool
    origin: str
    width: int  # in pixels, as the height
    height: int
    has_alpha: bool
    thumbnails: str  # the widths that there are, as JSON
    placeholder: str
    made_from: int | None
    letter: str
    variant: int
    model: str
    size_asked: str
    millionths: int | None  # of a US dollar; None where it is not known
    seconds: float | None
    number: int
    prompt: str
    own_prompt: str


def rows_of(workspace: Workspace, keys: Sequence[int]) -> Question[dict[int, Row]]:
    """By their keys, those of these pictures that are the workspace's."""
    if not keys:
        return known({})
    return ask(_by_keys, _ROWS.format(keys=holders(keys)), [workspace.pk, *keys])


def _by_keys(rows: Iterable[tuple[object, ...]]) -> dict[int, Row]:
    return {row.pk: row for row in map(Row._make, rows)}


@dataclass(slots=True)
class Cell:
    """One frame; everything is as it is read."""

    pk: int
    ratio: str
    href: str
    label: str
    model: str
    prompt: str
    lang: str
    alt: str
    size: str
    asked: str  # empty where that came
    seconds: str
    cost: str
    is_simulated: bool
    is_favourite: bool
    width: int
    height: int
    src: str
    srcset: str
    tiny: str
    opens: str
    picks: str
    stars: str


def drawn(cells: Sequence[Cell], *, is_binned: bool = False) -> SafeString:
    """The frames as list items; those in the bin lead nowhere and are nobody's favourites."""
    context = {"cells": cells, "is_binned": is_binned}
    return SafeString(render_to_string("gallery/cells.html", context, using="jinja2"))


class Cells:
    """Makes frames up for one page: its language, and the filter that links keep."""

    def __init__(self, wanted: Filter) -> None:
        self._root = reverse("gallery:index")
        self._address = wanted.address()
        self._opens, self._picks = _("Open %(label)s: %(prompt)s"), _("Pick %(label)s")
        self._stars, self._asked = _("Favourite %(label)s"), _("asked %(asked)s")
        # A run's pictures stand together, and most are of one of a few sizes.
        self._of_prompt, self._of_size, self._model = cache(_of_prompt), cache(_of_size), cache(_model)
        self._widths, self._money = cache(json.loads), cache(_money)

    def of(self, rows: Iterable[Row]) -> list[Cell]:
        return [self._cell(row) for row in rows]

    def _cell(self, row: Row) -> Cell:
        label = label_of(row.number, row.letter, row.variant)
        prompt, lang, alt = self._of_prompt(wish_of(row.own_prompt, row.prompt))
        place, pixels, asked = f"{self._root}{row.pk}/", f"{row.width}x{row.height}", row.size_asked
        ratio, size = self._of_size(pixels)
        small = {each: small_url(place, each) for each in self._widths(row.thumbnails)}
        fitting = [each for each in small if each >= FRAME_WIDTH] or list(small)[-1:]
        cost = 0 if row.made_from else row.millionths
        return Cell(
            pk=row.pk, ratio=ratio, href=place + self._address, label=label, model=self._model(row.model),
            prompt=prompt, lang=lang, alt=alt, size=size,
            asked=self._asked % {"asked": said.size(asked)} if asked not in ("", pixels) else "",
            seconds=said.seconds(row.seconds), cost=self._money(cost),
            is_simulated=row.origin == SIMULATOR, is_favourite=row.is_favourite, width=row.width, height=row.height,
            src=small[fitting[0]] if fitting else f"{place}original",
            srcset=", ".join(f"{path} {each}w" for each, path in small.items()),
            tiny="" if row.has_alpha else row.placeholder,
            opens=self._opens % {"label": label, "prompt": prompt}, picks=self._picks % {"label": label},
            stars=self._stars % {"label": label},
        )  # fmt: skip


def _of_prompt(prompt: str) -> tuple[str, str, str]:
    line = said.first_line(prompt)
    return line, said.prompt_lang(line), said.picture_alt(line)


def _of_size(pixels: str) -> tuple[str, str]:
    return said.ratio_class(pixels), said.size(pixels)


def _money(millionths: int | None) -> str:
    return said.money(None if millionths is None else dollars(millionths))


def _model(model_id: str) -> str:
    try:
        return catalog.default().get(model_id).short
    except catalog.UnknownModelError:
        return model_id
