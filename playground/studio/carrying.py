"""Set-ups that come with files: a picture that carries one, or the document itself.

A picture is a reference too, so whoever brings one is asked; a document can only be meant as a set-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.http import QueryDict
from django.utils.translation import gettext as _

from playground.accounts.models import Workspace
from playground.runs.models import Upload
from playground.runs.receiving import SpooledFile
from playground.runs.setups import MOST_BYTES, Setup, SetupError
from playground.runs.story import setup_in
from playground.studio.opening import Opened, open_setup
from playground.studio.tray import Tray

if TYPE_CHECKING:
    from playground.studio.forms import ComposerForm

CARRIES, SETUP = "carries", "setup"


@dataclass(frozen=True)
class Carried:
    """A picture in the tray that carries a set-up, and nobody said yet whether it is wanted."""

    upload: Upload
    label: str


def setup_of(upload: Upload) -> Setup | None:
    """The set-up that a picture carries."""
    try:
        with default_storage.open(upload.file) as file:
            return setup_in(file)
    except (FileNotFoundError, SetupError):
        return None


def carried_in(tray: Tray, upload_id: str) -> Carried | None:
    upload = next((tile.upload for tile in tray.tiles if str(tile.upload.pk) == upload_id), None)
    setup = setup_of(upload) if upload else None
    return Carried(upload, setup.label) if upload and setup else None


def carried_after(act: str, before: Tray, after: Tray, asked: str) -> str:
    """The id of the picture whose set-up the page asks about after an act; empty for none."""
    verb, _colon, value = act.partition(":")
    if verb in ("keep", SETUP):
        return ""
    old = {tile.upload.pk for tile in before.tiles}
    new = [
        tile.upload
        for tile in after.tiles
        if tile.upload.pk not in old or (verb, value) == ("take", str(tile.upload.pk))
    ]
    return next((str(upload.pk) for upload in reversed(new) if setup_of(upload)), asked)


def is_document(file: SpooledFile) -> bool:
    return (file.name or "").lower().endswith(".json")


def asked_setup(
    form: "ComposerForm", act: str, data: QueryDict, files: Sequence[SpooledFile]
) -> tuple[Opened | None, list[str]]:
    """The set-up that an act brings: of a picture (`setup:12`), as text, or as a file; and what there is to say."""
    documents = [file for file in files if is_document(file)]
    verb, _colon, value = act.partition(":")
    if verb != SETUP and not documents:
        return None, []
    if not form.offers_setups:
        return None, [_("A set-up is opened in the studio, not in a conversation.")]
    try:
        found = _found(form.workspace, value, data, documents)
    except SetupError as error:
        return None, [str(error)]
    if found is None:
        return None, [_("This picture carries no set-up.")]
    opened = open_setup(form.workspace, found)
    return opened, opened.remarks


def _found(
    workspace: Workspace, value: str, data: QueryDict, documents: Sequence[SpooledFile]
) -> Setup | None:
    if documents:
        return Setup.read(documents[0].read(MOST_BYTES + 1))
    if not value:
        return Setup.read(data.get(SETUP, ""))
    is_id = value.isascii() and value.isdigit() and len(value) < 19
    upload = Upload.objects.of(workspace).filter(pk=int(value)).first() if is_id else None
    return setup_of(upload) if upload else None
