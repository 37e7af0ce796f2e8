"""Writing a workspace's chain down: which models, in which order, and the most that one picture may cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.connections import Routes
from playground.accounts.models import Chain, Workspace
from playground.providers.capabilities import Card, cards_of
from playground.runs.templatetags.darkroom import money

PLACES = 5


@dataclass(frozen=True)
class Place:
    """One place in the order, as a select shows it; `chosen` is a model's id or empty."""

    number: int
    name: str
    chosen: str
    errors: ErrorList


class ChainForm(forms.Form):
    """The chain as it stands, or as somebody wants it. Prices are those that this workspace pays."""

    most = forms.DecimalField(
        min_value=Decimal("0.001"),
        max_value=Decimal(1000),
        decimal_places=4,
        error_messages={"required": _("Say how much one picture may cost at most.")},
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, routes: Routes) -> None:
        self.workspace, self._routes = workspace, routes
        self.row = Chain.objects.filter(workspace=workspace).first()
        super().__init__(data, initial=_initial(self.row))
        choices = [("", ""), *((card.model.id, card.model.label) for card in self.cards)]
        for name in _names():
            self.fields[name] = forms.ChoiceField(choices=choices, required=False)

    @cached_property
    def cards(self) -> list[Card]:
        """Every model that is offered today, with its price and the connection that would serve it."""
        today = timezone.now().date()
        return cards_of(catalog.default().offered(today), self._routes, today)

    @property
    def places(self) -> list[Place]:
        return [
            Place(number, name, str(self[name].value() or ""), self[name].errors)
            for number, name in enumerate(_names(), 1)
        ]

    @property
    def shown_most(self) -> str:
        return str(self["most"].value() or "")

    @property
    def stored_labels(self) -> list[str]:
        """The models that are asked now, by name."""
        names = {card.model.id: card.model.label for card in self.cards}
        return [names.get(each, each) for each in self.row.model_ids] if self.row else []

    def clean(self) -> dict[str, Any]:
        """Somebody must be asked, nobody twice, and the limit must be enough for one of them."""
        chosen = [value for name in _names() if (value := self.cleaned_data.get(name))]
        if not chosen:
            self.add_error("model_1", ValidationError(_("Choose at least one model.")))
        for name, again in self._repeated():
            words = _("%(model)s stands here twice: each is asked once for a picture.")
            self.add_error(name, ValidationError(words, params={"model": again}))
        cheapest = min((card.price.low for card in self.cards if card.model.id in chosen), default=Decimal(0))
        if "most" in self.cleaned_data and self.cleaned_data["most"] < cheapest:
            words = _("None of these models draws for so little: the cheapest takes %(price)s.")
            self.add_error("most", ValidationError(words, params={"price": money(cheapest)}))
        return self.cleaned_data

    def _repeated(self) -> Iterator[tuple[str, str]]:
        seen = set()
        for name in _names():
            value = self.cleaned_data.get(name)
            if value and value in seen:
                yield name, value
            seen.add(value)

    def save(self) -> Chain:
        """Switch the chain on, or change it."""
        chosen = [self.cleaned_data[name] for name in _names() if self.cleaned_data[name]]
        values = {"model_ids": chosen, "most": self.cleaned_data["most"]}
        return Chain.objects.update_or_create(workspace=self.workspace, defaults=values)[0]


def _names() -> list[str]:
    return [f"model_{number}" for number in range(1, PLACES + 1)]


def _initial(row: Chain | None) -> dict[str, Any]:
    if row is None:
        return {}
    return dict(zip(_names(), row.model_ids, strict=False)) | {"most": f"{row.most.normalize():f}"}
