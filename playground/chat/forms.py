"""What is said in a turn: the composer's form, with the picture that is changed as its image 1."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground import catalog
from playground.accounts.models import User, Workspace
from playground.catalog import Endpoint, Model
from playground.chat.places import Base, Place
from playground.chat.services import Wish
from playground.runs.models import Generation
from playground.studio.controls import field_name
from playground.studio.forms import ComposerForm
from playground.studio.initial import settings_of
from playground.studio.sections import VIA, Section
from playground.studio.tray import Tray, read_tray, tray_fields


class TurnForm(ComposerForm):
    """A turn that goes on from `base`. Without one the answer is still on its way: nothing can be said to it yet."""

    offers_recipes = False
    offers_setups = False
    offers_matrix = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        workspace: Workspace,
        on: date,
        base: Base | None,
        person: User | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.base = base
        first = initial or initial_after(base.answer if base else None)
        super().__init__(data, workspace=workspace, on=on, person=person, initial=first)

    def clean(self) -> dict[str, Any]:
        """Also: is there something to go on from?"""
        if self.base is None:
            self.add_error(None, _("The picture is not here yet. Nothing was sent; send this when it is."))
        elif self.base.is_unreadable:
            self.add_error(None, _("The picture can’t be read any more. Go on from another one."))
        return super().clean()

    @cached_property
    def tray(self) -> Tray:
        """The picture that is changed, and those that were added in this turn."""
        pinned = self.base.upload if self.base else None
        return read_tray(self.workspace, self._value, self._values, pinned)

    def offers_chat(self, model: Model) -> bool:
        """Any turn may go as a message, but not with a mask, which only an edit takes."""
        is_masked = self.tray.mask_fits and catalog.takes_mask(model, Endpoint.EDITS)
        return Endpoint.CHAT in model.endpoints and not is_masked

    def endpoint_of(self, model: Model) -> Endpoint:
        """A turn is a message where the model has a conversation, unless a person wants it otherwise.

        The very first one is drawn from nothing, and better so: chat takes no size, and may answer in words.
        """
        direct, via = self.direct_endpoint(model), self._value(field_name(model, VIA))
        if not self.offers_chat(model):
            return direct
        wants_chat = via != direct if self._goes_on else via == Endpoint.CHAT
        return Endpoint.CHAT if wants_chat else direct

    @property
    def _goes_on(self) -> bool:
        return bool(self.tray.tiles) or (self.base is not None and self.base.answer is not None)

    @property
    def tray_url(self) -> str:
        return reverse("chat:tray")

    @property
    def go_words(self) -> str:
        if not self._goes_on:
            return super().go_words
        pictures = self.ledger.pictures or 1
        return ngettext("Make the change", "Make %(n)s changes", pictures) % {"n": pictures}

    @property
    def chosen_sections(self) -> list[Section]:
        """The models that this turn goes to, and how."""
        return [section for section in self.sections if section.is_on]

    @property
    def wish(self) -> Wish:
        """What a valid form asks for."""
        return Wish(
            prompt=self.cleaned_data["prompt"],
            targets=self.targets,
            submission_key=self.cleaned_data["submission_key"],
            references=self.tray.brought,
            mask=self.tray.mask,
        )


def initial_after(answer: Generation | None) -> dict[str, Any]:
    """An empty form that goes to the model of this answer, set as it was then."""
    initial: dict[str, Any] = {"submission_key": uuid.uuid4(), "prompt": "", **tray_fields(Tray())}
    offered = catalog.default().offered(timezone.localdate())
    if answer is None or answer.model not in offered:
        return initial | {"models": [model.id for model in offered[:1]]}
    return initial | {"models": [answer.model_id]} | _settings_of(answer)


def initial_at_place(place: Place) -> dict[str, Any]:
    """To the model that is drawing, too; with words that brought nothing, to be put otherwise."""
    again = {"prompt": place.turn.run.prompt} if place.turn and place.is_barren else {}
    return initial_after(place.base.answer if place.base else place.answer) | again


def _settings_of(answer: Generation) -> dict[str, Any]:
    model, endpoint = answer.model, Endpoint(answer.endpoint)
    if model is None or endpoint is Endpoint.GENERATIONS:
        return {}  # what was set for a picture from nothing is no wish for a change of it
    return settings_of(model, endpoint, answer.parameters) | {field_name(model, VIA): endpoint.value}
