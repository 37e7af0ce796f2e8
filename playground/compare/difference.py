"""How much two pictures differ: in figures, and as a picture of where.

Measured on their small versions, fitted to one area, where both lie; a full 4K picture is never decoded here. The order
of the two plays no part, and a picture does not differ from itself. Why it needs no library but Pillow, and what the
figures mean: docs/decisions/telling-pictures-apart.md
"""

import io
import math
import threading
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageChops, ImageMath, ImageStat

from playground.compare.small import open_small, turn
from playground.runs.models import Output
from playground.runs.outside import LEAST_CHANGE, SAME_SHAPE
from playground.runs.thumbnails import CORES

WIDTH = 1280
AREA = 1280 * 720  # pixels of the common frame, at most
WINDOW = 8  # pixels
BRIGHTER = 2  # times, in the picture of the difference
# The constants of Wang et al. (2004), for values from 0 to 255: they keep flat windows from dividing by nothing.
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
NEARLY, CHANGED, RELATED = 0.98, 0.8, 0.5
_places = threading.BoundedSemaphore(CORES)


@dataclass(frozen=True)
class Difference:
    """All from 0 to 1; `alike` may fall below 0, where one is like the negative of the other."""

    mean: float  # how far a value lies from the other picture's, on average, of what it could
    visible: float  # the share of points that differ by more than one sees side by side
    alike: float  # structural similarity: 1 is the same
    shared: float  # how much of the common frame both cover

    @property
    def mean_percent(self) -> float:
        return 100 * self.mean

    @property
    def visible_percent(self) -> float:
        return 100 * self.visible

    @property
    def shared_percent(self) -> int:
        return round(100 * self.shared)

    @property
    def words(self) -> str:
        if self.mean == 0:
            return _("The same picture, as far as these copies show.")
        if self.alike >= NEARLY:
            return _("Nearly the same picture.")
        if self.alike >= CHANGED:
            return _("The same composition, with changes.")
        return _("Much alike, and much changed.") if self.alike >= RELATED else _("Different pictures.")


@dataclass(frozen=True)
class _Laid:
    """Two pictures over each other: what both cover of a frame of this size."""

    one: Image.Image
    other: Image.Image
    frame: tuple[int, int]


def measure(one: Output, other: Output) -> Difference:
    """Raises NoSmallVersionError, BusyError."""
    one, other = sorted((one, other), key=lambda each: each.sha256)  # sums of fractions depend on their order
    with turn(_places):
        laid = _laid(one, other)
        apart = ImageChops.difference(laid.one, laid.other)
        most = ImageChops.lighter(ImageChops.lighter(*apart.split()[:2]), apart.getchannel(2))
        points = most.width * most.height
        return Difference(
            mean=sum(ImageStat.Stat(apart).mean) / 3 / 255,
            visible=sum(most.histogram()[LEAST_CHANGE:]) / points,
            alike=_alike(laid.one, laid.other),
            shared=points / (laid.frame[0] * laid.frame[1]),
        )


def draw(one: Output, other: Output) -> bytes:
    """A WebP in the shape of the common frame: black where nothing differs. Raises NoSmallVersionError, BusyError."""
    with turn(_places):
        laid = _laid(one, other)
        apart = ImageChops.difference(laid.one, laid.other).point(lambda value: min(255, value * BRIGHTER))
        picture = Image.new("RGB", laid.frame)
        picture.paste(apart, ((picture.width - apart.width) // 2, (picture.height - apart.height) // 2))
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=82, method=1)
        return file.getvalue()


def _laid(one: Output, other: Output) -> _Laid:
    pictures = [open_small(output, WIDTH) for output in (one, other)]
    ratios = [output.width / output.height for output in (one, other)]
    area = min(AREA, *(picture.width * picture.height for picture in pictures))
    frame = _box(area, math.sqrt(ratios[0] * ratios[1]))
    if abs(ratios[0] / ratios[1] - 1) <= SAME_SHAPE:
        first, second = (picture.resize(frame, Image.Resampling.BOX) for picture in pictures)
        return _Laid(first, second, frame)
    first, second = (_inside(picture, ratio, frame) for picture, ratio in zip(pictures, ratios, strict=True))
    both = (min(first.width, second.width), min(first.height, second.height))
    return _Laid(_middle(first, both), _middle(second, both), frame)


def _box(area: float, ratio: float) -> tuple[int, int]:
    return max(1, round(math.sqrt(area * ratio))), max(1, round(math.sqrt(area / ratio)))


def _inside(picture: Image.Image, ratio: float, frame: tuple[int, int]) -> Image.Image:
    """As large as the frame allows, as the page shows it."""
    width, height = min(frame[0], frame[1] * ratio), min(frame[1], frame[0] / ratio)
    return picture.resize((max(1, round(width)), max(1, round(height))), Image.Resampling.BOX)


def _middle(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    return picture.crop((left, top, left + size[0], top + size[1]))


def _alike(one: Image.Image, other: Image.Image) -> float:
    """The mean structural similarity (SSIM) of the lightness, in windows that lie side by side."""
    x, y = (picture.convert("L").convert("F") for picture in (one, other))
    mean_x, mean_y = x.reduce(WINDOW), y.reduce(WINDOW)
    squares = {name: _product(first, second).reduce(WINDOW) for name, first, second in (
        ("xx", x, x), ("yy", y, y), ("xy", x, y),
    )}  # fmt: skip
    found = ImageMath.lambda_eval(
        lambda of: (
            (2 * of["x"] * of["y"] + C1)
            * (2 * (of["xy"] - of["x"] * of["y"]) + C2)
            / (of["x"] * of["x"] + of["y"] * of["y"] + C1)
            / (of["xx"] - of["x"] * of["x"] + of["yy"] - of["y"] * of["y"] + C2)
        ),
        x=mean_x,
        y=mean_y,
        **squares,
    )
    return float(found.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))


def _product(one: Image.Image, other: Image.Image) -> Image.Image:
    product: Image.Image = ImageMath.lambda_eval(lambda of: of["one"] * of["other"], one=one, other=other)
    return product
