"""A composer after an act with its tray: the same form with another tray, and what else of it looks different now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django_htmx.http import trigger_client_event

from playground.runs.receiving import SpooledFile
from playground.studio.acts import change
from playground.studio.carrying import CARRIES, asked_setup, carried_after, is_document
from playground.studio.controls import controls_of, field_name
from playground.studio.forms import ComposerForm
from playground.studio.initial import initial_of_form
from playground.studio.tray import tray_fields

REDRAWS = ("restore", "via", "several")  # the tray stays, and the controls of the models are other ones
Form = TypeVar("Form", bound=ComposerForm)


@dataclass(frozen=True)
class Redrawn(Generic[Form]):
    """The form to draw, why something was not taken, and whether the models' controls are other ones."""

    form: Form
    refusals: Sequence[str]
    redraw: bool
    prompt: str | None  # where the act wrote into it

    @property
    def context(self) -> dict[str, Any]:
        """For studio/_tray_answer.html."""
        return {
            "form": self.form,
            "ledger": self.form.ledger,
            "refusals": self.refusals,
            "redraw": self.redraw,
        }

    def announced(self, response: HttpResponse) -> HttpResponse:
        """The answer, with word of the prompt to the script that puts it into its field."""
        if self.prompt is not None:
            trigger_client_event(response, "prompt-written", {"prompt": self.prompt}, after="swap")
        return response


def after_act(
    data: QueryDict, files: "MultiValueDict[str, Any]", make: Callable[[Mapping[str, Any]], Form]
) -> Redrawn[Form]:
    """Do the act that the form names with the tray that it holds; `make` makes a form of its fields."""
    initial, act = initial_of_form(data), data.get("act", "")
    typed = make(initial)
    came = [file for name in ("files", "mask_file") for file in files.getlist(name)]
    taken = [file for file in came if isinstance(file, SpooledFile)]
    opened, refusals = asked_setup(typed, act, data, taken)
    if opened:
        initial = opened.initial | {"submission_key": initial.get("submission_key")}
    taken = [file for file in taken if not is_document(file)]
    before = make(initial)
    made = change(before.workspace, before.tray, before.current_prompt, act, taken)
    initial |= tray_fields(made.tray) | {"prompt": made.prompt}
    initial[CARRIES] = carried_after(act, before.tray, made.tray, str(initial.get(CARRIES, "")))
    after = make(initial)
    is_other = _first(before) != _first(after) or before.tray.mode != after.tray.mode
    if is_other:
        after = make(_unsettled(before, initial))
    was_written = made.prompt != typed.current_prompt
    redraw = is_other or bool(opened) or act in REDRAWS
    return Redrawn(after, [*refusals, *made.refusals], redraw, made.prompt if was_written else None)


def _first(form: ComposerForm) -> int | None:
    return form.tray.tiles[0].upload.pk if form.tray.tiles else None


def _unsettled(form: ComposerForm, initial: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without those that nobody touched: another kind of call rests at other values."""
    untouched = {
        name
        for model in form.offered
        for kind, short, parameter in controls_of(model, form.endpoint_of(model))
        if initial.get(name := field_name(model, short)) == form.resting(model, kind, parameter)
    }
    return {name: value for name, value in initial.items() if name not in untouched}
