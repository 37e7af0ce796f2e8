"""What a person says of a link: what it shows, to whom, and for how long."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.sharing.models import Link

SHORTEST_PASSWORD = 8
NEVER, AS_IT_IS = "never", ""
PERIODS = [("1", _("1 day")), ("7", _("7 days")), ("30", _("30 days")), (NEVER, _("until it is ended"))]
USUAL_PERIOD = "7"

# What each tick gives out: its name, the same within a sentence, and what it means.
SHOWN: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "prompts": (
        _("Prompts"),
        _("prompts"),
        _("With them a visitor can open the same set-up in a Darkroom of their own."),
    ),
    "references": (_("References"), _("references"), _("The pictures that went along, small.")),
    "models": (
        _("Models and settings"),
        _("models and settings"),
        _("Frame number, model, settings, pixels, day and seconds."),
    ),
    "costs": (_("Costs"), _("costs"), _("What each picture cost.")),
    "originals": (
        _("Originals to download"),
        _("originals to download"),
        _("Without what is written into the file, unless prompts and models are shown as well."),
    ),
}


class LinkForm(forms.Form):
    """A new link, or with `link` one that is to be changed: then nothing chosen keeps time and password as they are."""

    submission_key = forms.UUIDField(required=False)
    title = forms.CharField(max_length=120, required=False)
    words = forms.CharField(max_length=2000, required=False)
    signed = forms.CharField(max_length=60, required=False)
    shows = forms.MultipleChoiceField(choices=[(name, "") for name in Link.SHOWS], required=False)
    period = forms.ChoiceField(choices=[(AS_IT_IS, _("as it is")), *PERIODS], required=False)
    password = forms.CharField(
        min_length=SHORTEST_PASSWORD,
        max_length=200,
        required=False,
        strip=False,
        error_messages={"min_length": _("A password of at least 8 characters: visitors can try.")},
    )
    no_password = forms.BooleanField(required=False)
    is_indexed = forms.BooleanField(required=False)
    takes_votes = forms.BooleanField(required=False)
    with_new = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, link: Link | None = None, offers_votes: bool = False) -> None:
        super().__init__(data)
        self.link, self.offers_votes = link, offers_votes

    def clean_takes_votes(self) -> bool:
        if self.cleaned_data["takes_votes"] and not self.offers_votes:
            raise forms.ValidationError(
                _("Visitors can vote where a link shows two to nine pictures, of two models or more.")
            )
        return bool(self.cleaned_data["takes_votes"])

    @property
    def shown(self) -> dict[str, Any]:
        """What the fields hold: as they were sent, else of the link, else as private as can be. Never a password."""
        if self.is_bound:
            names = [name for name in self.fields if name != "password"]
            return {name: self[name].value() for name in names} | {"shows": self["shows"].value() or []}
        if self.link is None:
            return {"period": USUAL_PERIOD, "shows": []}
        names = ["title", "words", "signed", "is_indexed", "takes_votes", "shows"]
        return {name: getattr(self.link, name) for name in names} | {"period": AS_IT_IS}

    @property
    def ticks(self) -> list[tuple[str, Any, Any, bool]]:
        """Name, words, hint and whether it is on, of everything that can be shown."""
        ticked = self.shown["shows"]
        return [(name, SHOWN[name][0], SHOWN[name][2], name in ticked) for name in Link.SHOWS]

    @property
    def periods(self) -> list[tuple[str, Any, bool]]:
        offered = [*([(AS_IT_IS, _("as it is"))] if self.link else []), *PERIODS]
        return [(value, words, value == self.shown["period"]) for value, words in offered]

    @property
    def key(self) -> uuid.UUID:
        """Of this very form, so that it makes one link however often it is sent."""
        return self.cleaned_data.get("submission_key") or uuid.uuid4()

    @property
    def fields_of_link(self) -> dict[str, Any]:
        """The columns that it sets."""
        said = self.cleaned_data
        columns = {name: said[name] for name in ("title", "words", "signed", "is_indexed", "takes_votes")}
        columns |= {f"shows_{name}": name in said["shows"] for name in Link.SHOWS}
        if self.link is None or said["period"]:
            columns["expires_at"] = _end_of(said["period"] or USUAL_PERIOD)
        if said["password"]:
            columns["password"] = make_password(said["password"])
        elif said["no_password"]:
            columns["password"] = ""
        return columns


def _end_of(period: str) -> Any:
    return None if period == NEVER else timezone.now() + timedelta(days=int(period))
