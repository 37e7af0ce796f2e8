"""The picture files that go along with a call, in the order of their numbers, and its mask."""

from pathlib import Path

from playground.gateway import Attachment
from playground.runs import storage
from playground.runs.models import Generation, Upload


def attached(generation: Generation, folder: Path) -> tuple[tuple[Attachment, ...], Attachment | None]:
    """The references and the mask of a generation as files; `folder` takes copies where storage is elsewhere.

    Beside a mask the first picture goes as PNG: the two must have one format (docs.apiyi.com, mask-editing). A
    generation whose model takes no mask has none here.
    """
    run = generation.run
    references = [attachment_of(each.upload, folder) for each in run.references.all()]
    if not generation.masked or run.mask is None:
        return tuple(references), None
    if run.mask.upload.png_file:
        references[0] = _attachment(run.mask.upload.png_file, "png", folder)
    return tuple(references), _attachment(run.mask.file, "png", folder)


def attachment_of(upload: Upload, folder: Path) -> Attachment:
    """The prepared copy of a picture as a file."""
    return _attachment(upload.sent_file, upload.sent_format, folder)


def _attachment(name: str, kind: str, folder: Path) -> Attachment:
    return Attachment(storage.at_hand(name, folder), f"image/{kind}")
