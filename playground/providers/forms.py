"""Entering a connection. A stored key is never shown, and goes to no other address than it was entered for."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.addresses import Addresses, origins, read_addresses
from playground.accounts.models import Connection, KeyType, Workspace

LONGEST_KEY = 500


class ConnectionForm(forms.Form):
    """A connection of a workspace, new or stored. The environment's has fewer fields: the others are its settings."""

    name = forms.CharField(
        max_length=60,
        error_messages={"required": _("Give the connection a name, such as the provider's.")},
    )
    addresses = forms.CharField(widget=forms.Textarea, required=False, max_length=2000)
    key = forms.CharField(widget=forms.PasswordInput, required=False, max_length=LONGEST_KEY, strip=True)
    key_type = forms.ChoiceField(choices=KeyType.choices, required=False)
    served_models = forms.MultipleChoiceField(required=False)
    multiplier = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
    )
    is_enabled = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, workspace: Workspace, row: Connection | None = None) -> None:
        self.workspace, self.row = workspace, row
        super().__init__(data, initial=_initial(row))
        if self.is_environment:
            for name in ("addresses", "key", "multiplier"):
                del self.fields[name]
        field = self.fields["served_models"]
        field.choices = [(each.id, each.label) for each in catalog.default().models]  # type: ignore[attr-defined]

    @property
    def is_environment(self) -> bool:
        return self.row is not None and self.row.from_environment

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        others = Connection.objects.of(self.workspace).filter(name=name)
        if (others.exclude(pk=self.row.pk) if self.row else others).exists():
            raise ValidationError(_("There is a connection of this name already."))
        return name

    def clean_addresses(self) -> Addresses:
        return read_addresses(self.cleaned_data["addresses"])

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        if not key and self.row is None:
            raise ValidationError(_("Enter the provider's API key."))
        if not all("!" <= character <= "~" for character in key):
            raise ValidationError(
                _("The key has characters that can't be sent. Paste it again without spaces.")
            )
        return key

    def clean(self) -> dict[str, Any]:
        """A key stays with the hosts that it was entered for, or else one person could have another's sent to him."""
        addresses = self.cleaned_data.get("addresses")
        if self.row and addresses and "key" in self.cleaned_data and not self.cleaned_data["key"]:
            new = origins(addresses.urls) - origins(self.row.base_urls)
            if new:
                hosts = ", ".join(sorted(host for _scheme, host in new))
                words = _("Enter the key again: the stored one was not meant for %(hosts)s.")
                self.add_error("key", ValidationError(words, params={"hosts": hosts}))
        return self.cleaned_data

    def save(self) -> Connection:
        """Write the connection; a new one comes last."""
        values = self.cleaned_data
        row = self.row or Connection(workspace=self.workspace, position=_last(self.workspace) + 1)
        row.name, row.key_type = values["name"], values["key_type"]
        row.served_models, row.is_enabled = values["served_models"], values["is_enabled"]
        if not self.is_environment:
            row.stored_base_urls = list(values["addresses"].urls)
            row.stored_multiplier = values["multiplier"] or Decimal(1)
            if values["key"]:
                row.keep_key(values["key"])
        row.save()
        return row

    # -- What the page shows -------------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> dict[str, Any]:
        """Each field's value as it stands, the key never."""
        return {name: self[name].value() for name in self.fields if name != "key"}

    @property
    def model_choices(self) -> list[tuple[str, str, bool]]:
        """Id, name and whether it is chosen."""
        chosen = self.shown["served_models"] or []
        return [(each.id, each.label, each.id in chosen) for each in catalog.default().models]

    @property
    def key_types(self) -> list[tuple[str, str, bool]]:
        """Value, words and whether it is chosen."""
        chosen = self.shown["key_type"] or ""
        return [(str(value), str(label), value == chosen) for value, label in KeyType.choices]


def _initial(row: Connection | None) -> dict[str, Any]:
    if row is None:
        return {"addresses": "https://api.apiyi.com", "is_enabled": True, "multiplier": "1"}
    return {
        "name": row.name,
        "addresses": "\n".join(row.base_urls),
        "key_type": row.key_type,
        "served_models": row.served_models,
        "multiplier": f"{row.price_multiplier.normalize():f}",
        "is_enabled": row.is_enabled,
    }


def _last(workspace: Workspace) -> int:
    return max(Connection.objects.of(workspace).values_list("position", flat=True), default=0)
