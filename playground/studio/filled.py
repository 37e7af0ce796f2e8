"""The composer as it stands, valid or not, posted or fresh: its fields as the catalog and the gateway read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.connections import Routes, routes_of
from playground.accounts.models import User, Workspace
from playground.catalog import Endpoint, Model, Parameter
from playground.studio.carrying import CARRIES, Carried, carried_in
from playground.studio.controls import CUSTOM, controls_of, field_name, resting_value
from playground.studio.initial import fresh_initial
from playground.studio.matrix import Many, Plan, literal, plan_of
from playground.studio.opening import OPENED
from playground.studio.sections import MAX_VARIANTS, VIA
from playground.studio.tray import Tray, read_tray

TABLE, SEVERAL = "table", "several"


class FilledForm(forms.Form):
    """What is filled in: a prompt, models, pictures, and for each model its settings and number of variants."""

    offers_recipes = True
    offers_setups = True
    offers_matrix = True  # whether braces in the prompt are language

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    prompt = forms.CharField(
        strip=False,
        widget=forms.Textarea,
        error_messages={
            "required": _("Write what the picture should show."),
            "null_characters_not_allowed": _("The prompt holds a character that can't be sent."),
        },
    )
    models = forms.MultipleChoiceField(
        error_messages={
            "required": _("Choose at least one model."),
            "invalid_choice": _("“%(value)s” is not a model that can be used here."),
        }
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        workspace: Workspace,
        on: date,
        person: User | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.offered = catalog.default().offered(on)
        self.workspace, self.person, self.on = workspace, person, on
        super().__init__(data, initial=dict(initial or fresh_initial()))
        self.fields["models"].choices = [(model.id, model.label) for model in self.offered]  # type: ignore[attr-defined]

    # -- One wish, many pictures -----------------------------------------------------------------------------------

    @cached_property
    def plan(self) -> Plan:
        """The prompts that are meant."""
        return (
            plan_of(self.current_prompt, self._value(TABLE))
            if self.offers_matrix
            else literal(self.current_prompt)
        )

    @property
    def table_text(self) -> str:
        return self._value(TABLE)

    @property
    def is_several(self) -> bool:
        """Whether each model may have several sizes and qualities at once."""
        return self.offers_matrix and bool(self._value(SEVERAL))

    @property
    def many(self) -> Many:
        """What it all multiplies to, as it stands."""
        return Many(
            self.plan, [(len(self.sets_of(each)), self.variants_of(each) or 1) for each in self.chosen]
        )

    @property
    def first_prompt(self) -> str:
        return next((each.text for each in self.plan.first(1)), self.current_prompt)

    # -- What goes along, and which call it is ---------------------------------------------------------------------

    @cached_property
    def routes(self) -> Routes:
        """The connections that can be used."""
        return routes_of(self.workspace)

    @cached_property
    def tray(self) -> Tray:
        """The pictures that go along."""
        return read_tray(self.workspace, self._value, self._values)

    def endpoint_of(self, model: Model) -> Endpoint:
        """Which call this set-up makes of a model: pictures in the tray turn a generation into an edit."""
        by_chat = self.offers_chat(model) and self._value(field_name(model, VIA)) == Endpoint.CHAT
        return Endpoint.CHAT if by_chat else self.direct_endpoint(model)

    def direct_endpoint(self, model: Model) -> Endpoint:
        """The call of a model that has no conversation."""
        return Endpoint.EDITS if self.tray.tiles else Endpoint.GENERATIONS

    def offers_chat(self, model: Model) -> bool:
        """Whether the set-up may go as a message, too."""
        return bool(self.tray.tiles) and Endpoint.CHAT in model.endpoints

    @cached_property
    def carried(self) -> Carried | None:
        """The picture in the tray whose set-up could be restored, until somebody says whether it should."""
        return carried_in(self.tray, self._value(CARRIES)) if self.offers_setups else None

    @property
    def opened(self) -> str:
        """What the set-up that was just opened is called; empty where none was."""
        return self._value(OPENED) if self.offers_setups and not self.is_bound else ""

    @property
    def remarks(self) -> list[str]:
        """What is worth knowing of the tray before the click."""
        return self.tray.remarks(self.first_prompt, self.chosen)

    def resting(self, model: Model, kind: str, parameter: Parameter | None) -> str:
        """What a control of this set-up shows before anybody touched it."""
        first = self.tray.size_of(1) if self.tray.tiles else None
        return resting_value(model, kind, parameter, first)

    @cached_property
    def chosen(self) -> list[Model]:
        """The models that are ticked, in the catalog's order."""
        wanted = self._values("models")
        return [model for model in self.offered if model.id in wanted]

    # -- Settings --------------------------------------------------------------------------------------------------

    @property
    def current_prompt(self) -> str:
        """The prompt as it stands, also in a form that is not valid yet."""
        return self._value("prompt").replace("\r\n", "\n").strip()

    def variants_of(self, model: Model) -> int | None:
        """How many pictures are wanted of this model; None if that is no number from 1 to 8."""
        raw = self._value(field_name(model, "variants")) or "1"
        return int(raw) if raw.isascii() and raw.isdigit() and 1 <= int(raw[:3]) <= MAX_VARIANTS else None

    def parameters_of(self, model: Model) -> dict[str, Any]:
        """The settings of one model, as the catalog and the gateway understand them; the first of several sets."""
        return self.sets_of(model)[0]

    def sets_of(self, model: Model) -> list[dict[str, Any]]:
        """Every set of settings that is asked for: one, unless several sizes or qualities are ticked."""
        if model.id not in self._sets:
            self._sets[model.id] = self._read_sets(model)
        return self._sets[model.id]

    @cached_property
    def _sets(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def _read_sets(self, model: Model) -> list[dict[str, Any]]:
        endpoint, sets = self.endpoint_of(model), [dict[str, Any]()]
        for kind, name, parameter in controls_of(model, endpoint):
            values = self._asked(model, kind, name, parameter)
            sets = [
                each if value in (None, "") else each | {name: value} for each in sets for value in values
            ]
        return [catalog.with_companions(model, endpoint, each) for each in sets]

    def _takes_several(self, kind: str, name: str) -> bool:
        return self.is_several and (kind in ("shape", "grid", "size") or name == "quality")

    def _asked(self, model: Model, kind: str, name: str, parameter: Parameter | None) -> list[Any]:
        """What was chosen in one control, each once; None where it is not to be sent."""
        full = field_name(model, name)
        if parameter is not None and parameter.send == "opt_in" and not self._value(f"{full}__on"):
            return [None]
        raws = self._values(full) if self._takes_several(kind, name) else [self._value(full)]
        read = (self._read(model, kind, full, parameter, raw.strip()) for raw in raws or [""])
        return list(dict.fromkeys(read))

    def _read(self, model: Model, kind: str, full: str, parameter: Parameter | None, raw: str) -> Any:
        if not raw and not self.is_bound and full not in self.initial:
            raw = self.resting(model, kind, parameter)
        if kind == "size" and raw == CUSTOM:
            raw = self._value(f"{full}__{CUSTOM}").strip().lower().replace("×", "x").replace(" ", "")
        if kind == "number" and raw.isascii() and raw.isdigit() and len(raw) < 10:
            return int(raw)
        return raw

    def _value(self, name: str) -> str:
        source = self.data if self.is_bound else self.initial
        value = source.get(name, "")
        if isinstance(value, list):  # several were ticked
            value = value[-1] if value else ""
        return "" if value is None else str(value)

    def _values(self, name: str) -> list[str]:
        if isinstance(self.data, MultiValueDict) and self.is_bound:
            return [str(value) for value in self.data.getlist(name)]
        source = self.data if self.is_bound else self.initial
        value = source.get(name) or []
        return [value] if isinstance(value, str) else list(value)
