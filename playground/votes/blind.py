"""The pictures of a ballot, made so that nothing but what is drawn on them can tell them apart.

All of one ballot are fitted into the same box, none enlarged, encoded alike without anything beside the pixels, and
brought to the same number of bytes. They are made together when the first one is asked for, from the small versions
that are there anyway, and kept in memory: making them again gives the same bytes, in every process.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from math import log, sqrt

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from PIL import Image, ImageOps

from playground.runs.models import Output
from playground.runs.storage import thumbnail_name
from playground.votes.models import Ballot

FILM = (10, 10, 10)  # --film
QUALITY = 84
KEPT_BYTES = 24_000_000
A_DAY_SECONDS = 24 * 3600
BLOCK = 16_384  # the length of a file is a multiple of it
TRIMMED = (
    0.03  # shapes that differ by less are cut alike, so that not even a hairline of film tells them apart
)
_LONGEST = ((2, 1280), (4, 1000), (9, 760))  # the longer edge by the number of pictures

Size = tuple[int, int]


class Shelf:
    """What was made last, up to so many bytes. A ballot is made once, also when its pictures are asked for together."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._made = most_bytes, OrderedDict[tuple[str, ...], list[bytes]]()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def get(self, outputs: Sequence[Output]) -> list[bytes]:
        key = tuple(output.sha256 for output in outputs)
        return self._found(key) or self._make(key, outputs)

    def _found(self, key: tuple[str, ...]) -> list[bytes] | None:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def _make(self, key: tuple[str, ...], outputs: Sequence[Output]) -> list[bytes]:
        with self._making:
            if found := self._found(key):
                return found
            made = draw(outputs)
            with self._lock:
                self._made[key] = made
                while sum(map(_weight, self._made.values())) > self._most and len(self._made) > 1:
                    self._made.popitem(last=False)
        return made


def _weight(files: Sequence[bytes]) -> int:
    return sum(map(len, files))


_shelf = Shelf(KEPT_BYTES)


def pictures(ballot: Ballot) -> list[bytes]:
    """WebP, in the order in which they are shown. Raises FileNotFoundError where one is gone."""
    outputs = [place.output for place in ballot.shown if place.output]
    if len(outputs) < len(ballot.shown):
        raise FileNotFoundError
    return _shelf.get(outputs)


def respond(ballot: Ballot, position: int) -> HttpResponse:
    """The picture at this place, or 404; no name, date or tag of a file goes with it."""
    if not 1 <= position <= len(ballot.shown) or not ballot.is_whole:
        raise Http404
    try:
        content = pictures(ballot)[position - 1]
    except FileNotFoundError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={A_DAY_SECONDS}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def box_of(ballot: Ballot) -> Size:
    """Width and height of each picture, as they come."""
    sizes = [(place.output.width, place.output.height) for place in ballot.shown if place.output]
    return _box(sizes or [(3, 2)])


def draw(outputs: Sequence[Output]) -> list[bytes]:
    sizes = [(output.width, output.height) for output in outputs]
    box, are_alike = _box(sizes), _are_alike(sizes)
    files = [_encode(_placed(_opened(output), box, sizes, are_alike)) for output in outputs]
    length = max(-(-len(file) // BLOCK) * BLOCK for file in files)
    return [_padded(file, length) for file in files]


def _box(sizes: Sequence[Size]) -> Size:
    """What holds each picture where all have the same area, as large as the smallest of them allows."""
    area = _area(sizes)
    return (
        max(round(sqrt(area * width / height)) for width, height in sizes),
        max(round(sqrt(area * height / width)) for width, height in sizes),
    )


def _area(sizes: Sequence[Size]) -> float:
    longest = next(edge for most, edge in _LONGEST if len(sizes) <= most)
    return min(min(w * h, longest**2 * min(w, h) / max(w, h)) for w, h in sizes)


def _are_alike(sizes: Sequence[Size]) -> bool:
    shapes = [log(width / height) for width, height in sizes]
    return max(shapes) - min(shapes) < TRIMMED


def _opened(output: Output) -> Image.Image:
    """The largest small version, which is this installation's own work; alpha lies on film."""
    with (
        default_storage.open(thumbnail_name(output.sha256, max(output.thumbnails))) as file,
        Image.open(file, formats=("WEBP",)) as picture,
    ):
        film = Image.new("RGBA", picture.size, (*FILM, 255))
        return Image.alpha_composite(film, picture.convert("RGBA")).convert("RGB")


def _placed(picture: Image.Image, box: Size, sizes: Sequence[Size], are_alike: bool) -> Image.Image:
    if are_alike:
        return ImageOps.fit(picture, box, Image.Resampling.LANCZOS)
    area, shape = _area(sizes), picture.width / picture.height
    fitted = min(box[0], round(sqrt(area * shape))), min(box[1], round(sqrt(area / shape)))
    small = picture.resize(fitted, Image.Resampling.LANCZOS, reducing_gap=2)
    whole = Image.new("RGB", box, FILM)
    whole.paste(small, ((box[0] - small.width) // 2, (box[1] - small.height) // 2))
    return whole


def _encode(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=2)
    return file.getvalue()


def _padded(file: bytes, length: int) -> bytes:
    """What follows the end that a WebP file names is ignored by its readers."""
    return file.ljust(length, b"\0")
