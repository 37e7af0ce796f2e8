"""The frames of the sheet.

A page has forty of them, so they are drawn by Jinja, three times as fast as by Django's templates: what can be said
once for the page is, and each frame hands over finished words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playground import catalog
from playground.gallery.facets import SIMULATOR
from playground.gallery.filters import Filter
from playground.runs.models import label_of, small_url, wish_of
from playground.runs.templatetags import darkroom as said

FRAME_WIDTH = 640  # of the version that a browser without srcset gets


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

    def of(self, rows: Iterable[Any]) -> list[Cell]:
        """From the rows of `PictureQuerySet.as_cells`."""
        return [self._cell(row) for row in rows]

    def _cell(self, row: Any) -> Cell:
        label = label_of(
            row.output__generation__run__number,
            row.output__generation__letter,
            row.output__generation__variant,
        )
        prompt, lang, alt = self._of_prompt(
            wish_of(row.output__generation__own_prompt, row.output__generation__run__prompt)
        )
        place, width, height = f"{self._root}{row.pk}/", row.output__width, row.output__height
        pixels, asked = f"{width}x{height}", row.output__generation__size_asked
        ratio, size = self._of_size(pixels)
        small = {each: small_url(place, each) for each in row.output__thumbnails}
        fitting = [each for each in small if each >= FRAME_WIDTH] or list(small)[-1:]
        return Cell(
            pk=row.pk, ratio=ratio, href=place + self._address, label=label,
            model=self._model(row.output__generation__model_id), prompt=prompt, lang=lang, alt=alt,
            size=size, asked=self._asked % {"asked": said.size(asked)} if asked not in ("", pixels) else "",
            seconds=said.seconds(row.output__generation__seconds),
            cost=said.money(0 if row.output__made_from else row.output__generation__cost),
            is_simulated=row.origin == SIMULATOR, is_favourite=row.is_favourite, width=width, height=height,
            src=small[fitting[0]] if fitting else f"{place}original",
            srcset=", ".join(f"{path} {each}w" for each, path in small.items()),
            tiny="" if row.output__has_alpha else row.output__placeholder,
            opens=self._opens % {"label": label, "prompt": prompt}, picks=self._picks % {"label": label},
            stars=self._stars % {"label": label},
        )  # fmt: skip


def _of_prompt(prompt: str) -> tuple[str, str, str]:
    line = said.first_line(prompt)
    return line, said.prompt_lang(line), said.picture_alt(line)


def _of_size(pixels: str) -> tuple[str, str]:
    return said.ratio_class(pixels), said.size(pixels)


def _model(model_id: str) -> str:
    try:
        return catalog.default().get(model_id).short
    except catalog.UnknownModelError:
        return model_id
