"""The controls of one model, as the composer draws them: from the catalog's facts and the form's values."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from playground import catalog
from playground.catalog import SHAPE, Endpoint, Model, Parameter, Size, Text

CUSTOM = "custom"
USUAL_PIXELS = 2_400_000


def local(text: Text) -> str:
    """The catalog's text in the reader's language."""
    return text.get(get_language() or "en")


def field_name(model: Model, name: str) -> str:
    """How a model's control is called in the form."""
    return f"{model.id}__{name}"


def element_id(name: str) -> str:
    """A name as an id that CSS and scripts can use."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def controls_of(model: Model, endpoint: Endpoint) -> Iterator[tuple[str, str, Parameter | None]]:
    """The kind, name and facts of each control that this model's form has for that call, in the catalog's order."""
    if model.sizes.kind == "words":
        yield "shape", SHAPE, None
    for parameter in catalog.parameters_for(model, endpoint):
        if parameter.kind == "size":
            yield ("grid" if model.sizes.kind == "list" else "size"), parameter.name, parameter
        elif parameter.kind in ("choice", "integer"):
            yield ("choice" if parameter.kind == "choice" else "number"), parameter.name, parameter


def resting_value(model: Model, kind: str, parameter: Parameter | None, first: Size | None = None) -> str:
    """What a control shows before anybody touched it; `first` is the size of image 1 where pictures go along.

    An edit best keeps the shape of the picture that is changed: where the provider sees to that by itself the size
    is left to it, elsewhere it is the preset of the nearest shape, whose price is known.
    """
    if kind == "grid":
        rule = model.sizes
        if first is not None and parameter is not None and parameter.default == catalog.AUTO:
            return catalog.AUTO
        return next((str(cell.size) for cell in rule.table if cell.tier == rule.default_tier), catalog.AUTO)
    if kind == "size":
        return _nearest_preset(model.sizes.presets, first)
    if parameter is None:
        return ""
    if parameter.name == "quality" and "medium" in parameter.choices:
        return "medium"  # left to itself the provider chooses, and the price drifts
    return "" if parameter.default is None else str(parameter.default)


def _nearest_preset(presets: Sequence[Size], first: Size | None) -> str:
    if not presets:
        return catalog.AUTO
    if first is None:
        return str(presets[0])
    usual = [
        preset for preset in presets if preset.pixels <= USUAL_PIXELS
    ] or presets  # 4K is for those who ask
    return str(min(usual, key=lambda preset: abs(math.log(preset.ratio / first.ratio))))  # ties: the first


@dataclass(frozen=True)
class Box:
    """A rectangle of some ratio in a square of 22 units, as SVG attributes."""

    x: str
    y: str
    width: str
    height: str


def box(size: Size) -> Box:
    """Draw a ratio: 18 units along the long side."""
    longest = max(size.width, size.height)
    width, height = 18 * size.width / longest, 18 * size.height / longest
    return Box(f"{11 - width / 2:.1f}", f"{11 - height / 2:.1f}", f"{width:.1f}", f"{height:.1f}")


@dataclass(frozen=True)
class Choice:
    """One value that can be chosen, with the words for it."""

    value: str
    label: str
    box: Box | None = None


@dataclass(frozen=True)
class Row:
    """One tier of the size table."""

    tier: str
    cells: list[Choice]


@dataclass(frozen=True)
class Control:
    """One control of one model with its value, ready to be drawn."""

    kind: str  # shape, grid, size, choice, number
    model: Model
    name: str
    parameter: Parameter | None
    value: str
    custom: str
    errors: list[str]
    is_on: bool
    is_changed: bool  # it is sent, and is not what the page shows at first
    values: list[str] = field(default_factory=list)  # those that are ticked, where several may be
    found: str = ""  # what the doctor found out about it at the connection that would be used

    @property
    def chosen(self) -> list[str]:
        return self.values or [self.value]

    @property
    def input(self) -> str:
        """How one of its values is chosen: alone, or with others."""
        return "checkbox" if self.values else "radio"

    @property
    def group(self) -> str:
        return "group" if self.values else "radiogroup"

    @property
    def drawn(self) -> SafeString:
        """As the form shows it: a page has forty, one of them a table of thirty sizes, so Jinja draws them."""
        return SafeString(render_to_string("studio/control.html", {"control": self}, using="jinja2"))

    @property
    def is_switch(self) -> bool:
        """Whether it is disputed: sent only when a person switches it on."""
        return self.parameter is not None and self.parameter.send == "opt_in"

    @property
    def is_first(self) -> bool:
        """Whether it is looked at every time (size and quality); the others stand behind a fold."""
        return self.kind in ("shape", "grid", "size") or self.name.endswith("__quality")

    @property
    def said(self) -> str:
        """Its value in words that stand alone."""
        return choice_words(self.value) if self.kind == "choice" else f"{self.label} {self.value}"

    @property
    def label(self) -> str:
        return local(self.parameter.label) or self.parameter.name if self.parameter else ""

    @property
    def reason(self) -> str:
        return local(self.parameter.reason) if self.parameter else ""

    @property
    def condition(self) -> str:
        """Where a setting works only beside another: which values that one must have."""
        conditions = self.parameter.conditions if self.parameter else ()
        return ", ".join(
            value for condition in conditions if not condition.values for value in condition.allowed
        )

    @property
    def element_id(self) -> str:
        return element_id(self.name)

    @property
    def switch_name(self) -> str:
        return f"{self.name}__on"

    @property
    def custom_name(self) -> str:
        return f"{self.name}__{CUSTOM}"

    @property
    def choices(self) -> list[Choice]:
        return [
            Choice(value, choice_words(value)) for value in (self.parameter.choices if self.parameter else ())
        ]

    @property
    def shapes(self) -> list[Choice]:
        """The ratios of a model that takes its size in words."""
        return [
            Choice(shape.key, f"{local(shape.name)} {shape.key}", box(_ratio_size(shape.key)))
            for shape in self.model.sizes.shapes
        ]

    @property
    def ratios(self) -> list[str]:
        return list(dict.fromkeys(cell.ratio for cell in self.model.sizes.table))

    @property
    def rows(self) -> list[Row]:
        """The size table, tier by tier; each row has the ratios in the same order."""
        return [
            Row(tier, list(self._cells(tier)))
            for tier in dict.fromkeys(cell.tier for cell in self.model.sizes.table)
        ]

    def _cells(self, tier: str) -> Iterator[Choice]:
        cells = {cell.ratio: cell for cell in self.model.sizes.table if cell.tier == tier}
        for ratio in self.ratios:
            if cell := cells.get(ratio):
                words = f"{tier} {ratio}, {cell.size.width} × {cell.size.height}"
                yield Choice(str(cell.size), words, box(cell.size))

    @property
    def size_choices(self) -> list[Choice]:
        """Presets, the model's own choice, and "custom", for a model that takes any valid size."""
        presets = [Choice(str(size), f"{size.width} × {size.height}") for size in self.model.sizes.presets]
        return [*presets, Choice(catalog.AUTO, _("Let the model choose")), Choice(CUSTOM, _("Custom…"))]


def _ratio_size(key: str) -> Size:
    width, _colon, height = key.partition(":")
    return Size(int(width), int(height))


def choice_words(value: str) -> str:
    words = {
        "auto": _("Auto"),
        "low": _("Low"),
        "medium": _("Medium"),
        "high": _("High"),
        "opaque": _("Opaque"),
        "transparent": _("Transparent"),
        "png": "PNG",
        "jpeg": "JPEG",
        "webp": "WebP",
    }
    return words.get(value, value)
