"""What a person does with the tray: add, take, move, remove, mask. Each act gives a new tray; nothing is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from playground import catalog
from playground.accounts.models import Workspace
from playground.runs import refusals, uploads
from playground.runs.models import Mask, Output, Upload
from playground.runs.preparing import RefusedFileError
from playground.runs.receiving import SpooledFile
from playground.studio.tray import Tray


@dataclass
class Change:
    """A tray after an act, the prompt that goes with it, and why something was not taken."""

    tray: Tray
    prompt: str
    refusals: list[str] = field(default_factory=list)


def change(
    workspace: Workspace, tray: Tray, prompt: str, act: str, files: Sequence[SpooledFile] = ()
) -> Change:
    """Do one act, such as `later:12`; one that is not known, or makes no sense any more, changes nothing."""
    verb, _colon, value = act.partition(":")
    made = Change(tray, prompt)
    if verb == "add":
        for file in files:
            _add_file(workspace, made, file)
    elif verb == "mask-file" and tray.tiles and files:
        _add_mask(made, files[0])
    elif verb in ACTS:
        numbers = [
            int(part) for part in value.split(":") if part.isascii() and part.isdigit() and len(part) < 19
        ]
        made.tray = (
            ACTS[verb](workspace, tray, made.refusals, *numbers) if len(numbers) == NEEDS[verb] else tray
        )
    elif verb == "write":
        made.prompt = catalog.write_notes(prompt, [tile.note for tile in tray.tiles])
    if tray.follows:
        made.prompt = catalog.renumber(made.prompt, made.tray.moved(tray))
    return made


def _add_file(workspace: Workspace, made: Change, file: SpooledFile) -> None:
    if made.tray.is_full:
        made.refusals.append(_full(made.tray))
        return
    try:
        made.tray = made.tray.add(uploads.receive(workspace, file))
    except RefusedFileError as refused:
        made.refusals.append(refusals.refusal(file.name or "?", refused.code, refused.values))


def _add_mask(made: Change, file: SpooledFile) -> None:
    try:
        mask, notes = uploads.receive_mask(made.tray.tiles[0].upload, file)
    except RefusedFileError as refused:
        made.refusals.append(refusals.refusal(file.name or "?", refused.code, refused.values))
        return
    made.tray = replace(made.tray, mask=mask)
    made.refusals += [refusals.note(code, values) for code, values in notes]


def _full(tray: Tray) -> str:
    return _("The tray is full: %(most)s pictures is the most that any model takes.") % {"most": tray.most}


def _take(workspace: Workspace, tray: Tray, said: list[str], upload_id: int) -> Tray:
    upload = Upload.objects.of(workspace).filter(pk=upload_id).first()
    if upload and tray.is_full:
        said.append(_full(tray))
    return tray.add(upload) if upload else tray


def _use(workspace: Workspace, tray: Tray, said: list[str], output_id: int) -> Tray:
    output = Output.objects.of(workspace).with_story().filter(pk=output_id).first()
    if output is None:
        return tray
    try:
        return _take(workspace, tray, said, uploads.take_output(output).pk)
    except (RefusedFileError, FileNotFoundError):
        said.append(_("%(label)s can’t be read, so it was not taken.") % {"label": output.generation.label})
        return tray


def _mask(workspace: Workspace, tray: Tray, _said: list[str], mask_id: int) -> Tray:
    mask = Mask.objects.filter(workspace=workspace, pk=mask_id).select_related("upload").first()
    return replace(tray, mask=mask) if mask and tray.tiles else tray


ACTS: dict[str, Callable[..., Tray]] = {
    "take": _take,
    "use": _use,
    "mask": _mask,
    "unmask": lambda _workspace, tray, _said: replace(tray, mask=None),
    "remove": lambda _workspace, tray, _said, upload_id: tray.remove(upload_id),
    "earlier": lambda _workspace, tray, _said, upload_id: tray.step(upload_id, -1),
    "later": lambda _workspace, tray, _said, upload_id: tray.step(upload_id, 1),
    "move": lambda _workspace, tray, _said, upload_id, number: tray.move(upload_id, number),
}
NEEDS = {"take": 1, "use": 1, "mask": 1, "unmask": 0, "remove": 1, "earlier": 1, "later": 1, "move": 2}
