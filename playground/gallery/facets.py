"""What pictures are filtered by, beside words: each picture has one value of each facet.

The values are written once, when a picture comes, so that every filter is a walk along an index.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import log

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.runs.models import Output, Run

MODEL, MODE, SIZE, RATIO, PRICE, ORIGIN = "model", "mode", "size", "ratio", "price", "origin"
FACETS: Mapping[str, str | Promise] = {
    MODEL: _("Model"),
    MODE: _("Kind"),
    SIZE: _("Size"),
    RATIO: _("Shape"),
    PRICE: _("Cost"),
    ORIGIN: _("Made by"),
}
# By the longer edge, in pixels.
SIZES = (("small", 900), ("1K", 1800), ("2K", 3000), ("4K", 10**9))
RATIOS = ("1:1", "5:4", "4:3", "3:2", "16:9", "21:9", "3:1", "4:5", "3:4", "2:3", "9:16", "9:21", "1:3")
# Up to (not including) so many dollars.
PRICES = (
    ("free", Decimal("0.000001")),
    ("2c", Decimal("0.02")),
    ("4c", Decimal("0.04")),
    ("10c", Decimal("0.10")),
    ("25c", Decimal("0.25")),
    ("more", Decimal(10**6)),
)
UNKNOWN_PRICE = "unknown"
PROVIDER, SIMULATOR, HERE = "provider", "simulator", "here"

_WORDS: Mapping[str, Mapping[str, str | Promise]] = {
    MODE: {
        Run.Mode.TEXT: _("Text to image"),
        Run.Mode.EDIT: _("With references"),
        Run.Mode.MASK: _("Inside a mask"),
        Run.Mode.DOCTOR: _("Doctor’s question"),
    },
    SIZE: {"small": _("Small"), "1K": "1K", "2K": "2K", "4K": "4K"},
    PRICE: {
        "free": _("Free"),
        "2c": _("under $0.02"),
        "4c": _("$0.02 to $0.04"),
        "10c": _("$0.04 to $0.10"),
        "25c": _("$0.10 to $0.25"),
        "more": _("$0.25 and more"),
        UNKNOWN_PRICE: _("Not known"),
    },
    ORIGIN: {PROVIDER: _("A real model"), SIMULATOR: _("The simulator"), HERE: _("Made here, free")},
}
_ORDER = {
    MODE: tuple(_WORDS[MODE]),
    SIZE: tuple(_WORDS[SIZE]),
    RATIO: RATIOS,
    PRICE: tuple(_WORDS[PRICE]),
    ORIGIN: tuple(_WORDS[ORIGIN]),
}


def facets_of(output: Output) -> dict[str, str]:
    """The picture's value of each facet; its generation and run are at hand."""
    generation = output.generation
    return {
        MODEL: generation.model_id,
        MODE: generation.run.mode,
        SIZE: _size(max(output.width, output.height)),
        RATIO: _ratio(output.width / output.height),
        PRICE: _price(output.cost),
        ORIGIN: HERE if output.made_from_id else SIMULATOR if generation.simulated else PROVIDER,
    }


def _size(edge: int) -> str:
    return next(name for name, below in SIZES if edge < below)


def _ratio(found: float) -> str:
    """The shape that it looks most like."""

    def distance(name: str) -> float:
        width, _, height = name.partition(":")
        return abs(log(found * int(height) / int(width)))

    return min(RATIOS, key=distance)


def _price(cost: Decimal | None) -> str:
    if cost is None:
        return UNKNOWN_PRICE
    return next(name for name, below in PRICES if cost < below)


def label(facet: str, value: str) -> str:
    """How a page says this value."""
    if facet == MODEL:
        try:
            return catalog.default().get(value).label
        except catalog.UnknownModelError:
            return value
    return str(_WORDS.get(facet, {}).get(value, value))


def in_order(facet: str, values: set[str]) -> list[str]:
    """The values as a page lists them: models by name, the others from small to large."""
    known = _ORDER.get(facet, ())
    return sorted(values, key=lambda value: (known.index(value) if value in known else len(known), value))
