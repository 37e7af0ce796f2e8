"""Where picture bytes live: by their SHA-256, on Django's storage, so that another storage is a setting.

The promise: when `keep` returns, the bytes are on disk under a name that depends on nothing but themselves.
Keeping the same bytes twice stores them once. Originals are never changed or recomputed.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage


def original_name(sha256: str, picture_format: str) -> str:
    """The name of an original: originals/ab/cd/abcd....png"""
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}.{picture_format}"


def thumbnail_name(sha256: str, width: int) -> str:
    return f"thumbnails/{sha256[:2]}/{sha256[2:4]}/{sha256}-{width}.webp"


def prepared_name(sha256: str, picture_format: str) -> str:
    """The name of what was made from an original to be sent: a lighter copy, a mask."""
    return f"prepared/{sha256[:2]}/{sha256[2:4]}/{sha256}.{picture_format}"


def keep(source: Path, name: str) -> None:
    """Move a complete file to its place; on a disk of our own by a rename that survives a power cut.

    A repeat after a crash, when the file has been moved already, is harmless.
    """
    keep_together({name: source})


def keep_together(sources: Mapping[str, Path]) -> None:
    """`keep` several files (by the names that they get), with fewer visits to the disk than one by one."""
    if isinstance(default_storage, FileSystemStorage):
        _keep_on_disk({Path(default_storage.path(name)): source for name, source in sources.items()})
        return
    for name, source in sources.items():
        if not default_storage.exists(name):
            with source.open("rb") as file:
                default_storage.save(name, File(file))
        source.unlink(missing_ok=True)


def _keep_on_disk(sources: Mapping[Path, Path]) -> None:
    """By the targets: each a rename of a file that is on disk, and then the folders that name them."""
    for target, source in sources.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not source.exists():
            continue
        _to_disk(source)
        source.replace(target)  # atomic: readers see no picture or all of it
    for folder in {target.parent for target in sources}:
        _to_disk(folder)


def _to_disk(path: Path) -> None:
    """Return when the file's bytes, or the folder's names, would survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def workbench() -> Iterator[Path]:
    """A folder for a moment, on the disk where things are kept, so that keeping one is a rename."""
    settings.UPLOADS_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.UPLOADS_ROOT) as folder:
        yield Path(folder)


def free_bytes() -> int:
    """Room left on the disk that answers arrive on."""
    settings.INCOMING_ROOT.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.INCOMING_ROOT).free


def incoming(attempt_id: int) -> Path:
    """The folder that one attempt's answer arrives in; made when asked for."""
    folder: Path = settings.INCOMING_ROOT / str(attempt_id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def clear_incoming(attempt_id: int) -> None:
    """Remove an attempt's folder once nothing in it is needed."""
    shutil.rmtree(settings.INCOMING_ROOT / str(attempt_id), ignore_errors=True)


def at_hand(name: str, folder: Path) -> Path:
    """Where these bytes can be read as long as the folder is there: the file itself where the disk is ours."""
    if isinstance(default_storage, FileSystemStorage):
        return Path(default_storage.path(name))
    copy = folder / Path(name).name
    if not copy.exists():
        with default_storage.open(name) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
    return copy


@contextmanager
def local_copy(name: str, workbench: Path) -> Iterator[Path]:
    """A path that holds these bytes: the file itself where the disk is ours, else a copy for a moment."""
    if isinstance(default_storage, FileSystemStorage):
        yield Path(default_storage.path(name))
        return
    copy = workbench / "original"
    with default_storage.open(name) as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)
