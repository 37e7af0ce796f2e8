"""What every picture carries: the edge print that says SIMULATED, shadows under words, and the units of type."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageStat

from playground import lettering
from playground.simulator.orders import Order

WHITE, BLACK = (250, 249, 246), (22, 23, 25)


def unit_of(order: Order) -> float:
    """What type is measured by: near the short side, a little more on long shapes."""
    return float(min(order.width, order.height) ** 0.75 * max(order.width, order.height) ** 0.25)


def measure(order: Order) -> float:
    """The share of the width that words may take: long lines are hard to read on wide pictures."""
    return max(0.5, min(0.92, 1.12 - 0.26 * order.width / order.height))


def small(unit: float) -> int:
    return max(9, round(unit * 0.0155))


def edge(picture: Image.Image, order: Order, *, backed: bool = False) -> None:
    """The edge print, up the right side, in the ink that can be read there; `backed` covers an older one below it."""
    size = small(unit_of(order))
    line = lettering.strip(order.stamp, size, WHITE)
    if line.width > order.height * 0.94:
        line = lettering.strip("SIMULATED", size, WHITE)
    left, top = order.width - round(size * 2.2), order.height - line.width - round(size * 1.6)
    if backed:
        box = (left - size // 3, top - size, left + line.height + size // 3, order.height - round(size * 0.6))
        picture.paste((24, 25, 27), box)
    light, _ = lightness(picture, (left, top, left + line.height, top + line.width))
    if light > 125:
        line.paste(BLACK, (0, 0, *line.size), line.getchannel("A"))
    paste(picture, line.transpose(Image.Transpose.ROTATE_90), left, top, 0.85)


def caption(picture: Image.Image, order: Order, *, strength: float = 0.74) -> None:
    """The words at the foot, on a shadow."""
    unit = unit_of(order)
    margin = round(unit * 0.06)
    block = words_of(order, height_share=0.34, largest=0.064, smallest=0.026)
    top = order.height - margin - block.height
    shade(picture, round(top - unit * 0.16), order.height, strength=strength)
    block.draw(picture, margin, top, WHITE)


def words_of(order: Order, *, height_share: float, largest: float, smallest: float) -> lettering.Block:
    """The prompt set inside a part of the picture; type sizes are shares of its unit."""
    unit = unit_of(order)
    width = round((order.width - 0.12 * unit) * measure(order))
    height = round(order.height * height_share)
    return lettering.fit(
        order.words, width, height, largest=round(unit * largest), smallest=max(10, round(unit * smallest))
    )


def cut_out(disc: Image.Image, width: int, height: int) -> Image.Image:
    """A round picture with nothing behind it, from a square one that is not larger than the whole."""
    side = disc.width
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((1, 1, side - 2, side - 2), fill=255)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste(disc, ((width - side) // 2, (height - side) // 2), mask)
    return picture


def paste(picture: Image.Image, strip: Image.Image, left: int, top: int, opacity: float) -> None:
    faded = strip.getchannel("A").point([round(value * opacity) for value in range(256)])
    picture.paste(strip.convert("RGB"), (left, top), faded)


def shade(picture: Image.Image, start: int, end: int, *, strength: float, light: bool = False) -> None:
    """Darken (or lighten) towards one edge: nothing at `start`, `strength` at `end`."""
    top, bottom = max(0, min(start, end)), min(picture.height, max(start, end))
    if bottom <= top:
        return
    curve = [round(255 * strength * _ease(value / 255)) for value in range(256)]
    ramp = Image.linear_gradient("L").point(curve)
    if end < start:
        ramp = ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    column = ramp.resize((1, bottom - top), Image.Resampling.BILINEAR)
    mask = column.resize((picture.width, bottom - top), Image.Resampling.NEAREST)
    picture.paste((255, 252, 246) if light else (8, 9, 11), (0, top, picture.width, bottom), mask)


def soften(picture: Image.Image, start: int, unit: float) -> None:
    """Blur from `start` to the foot, so that words which a picture brought along do not show through new ones."""
    box = (0, max(0, start), picture.width, picture.height)
    below = picture.crop(box)
    if below.height < 2:
        return
    blurred = below.reduce(max(2, round(unit / 16))).resize(below.size, Image.Resampling.BICUBIC)
    ramp = Image.linear_gradient("L").point([min(255, value * 5) for value in range(256)])
    picture.paste(blurred, box, ramp.resize(below.size, Image.Resampling.BILINEAR))


def _ease(value: float) -> float:
    return value * value * (3 - 2 * value)


def lightness(picture: Image.Image, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """Mean and spread of the lightness in a box, 0 to 255."""
    part = picture.crop(box).convert("L")
    part.thumbnail((64, 64), Image.Resampling.BILINEAR)
    found = ImageStat.Stat(part)
    return found.mean[0], found.stddev[0]
