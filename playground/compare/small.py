"""The small versions of pictures, a few at a time: what is measured and drawn here never touches an original."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.storage import default_storage
from PIL import Image

from playground.runs.models import Output
from playground.runs.storage import thumbnail_name

MOST_PIXELS = 4_000_000  # of one: a strip of a picture is narrow and very high
PATIENCE_SECONDS = 20


class BusyError(Exception):
    """As many as may be are at work already, and none of them came to an end."""


@contextmanager
def turn(places: threading.BoundedSemaphore) -> Iterator[None]:
    """Wait for one of the places, but not forever: a web thread that waits serves nobody. Raises BusyError."""
    if not places.acquire(timeout=PATIENCE_SECONDS):
        raise BusyError
    try:
        yield
    finally:
        places.release()


class NoSmallVersionError(Exception):
    """There is none, or its file is gone."""


def open_small(output: Output, width: int) -> Image.Image:
    """The smallest version that is at least so wide, on white where it is transparent. Raises NoSmallVersionError."""
    high = output.height / output.width
    known = [each for each in output.thumbnails if each * each * high <= MOST_PIXELS]
    fitting = [each for each in known if each >= width] or known[-1:]
    if not fitting:
        raise NoSmallVersionError
    try:
        with default_storage.open(thumbnail_name(output.sha256, fitting[0])) as file:
            return _decoded(file)
    except (OSError, ValueError) as error:
        raise NoSmallVersionError from error


def _decoded(file: IO[bytes]) -> Image.Image:
    with Image.open(file, formats=("WEBP",)) as picture:
        if picture.mode == "RGB":
            return picture.copy()
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")
