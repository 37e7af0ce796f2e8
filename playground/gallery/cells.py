"""The frames of the sheet, ready to be drawn.

A page has forty of them, and a template takes some microseconds for everything that it looks up or translates: so
what can be said once for the page is, and each frame hands over finished words.
"""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playground import catalog
from playground.gallery.facets import SIMULATOR
from playground.gallery.filters import Filter
from playground.runs.models import label_of, wish_of
from playground.runs.templatetags import darkroom as said

FRAME_WIDTH = 640  # of the version that a browser without srcset gets


class Cell(TypedDict):
    """One frame. A dict, because a template asks whatever it gets for a key first; everything is as it is read."""

    pk: str
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
    width: str
    height: str
    src: str
    srcset: str
    tiny: str
    opens: str
    picks: str
    stars: str


def icons() -> dict[str, SafeString]:
    """Those of the frames and the filters, drawn once for a page."""
    names = {"star": "star", "off": "triangle-alert", "simulated": "flask-conical", "check": "check"}
    return {name: said.icon(symbol) for name, symbol in names.items()}


class Cells:
    """Draws frames up for one page: its language, and the filter that links keep."""

    def __init__(self, wanted: Filter) -> None:
        self._root = reverse("gallery:index")
        self._address = wanted.address()
        self._opens = _("Open %(label)s: %(prompt)s")
        self._picks, self._stars = _("Pick %(label)s"), _("Favourite %(label)s")

    def of(self, rows: Iterable[Any]) -> list[Cell]:
        """From the rows of `PictureQuerySet.as_cells`."""
        return [self._cell(row) for row in rows]

    def _cell(self, row: Any) -> Cell:
        label = label_of(
            row.output__generation__run__number,
            row.output__generation__letter,
            row.output__generation__variant,
        )
        prompt = said.first_line(
            wish_of(row.output__generation__own_prompt, row.output__generation__run__prompt)
        )
        place, width, height = f"{self._root}{row.pk}/", row.output__width, row.output__height
        asked = row.output__generation__size_asked
        small = {each: f"{place}w{each}.webp" for each in row.output__thumbnails}
        fitting = [each for each in small if each >= FRAME_WIDTH] or list(small)[-1:]
        return Cell(
            pk=str(row.pk), ratio=said.ratio_class(f"{width}x{height}"), href=place + self._address, label=label,
            model=self._model(row.output__generation__model_id), prompt=prompt, lang=said.prompt_lang(prompt),
            alt=said.picture_alt(prompt), size=said.size(f"{width}x{height}"),
            asked=said.size(asked) if asked not in ("", f"{width}x{height}") else "",
            seconds=said.seconds(row.output__generation__seconds),
            cost=said.money(0 if row.output__made_from else row.output__generation__cost),
            is_simulated=row.origin == SIMULATOR, is_favourite=row.is_favourite, width=str(width), height=str(height),
            src=small[fitting[0]] if fitting else f"{place}original",
            srcset=", ".join(f"{path} {each}w" for each, path in small.items()),
            tiny="" if row.output__has_alpha else row.output__placeholder,
            opens=self._opens % {"label": label, "prompt": prompt}, picks=self._picks % {"label": label},
            stars=self._stars % {"label": label},
        )  # fmt: skip

    @staticmethod
    def _model(model_id: str) -> str:
        try:
            return catalog.default().get(model_id).short
        except catalog.UnknownModelError:
            return model_id
