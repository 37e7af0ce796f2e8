"""A ZIP that is made while it is sent: no entry is ever whole in memory, and nothing is written to disk.

archive = Archive()
yield from archive.add("214B.png", moment, pieces)
yield archive.end()
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any, cast

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header


class _Pipe(io.RawIOBase):
    """What was written and not taken yet. It can't be gone back in, so the ZIP is written from front to end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Archive:
    """Each piece that comes out is about as large as the one that went in."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._pipe), "w", zipfile.ZIP_STORED)

    def add(self, name: str, at: datetime, pieces: Iterable[bytes], *, pack: bool = False) -> Iterator[bytes]:
        """One more entry; `pack` for texts, which get smaller, as pictures do not."""
        entry = _entry(name, at)
        entry.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for piece in pieces:
                target.write(piece)
                yield self._pipe.take()

    def end(self) -> bytes:
        """What comes last: the list of all that is in it."""
        self._zip.close()
        return self._pipe.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    local = timezone.localtime(at)
    return zipfile.ZipInfo(name, (max(local.year, 1980), *local.timetuple()[1:6]))


def zip_response(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """An archive on its way to somebody's disk, under a name of ours."""
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
