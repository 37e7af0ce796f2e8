"""The archive, piece by piece: each picture as its bytes lie there or encoded anew, with or without its story."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.utils import timezone

from playground.gallery.exporting import manifest
from playground.gallery.exporting.manifest import Packed
from playground.gallery.exporting.names import USUAL, Names
from playground.gallery.exporting.selection import Selection
from playground.runs import storage
from playground.runs.archives import Archive
from playground.runs.converting import UnreadableError, convert
from playground.runs.embedding import plan_as_it_is
from playground.runs.models import Output
from playground.runs.story import told

MISSING, UNREADABLE = "the file is missing", "the file can't be decoded"


@dataclass(frozen=True)
class Options:
    """How pictures leave. `encoding` empty: as they came; `edge` 0: as large as they are."""

    encoding: str = ""
    quality: int = 90
    edge: int = 0
    pattern: str = USUAL
    with_story: bool = True


def archive_of(selection: Selection, options: Options) -> Iterator[bytes]:
    """The ZIP. A picture whose file is gone spoils nothing: the manifest names it."""
    archive, names, packed = Archive(), Names(options.pattern), {}
    for output in selection.outputs():
        packed[output.pk] = done = Packed()
        yield from _added(archive, names, output, options, done)
    now = timezone.now()
    for name, written in ((manifest.CSV, manifest.as_csv), (manifest.JSON, manifest.as_json)):
        yield from archive.add(
            name, now, written(manifest.rows(selection.outputs(list(packed)), packed)), pack=True
        )
    yield archive.end()


def _added(archive: Archive, names: Names, output: Output, options: Options, done: Packed) -> Iterator[bytes]:
    with ExitStack() as open_files:
        try:
            source = open_files.enter_context(_file_of(output, options))
        except FileNotFoundError:
            done.problem = MISSING
            return
        except UnreadableError:
            done.problem = UNREADABLE
            return
        picture_format = options.encoding or output.format
        plan = told(source, output, picture_format) if options.with_story else plan_as_it_is(source)
        done.name = names.of(output, picture_format)
        yield from archive.add(done.name, output.created_at, _counted(plan.pieces(source), done))


def _counted(pieces: Iterator[bytes], done: Packed) -> Iterator[bytes]:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
        done.bytes += len(piece)
        yield piece
    done.sha256 = found.hexdigest()


@contextmanager
def _file_of(output: Output, options: Options) -> Iterator[IO[bytes]]:
    """Its bytes; encoded anew they lie on the disk for as long as they are sent, one picture at a time."""
    if not options.encoding:
        with default_storage.open(output.file) as file:
            yield file
        return
    with storage.workbench() as folder:
        made = folder / "made"
        with storage.local_copy(output.file, folder) as source:
            _convert(source, made, options)
        with made.open("rb") as file:
            yield file


def _convert(source: Path, target: Path, options: Options) -> None:
    if not source.exists():
        raise FileNotFoundError(source)
    convert(source, target, options.encoding, options.quality, options.edge)
