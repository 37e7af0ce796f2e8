"""Pictures that people bring along: examined, made ready to be sent, and kept, each once.

The original is kept untouched; what is sent is a copy that was encoded anew (see preparing). Examining happens in a
process of its own, one at a time, so that no file can take the pages' memory or bring them down.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from playground.accounts.models import Workspace
from playground.runs import storage
from playground.runs.models import Mask, Output, Upload
from playground.runs.preparing import ADVISED_BYTES, ADVISED_EDGE, THUMBNAIL_WIDTH, RefusedFileError
from playground.runs.receiving import SpooledFile

SECONDS = 30
MASK_MEGABYTES = 4
_one_at_a_time = threading.BoundedSemaphore(1)
SENT_AS_IT_IS = ("png", "jpeg", "webp")


def receive(workspace: Workspace, file: SpooledFile) -> Upload:
    """Keep a file of a form as an upload. Raises RefusedFileError."""
    if file.is_too_large:
        raise RefusedFileError("too_large", most=settings.UPLOAD_MEGABYTES)
    file.flush()
    return take_file(workspace, Path(file.temporary_file_path()), file.name or "picture")


def take_file(workspace: Workspace, path: Path, name: str) -> Upload:
    """Examine a file, and keep it and the copy that is sent; the same bytes again give the upload that is there.

    The file itself stays where it is. Raises RefusedFileError.
    """
    if not path.stat().st_size:
        raise RefusedFileError("empty")
    sha256 = _sha256(path)
    known = Upload.objects.of(workspace).filter(sha256=sha256).first()
    if known is not None:
        return known
    with storage.workbench() as folder:
        found = _examine("picture", path, folder)
        original = storage.original_name(sha256, found["format"])
        shutil.copyfile(path, folder / "original")
        fields = _kept(folder, found) | {"file": original, "byte_size": path.stat().st_size}
        storage.keep(folder / "original", original)
    fields |= {name: found[name] for name in ("format", "width", "height")}
    return _written(workspace, sha256, name=name[-200:], **fields)


def take_output(output: Output) -> Upload:
    """Use a picture that was made here: its bytes are where they are, and only a lighter copy is made if need be.

    Raises RefusedFileError where it can't be decoded.
    """
    known = Upload.objects.filter(workspace=output.workspace_id, sha256=output.sha256).first()
    if known is not None:
        return known
    facts = {
        "name": output.download_name, "file": output.file, "byte_size": output.byte_size, "format": output.format,
        "width": output.width, "height": output.height, "taken_from": output,
    }  # fmt: skip
    return _written(output.workspace, output.sha256, **facts, **_sent_of(output))


def _sent_of(output: Output) -> dict[str, Any]:
    is_light = output.byte_size <= ADVISED_BYTES and max(output.width, output.height) <= ADVISED_EDGE
    if is_light and THUMBNAIL_WIDTH in output.thumbnails:
        return {
            "sent_file": output.file, "sent_sha256": output.sha256, "sent_format": output.format,
            "sent_width": output.width, "sent_height": output.height, "sent_byte_size": output.byte_size,
        }  # fmt: skip
    with storage.workbench() as folder, storage.local_copy(output.file, folder) as path:
        return _kept(folder, _examine("picture", path, folder))


def _kept(folder: Path, found: dict[str, Any]) -> dict[str, Any]:
    """Put the copy that is sent and its thumbnail in their places; the columns that say so."""
    sent = found["sent"]
    path = Path(sent["path"])
    sha256, byte_size = _sha256(path), path.stat().st_size
    name = storage.prepared_name(sha256, sent["format"])
    storage.keep_together(
        {name: path, storage.thumbnail_name(sha256, THUMBNAIL_WIDTH): Path(found["thumbnail"])}
    )
    return {
        "sent_file": name, "sent_sha256": sha256, "sent_format": sent["format"], "sent_width": sent["width"],
        "sent_height": sent["height"], "sent_byte_size": byte_size, "notes": found["notes"],
    }  # fmt: skip


def _written(workspace: Workspace, sha256: str, **fields: Any) -> Upload:
    try:
        with transaction.atomic():
            return Upload.objects.create(workspace=workspace, sha256=sha256, **fields)
    except IntegrityError:  # the same file at the same moment
        return Upload.objects.get(workspace=workspace, sha256=sha256)


def take_mask(upload: Upload, path: Path) -> tuple[Mask, list[list[Any]]]:
    """Keep a mask for this picture, and the picture as PNG beside it; the mask, and what was done to the file.

    Raises RefusedFileError.
    """
    with storage.workbench() as folder, storage.local_copy(upload.sent_file, folder) as picture:
        found = _examine("mask", path, folder, picture)
        made = Path(found["path"])
        if made.stat().st_size >= MASK_MEGABYTES * 1_000_000:
            raise RefusedFileError("mask_heavy", most=MASK_MEGABYTES)
        sha256 = _sha256(made)
        name = storage.prepared_name(sha256, "png")
        storage.keep(made, name)
        if found["picture"] and not upload.png_file:
            upload.png_file = storage.prepared_name(_sha256(Path(found["picture"])), "png")
            storage.keep(Path(found["picture"]), upload.png_file)
            upload.save(update_fields=["png_file"])
    values = {"file": name, "share": found["share"], "workspace_id": upload.workspace_id}
    mask, _is_new = Mask.objects.get_or_create(upload=upload, sha256=sha256, defaults=values)
    return mask, found["notes"]


def receive_mask(upload: Upload, file: SpooledFile) -> tuple[Mask, list[list[Any]]]:
    """Keep a mask that came with a form. Raises RefusedFileError."""
    if file.is_too_large:
        raise RefusedFileError("too_large", most=settings.UPLOAD_MEGABYTES)
    file.flush()
    return take_mask(upload, Path(file.temporary_file_path()))


def _examine(kind: str, path: Path, folder: Path, *more: Path) -> dict[str, Any]:
    """What the examining process found. Raises RefusedFileError, also where the system had to end it."""
    command = [
        sys.executable,
        "-m",
        "playground.runs.preparing",
        kind,
        str(path),
        str(folder),
        *map(str, more),
    ]
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603  # our own module, and paths that we made
                command, cwd=settings.BASE_DIR, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise RefusedFileError("too_slow") from None
    if done.returncode:
        raise RefusedFileError("too_slow" if done.returncode < 0 else "broken")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise RefusedFileError(answer["refused"], **answer["values"])
    return answer


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
