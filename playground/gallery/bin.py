"""The bin: what is in it is not shown and can be taken back, until it has lain there for KEPT.

Then its row goes, and its bytes go with it, unless something points at them still: another picture or an upload of
the same bytes, a run that took it as a reference, a restored copy, a turn of a conversation. Whatever points at an
output by a foreign key keeps it, but for what is listed in OF_ITS_OWN. What was paid for it stays in the books.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from playground.accounts.models import Workspace
from playground.gallery import marks, search, shelving
from playground.gallery.models import Picture
from playground.runs import storage
from playground.runs.models import Mask, Output, Run, Upload
from playground.runs.preparing import THUMBNAIL_WIDTH

logger = logging.getLogger(__name__)
KEPT = timedelta(days=30)
ERASED_AT_ONCE = 200  # at each sweep
SETTLED = timedelta(hours=1)  # bytes that are younger may be on their way into another row
# What belongs to an output and goes with it. An upload that was taken from it points at the bytes: see `_is_used`.
# A link to others shows it as long as it is there.
OF_ITS_OWN = frozenset({"gallery.Picture", "runs.PictureLink", "runs.Upload", "sharing.Item"})
# What every run has. A turn of a conversation is not among it: its pictures stay.
OF_A_RUN = frozenset({"runs.Generation", "runs.History", "runs.Reference", "sharing.Link"})


def put(workspace: Workspace, ids: Sequence[int]) -> tuple[int, datetime]:
    """Put pictures into the bin; how many, and the moment by which `take_back` knows them."""
    now = timezone.now()
    with transaction.atomic():
        pks = marks.chosen(workspace, ids)
        pictures = Picture.objects.filter(pk__in=pks)
        shelving.count(pictures, -1)
        pictures.update(binned_at=now)
        Output.objects.filter(pk__in=pks).update(binned_at=now)
        search.forget(pks)
    return len(pks), now


def take_back(workspace: Workspace, ids: Sequence[int]) -> int:
    """Show these pictures again, with all their marks."""
    with transaction.atomic():
        rows = Picture.objects.of(workspace).binned().filter(pk__in=ids[: marks.MOST_AT_ONCE])
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        pictures = Picture.objects.filter(pk__in=pks)
        pictures.update(binned_at=None)
        Output.objects.filter(pk__in=pks).update(binned_at=None)
        shelving.count(pictures)
        shelving.describe_again(pks)
    return len(pks)


def put_at(workspace: Workspace, moment: datetime) -> list[int]:
    """What was put there at this moment, by one act."""
    rows = Picture.objects.of(workspace).binned().filter(binned_at=moment)
    return list(rows.values_list("pk", flat=True)[: marks.MOST_AT_ONCE])


def erase_old() -> None:
    """Erase what has lain in the bin long enough and is not used any more."""
    before = timezone.now() - KEPT
    erase(Output.objects.filter(binned_at__lt=before).order_by("binned_at"))


def erase_now(workspace: Workspace) -> int:
    """Empty the workspace's bin, as far as nothing in it is used; how many pictures went."""
    return erase(Output.objects.of(workspace).filter(binned_at__isnull=False).order_by("binned_at"))


def erase(outputs: Any) -> int:
    """Erase those of these outputs (in the bin) that nothing points at; a few at a time."""
    settled = outputs.filter(created_at__lt=timezone.now() - SETTLED)
    unused = settled.filter(*(~each for each in _uses()))
    return sum(_erase(output) for output in unused[:ERASED_AT_ONCE])


def _uses() -> list[Exists]:
    """What points at an output, or at its run, from whichever room: also from those that this one does not know."""
    outputs = [
        Exists(model._base_manager.filter(**{field: OuterRef("pk")}))
        for model, field in _pointing_at(Output, OF_ITS_OWN)
    ]
    runs = [
        Exists(model._base_manager.filter(**{field: OuterRef("generation__run")}))
        for model, field in _pointing_at(Run, OF_A_RUN)
    ]
    # A run shows what it was made from, and it can be asked for once more: that needs the bytes of the upload.
    uploads = [
        Exists(
            model._base_manager.filter(
                **{f"{field}__workspace": OuterRef("workspace"), f"{field}__sha256": OuterRef("sha256")}
            )
        )
        for model, field in _pointing_at(Upload)
    ]
    return [*outputs, *runs, *uploads]


@cache
def _pointing_at(model: Any, but_for: frozenset[str] = frozenset()) -> tuple[tuple[Any, str], ...]:
    relations = [one for one in model._meta.related_objects if one.related_model._meta.label not in but_for]
    return tuple((one.related_model, one.field.name) for one in relations)


def _erase(output: Output) -> bool:
    """Rows first, then the bytes that no other row names: a crash leaves a file without a row, never a row without."""
    names = _files_of(output)
    with transaction.atomic():
        gone, _ = Output.objects.filter(pk=output.pk, binned_at__isnull=False).delete()
        if not gone:
            return False
        search.forget([output.pk])
        # Nothing points at it: that was asked for when its picture was chosen.
        for upload in Upload.objects.filter(workspace=output.workspace_id, sha256=output.sha256):
            names |= _files_of_upload(upload)
            upload.delete()
    for name in sorted(names):
        if not _is_named(name):
            _remove(name)
    return True


def _files_of(output: Output) -> set[str]:
    small = {storage.thumbnail_name(output.sha256, width) for width in output.thumbnails}
    return {output.file, *small, *([output.heat_file] if output.heat_file else [])}


def _files_of_upload(upload: Upload) -> set[str]:
    small = storage.thumbnail_name(upload.sent_sha256, THUMBNAIL_WIDTH)
    return {upload.file, upload.sent_file, small, *([upload.png_file] if upload.png_file else [])}


def _is_named(name: str) -> bool:
    """Whether a row of any workspace still holds these bytes: every file is called by the SHA-256 of its picture."""
    sha256 = PurePosixPath(name).name[:64]
    uploads = Q(sha256=sha256) | Q(sent_sha256=sha256) | Q(png_file=name)
    return (
        Output.objects.filter(sha256=sha256).exists()
        or Upload.objects.filter(uploads).exists()
        or Mask.objects.filter(sha256=sha256).exists()
        or (name.startswith("prepared/") and Output.objects.filter(heat_file=name).exists())
    )


def _remove(name: str) -> None:
    try:
        # Somebody has just kept the same bytes once more, and is about to write the row that says so.
        if default_storage.get_modified_time(name) > timezone.now() - SETTLED:
            return
        default_storage.delete(name)
    except FileNotFoundError:
        logger.info("%s was gone already.", name)
    except OSError:
        logger.warning("%s is not named by any row any more, but could not be deleted.", name, exc_info=True)
