"""What each model can do, as a row of a table: from the catalog's facts and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from playground import catalog
from playground.accounts.connections import NoConnectionError, Routes
from playground.catalog import Endpoint, Estimate, Model, Parameter, Support, Text
from playground.runs.health import Health, Obedience

ENDPOINTS: dict[Endpoint, Promise] = {
    Endpoint.GENERATIONS: gettext_lazy("text to image"),
    Endpoint.EDITS: gettext_lazy("edits"),
    Endpoint.CHAT: gettext_lazy("conversation"),
}
KEYS: dict[str, Promise] = {
    "per-call": gettext_lazy("per call"),
    "usage-priority": gettext_lazy("usage priority"),
}


def local(text: Text) -> str:
    return text.get(get_language() or "en")


@dataclass(frozen=True)
class Cell:
    """Whether a model does something: yes, no, or not promised."""

    state: str  # yes, no, maybe
    words: str


@dataclass(frozen=True)
class Card:
    """One model's row."""

    model: Model
    price: Estimate
    through: str  # the connection that serves it; empty for the simulator
    obstacle: str  # why none can, in a sentence

    @property
    def summary(self) -> str:
        return local(self.model.summary)

    @property
    def strengths(self) -> str:
        return local(self.model.strengths)

    @property
    def life_note(self) -> str:
        return local(self.model.life_note)

    @property
    def sizes(self) -> str:
        return _sizes(self.model)

    @property
    def qualities(self) -> Cell:
        return _choices(self.model, "quality")

    @property
    def formats(self) -> Cell:
        return _choices(self.model, "output_format")

    @property
    def transparent(self) -> Cell:
        return _offers(self.model.parameter(Endpoint.GENERATIONS, "background"), "transparent")

    @property
    def mask(self) -> Cell:
        mask = self.model.parameter(Endpoint.EDITS, "mask")
        return _yes() if mask is not None and mask.may_be_sent else _no()

    @property
    def references(self) -> Cell:
        limits = self.model.limits
        if Endpoint.EDITS not in self.model.endpoints or not limits.references:
            return _no()
        if limits.references_stable < limits.references:
            words = _("%(most)s, surely %(stable)s")
            return Cell("yes", words % {"most": limits.references, "stable": limits.references_stable})
        return Cell("yes", str(limits.references))

    @property
    def endpoints(self) -> str:
        return ", ".join(str(ENDPOINTS.get(each, each.value)) for each in self.model.endpoints)

    @property
    def keys(self) -> str:
        joint = pgettext("between kinds of key", " or ")
        return joint.join(str(KEYS.get(each, each)) for each in self.model.key_types)


def cards_of(models: tuple[Model, ...], routes: Routes, on: date) -> list[Card]:
    return [card_of(model, routes, on) for model in models]


def card_of(model: Model, routes: Routes, on: date) -> Card:
    """With the price of a usual picture through the connection that would be used."""
    through, obstacle, multiplier = "", "", None
    try:
        route = routes.to(model)
        multiplier, through = route.price_multiplier, "" if route.is_simulator else route.name
    except NoConnectionError as error:
        obstacle = str(error)
    usual = {"size": str(model.sizes.presets[0])} if model.sizes.kind == "free" else {}
    price = catalog.estimate(model, usual, on=on, multiplier=multiplier or 1)  # type: ignore[arg-type]
    return Card(model, price, through, obstacle)


def _sizes(model: Model) -> str:
    rule = model.sizes
    if rule.kind == "list":
        largest = max((cell.size for cell in rule.table), key=lambda size: (size.pixels, size.width))
        words = _("%(count)s exact sizes, up to %(width)s × %(height)s")
        return words % {"count": len(rule.table), "width": largest.width, "height": largest.height}
    if rule.kind == "free":
        words = _("any, sides in steps of %(step)s, up to %(edge)s and %(pixels)s million pixels")
        return words % {"step": rule.step, "edge": rule.max_edge, "pixels": f"{rule.max_pixels / 1e6:.1f}"}
    return _("%(count)s shapes, asked for in words") % {"count": len(rule.shapes)}


def _choices(model: Model, name: str) -> Cell:
    parameter = model.parameter(Endpoint.GENERATIONS, name)
    if parameter is None or not parameter.may_be_sent or not parameter.choices:
        return _no()
    named = [choice for choice in parameter.choices if choice != catalog.AUTO]
    return Cell("yes" if parameter.support is Support.ACCEPTED else "maybe", ", ".join(named))


def _offers(parameter: Parameter | None, value: str) -> Cell:
    if parameter is None or not parameter.may_be_sent or value not in parameter.choices:
        return _no()
    return _yes() if parameter.support is Support.ACCEPTED else Cell("maybe", _("not promised"))


def _yes() -> Cell:
    return Cell("yes", _("yes"))


def _no() -> Cell:
    return Cell("no", _("no"))


# --- How they have been doing ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """One model's recent calls, of one kind."""

    model: Model
    is_simulated: bool
    health: Health
    obedience: Obedience | None


def records_of(
    models: tuple[Model, ...],
    health: dict[tuple[str, bool], Health],
    obedience: dict[tuple[str, bool], Obedience],
) -> list[Record]:
    """Real calls first, then the simulator's, each in the catalog's order."""
    return [
        Record(model, simulated, health[model.id, simulated], obedience.get((model.id, simulated)))
        for simulated in (False, True)
        for model in models
        if (model.id, simulated) in health
    ]


# --- One model ------------------------------------------------------------------------------------------------

SUPPORT: dict[Support, Promise] = {
    Support.ACCEPTED: gettext_lazy("taken"),
    Support.REFUSED: gettext_lazy("refused"),
    Support.IGNORED: gettext_lazy("ignored"),
    Support.DISPUTED: gettext_lazy("disputed"),
    Support.UNDOCUMENTED: gettext_lazy("not documented"),
}


@dataclass(frozen=True)
class Fact:
    """One field of a request, as the page of a model shows it."""

    endpoint: str
    parameter: Parameter

    @property
    def support(self) -> str:
        return str(SUPPORT[self.parameter.support])

    @property
    def reason(self) -> str:
        return local(self.parameter.reason)

    @property
    def values(self) -> str:
        parameter = self.parameter
        if parameter.minimum is not None and parameter.maximum is not None:
            return f"{parameter.minimum}-{parameter.maximum}"
        return ", ".join(parameter.choices)


def facts_of(model: Model) -> Iterator[Fact]:
    """Every field that any source names, but for those that every request has."""
    for endpoint, parameters in model.parameters.items():
        for name, parameter in parameters.items():
            if name not in ("model", "prompt", "messages"):
                yield Fact(str(ENDPOINTS.get(endpoint, endpoint.value)), parameter)
