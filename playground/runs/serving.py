"""Bytes of pictures as pages may have them: as pictures and as nothing else, whatever is in them."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from playground.runs.embedding import Plan

A_YEAR_SECONDS = 365 * 24 * 3600


def serve(
    request: HttpRequest,
    name: str,
    content_type: str,
    filename: str,
    download: bool = False,
    *,
    etag: str = "",
    kept: str = f"private, max-age={A_YEAR_SECONDS}, immutable",
) -> HttpResponseBase:
    """A kept file; 404 where it is not there. Its tag is the hash in its name, unless that is to stay here."""
    etag = f'"{etag or PurePosixPath(name).stem}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        known["ETag"], known["Cache-Control"] = etag, kept
        return known
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type=content_type, as_attachment=download, filename=filename)
    return as_picture(response, etag=etag, kept=kept)


def serve_made(file: IO[bytes], plan: Plan, content_type: str, filename: str) -> HttpResponseBase:
    """A file for a person's disk that is put together while it is sent. `file` is closed when that is over."""
    response = StreamingHttpResponse(_Pieces(file, plan), content_type=content_type)
    response["Content-Length"] = str(plan.length)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return _only_a_picture(response)


class _Pieces:
    """Read as it is sent; the response closes it, also where nobody stayed for the first piece."""

    def __init__(self, file: IO[bytes], plan: Plan) -> None:
        self.file, self.plan = file, plan

    def __iter__(self) -> Iterator[bytes]:
        return self.plan.pieces(self.file)

    def close(self) -> None:
        self.file.close()


def as_picture(response: HttpResponseBase, *, etag: str, kept: str) -> HttpResponseBase:
    """With the headers of bytes that are a picture and nothing else."""
    response["ETag"], response["Cache-Control"] = etag, kept
    return _only_a_picture(response)


def _only_a_picture(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
