"""A set-up opened in the composer: its fields filled, and a sentence for all that is not here.

Whatever opens one (a frame's "Reuse set-up", a link, a file, a picture that has it) comes this way. It sends nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground import catalog
from playground.accounts.models import Workspace
from playground.catalog import Endpoint, Model
from playground.runs import uploads
from playground.runs.models import Mask, Output, Upload
from playground.runs.preparing import RefusedFileError
from playground.runs.setups import Aim, Named, Setup
from playground.studio import braces
from playground.studio.controls import controls_of, field_name
from playground.studio.initial import fresh_initial, settings_of
from playground.studio.sections import VIA
from playground.studio.tray import Tray, tray_fields

OPENED, NAMELESS = "opened", "…"


@dataclass
class Opened:
    """The composer's fields, and what of the set-up is not in them."""

    initial: dict[str, Any]
    remarks: list[str] = field(default_factory=list)


def open_setup(workspace: Workspace, setup: Setup, instead: Sequence[str] = ()) -> Opened:
    """Where models are named `instead`, they are chosen in the place of the set-up's own."""
    made = Opened(fresh_initial() | {"prompt": braces.escape(setup.prompt), OPENED: setup.label or NAMELESS})
    tray = _tray(workspace, setup, made.remarks)
    made.initial |= tray_fields(tray)
    known = {model.id for model in catalog.default().models}
    chosen = [name for name in instead if name in known]
    if setup.targets:
        took = [aim.model for aim in _usable(setup.targets, made.remarks if not chosen else [])]
        made.initial["models"] = chosen or took
    for aim in setup.targets:
        made.initial |= _settings(aim, bool(tray.tiles), made)
    return made


# -- Models and their settings --------------------------------------------------------------------------------------


def _usable(targets: Sequence[Aim], said: list[str]) -> Iterator[Aim]:
    """Those whose model is offered here, each once."""
    offered, taken = {model.id for model in catalog.default().offered(timezone.localdate())}, set()
    for aim in targets:
        if aim.model not in offered:
            said.append(
                _("“%(model)s” is no model that can be used here: it was left out.") % {"model": aim.model}
            )
        elif aim.model in taken:
            said.append(
                _("%(model)s is in the set-up twice: the first one was taken.") % {"model": aim.model}
            )
        else:
            taken.add(aim.model)
            yield aim


def _settings(aim: Aim, has_pictures: bool, made: Opened) -> dict[str, Any]:
    """The fields of one model; those that are filled already stay."""
    try:
        model = catalog.default().get(aim.model)
    except catalog.UnknownModelError:
        return {}
    if field_name(model, "variants") in made.initial:
        return {}
    endpoint = _endpoint(aim, model, has_pictures)
    wrong = {
        name: said
        for name, value in aim.parameters.items()
        if (said := _why_not(model, endpoint, name, value))
    }
    made.remarks += wrong.values()
    kept = {name: value for name, value in aim.parameters.items() if name not in wrong}
    rest = {field_name(model, VIA): endpoint.value, field_name(model, "variants"): str(aim.variants)}
    return settings_of(model, endpoint, kept) | rest


def _endpoint(aim: Aim, model: Model, has_pictures: bool) -> Endpoint:
    """The call that it will be here: without pictures there is nothing to edit."""
    if not has_pictures:
        return Endpoint.GENERATIONS
    by_chat = aim.endpoint == Endpoint.CHAT and Endpoint.CHAT in model.endpoints
    return Endpoint.CHAT if by_chat else Endpoint.EDITS


def _why_not(model: Model, endpoint: Endpoint, name: str, value: Any) -> str:
    """Why a setting can't be shown in its control, in a sentence; empty where it can.

    A number or a size that is only out of bounds can: the form itself objects to it.
    """
    controls = {known: (kind, parameter) for kind, known, parameter in controls_of(model, endpoint)}
    if name not in controls:
        if any(name in parameters for parameters in model.parameters.values()):
            return ""  # it goes along by itself, or belongs to another kind of call
        words = _("%(model)s has no setting “%(name)s” here: it was left out.")
        return words % {"model": model.label, "name": name}
    kind, parameter = controls[name]
    allowed = _allowed(model, kind, parameter)
    if allowed is None or str(value) in allowed:
        return ""
    words = _("%(model)s does not offer “%(value)s” for “%(name)s” here: it was left out.")
    return words % {"model": model.label, "value": value, "name": name}


def _allowed(model: Model, kind: str, parameter: "catalog.Parameter | None") -> set[str] | None:
    """The values of a control that has only so many."""
    if kind == "shape":
        return {shape.key for shape in model.sizes.shapes}
    if kind == "grid":
        return {catalog.AUTO, *(str(cell.size) for cell in model.sizes.table)}
    if kind == "choice" and parameter is not None:
        return {str(choice) for choice in parameter.choices}
    return None


# -- Pictures -------------------------------------------------------------------------------------------------------


def _tray(workspace: Workspace, setup: Setup, said: list[str]) -> Tray:
    """Those of the set-up's pictures that the workspace has; the others are named."""
    found = [(_upload(workspace, each), each) for each in setup.references]
    missing = [(number, each) for number, (upload, each) in enumerate(found, 1) if upload is None]
    if missing:
        words = ngettext(
            "%(pictures)s of the set-up is not in this workspace: add it yourself.",
            "%(pictures)s of the set-up are not in this workspace: add them yourself.",
            len(missing),
        )
        said.append(words % {"pictures": ", ".join(_called(*each) for each in missing)})
    tray = Tray().ordered((upload, each.note) for upload, each in found if upload is not None)
    mask = _mask(workspace, setup) if setup.mask else None
    if setup.mask and mask is None:
        said.append(_("The mask of the set-up is not in this workspace: paint it again."))
    return Tray(mask=mask).ordered(tray.pairs)


def _called(number: int, named: Named) -> str:
    words = _("Image %(number)s (%(name)s)") if named.name else _("Image %(number)s")
    return words % {"number": number, "name": named.name}


def _upload(workspace: Workspace, named: Named) -> Upload | None:
    """As it was brought along, or made here."""
    known = Upload.objects.of(workspace).filter(sha256=named.sha256).first()
    if known is not None:
        return known
    output = Output.objects.of(workspace).kept().with_story().filter(sha256=named.sha256).first()
    try:
        return uploads.take_output(output) if output else None
    except (RefusedFileError, FileNotFoundError):
        return None


def _mask(workspace: Workspace, setup: Setup) -> Mask | None:
    first = setup.references[0].sha256 if setup.references else ""
    rows = Mask.objects.filter(workspace=workspace, sha256=setup.mask, upload__sha256=first)
    return rows.select_related("upload").first()
