"""Pictures made from the pictures that were sent: edits, fusions, masks.

An edit shows the picture that is changed, with what the words do to it (changes.py). With several pictures a
numbered row below shows all of them in the order in which they came, the changed one framed: who sees it sees that
order matters.

A mask repaints where its alpha is 0 and keeps every pixel where it is 255: exactly so in a PNG of the first picture's
size. For another size picture and mask are scaled alike first, and cut at the middle where the shape differs. The
word SIMULATED stands inside the repainted part there, for the rest must not change.
"""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageStat

from playground import lettering
from playground.simulator import changes, marks, plates
from playground.simulator.marks import BLACK, WHITE
from playground.simulator.orders import Order, Source
from playground.simulator.shelf import Kept

MOST_IN_A_ROW = 8
ACCENT = (255, 176, 59)
# Where the repainted part looks too much like what was there, it is turned to its negative. Mean difference, 0 to 255.
TOO_ALIKE = 40
Box = tuple[int, int, int, int]


def changed(order: Order, chance: Random) -> Image.Image:
    """The base picture as the words say, with the numbered row of all when there are several."""
    base = covering(_opened(order.sources[order.base], order), order.width, order.height)
    picture = changes.apply(base, order.words, chance)
    if order.transparent:
        side = round(min(order.width, order.height) * 0.86)
        return marks.cut_out(covering(picture, side, side), order.width, order.height)
    if len(order.sources) > 1:
        _row(picture, order)
    elif not order.wordless:
        marks.soften(picture, round(order.height * 0.6), marks.unit_of(order))
        marks.caption(picture, order, strength=0.97)
    marks.edge(picture, order, backed=True)
    return picture


def masked(order: Order, mask: Kept, chance: Random) -> Image.Image:
    """The first picture, repainted where the mask is open: with the second one where there is one."""
    size = (order.width, order.height)
    picture = covering(_opened(order.sources[0], order), *size)
    opening = ImageChops.invert(covering(_alpha(mask), *size))
    paint = _paint(order, chance)
    if _difference(picture, paint, opening) < TOO_ALIKE:
        paint = ImageChops.invert(paint)
    _inscribe(paint, order, opening.point([0] * 255 + [255]).getbbox())
    picture.paste(paint, (0, 0), opening)
    return picture


def _paint(order: Order, chance: Random) -> Image.Image:
    if len(order.sources) > 1:
        return covering(_opened(order.sources[1], order), order.width, order.height)
    return plates.photograph(order.words, order.width, order.height, chance)


def covering(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture brought to a size: itself when it has it, else scaled, and cut at the middle of the longer side."""
    if picture.size == (width, height):
        return picture.copy()
    scale = min(picture.width / width, picture.height / height)
    across, down = width * scale, height * scale
    # Bounded, because a product of fractions may end a hair outside.
    left, top = max(0.0, (picture.width - across) / 2), max(0.0, (picture.height - down) / 2)
    right, bottom = min(picture.width, left + across), min(picture.height, top + down)
    return picture.resize((width, height), Image.Resampling.BICUBIC, box=(left, top, right, bottom))


def tiles(order: Order) -> list[Box]:
    """The places of the numbered pictures, left, top, right, bottom; two rows when there are more than eight."""
    count = len(order.sources)
    rows = -(-count // MOST_IN_A_ROW)
    columns = -(-count // rows)
    margin = round(marks.unit_of(order) * 0.03)
    gap = max(2, margin // 3)
    beside_edge = order.width - margin - 3 * marks.small(marks.unit_of(order))
    side = min(
        (beside_edge - margin - (columns - 1) * gap) // columns,
        round(order.height * (0.24 if rows == 1 else 0.17)),
    )
    side = max(side, 8)
    top = order.height - margin - rows * side - (rows - 1) * gap
    return [
        (
            margin + (number % columns) * (side + gap),
            top + (number // columns) * (side + gap),
            margin + (number % columns) * (side + gap) + side,
            top + (number // columns) * (side + gap) + side,
        )
        for number in range(count)
    ]


def _row(picture: Image.Image, order: Order) -> None:
    """All the pictures in their order, each with its number, under the words."""
    places = tiles(order)
    unit = marks.unit_of(order)
    top = places[0][1]
    block = marks.words_of(order, height_share=0.12, largest=0.034, smallest=0.02)
    words_top = top - block.height - round(unit * 0.02)
    marks.soften(picture, round(words_top - unit * 0.1), unit)
    marks.shade(picture, round(words_top - unit * 0.16), order.height, strength=0.8)
    if not order.wordless:
        block.draw(picture, places[0][0], words_top, WHITE)
    for number, (source, place) in enumerate(zip(order.sources, places, strict=True)):
        _tile(picture, _opened(source, order), place, number + 1, framed=number == order.base)


def _tile(picture: Image.Image, shown: Image.Image, place: Box, number: int, *, framed: bool) -> None:
    left, top, right, bottom = place
    side, pen = right - left, ImageDraw.Draw(picture)
    border = max(1, side // 32)
    pen.rectangle((left, top, right - 1, bottom - 1), fill=ACCENT if framed else WHITE)
    picture.paste(covering(shown, side - 2 * border, side - 2 * border), (left + border, top + border))
    badge = max(9, round(side * 0.24))
    pen.rectangle((left, top, left + badge, top + badge), fill=ACCENT if framed else WHITE)
    font = lettering.faces()[0].at(max(7, round(badge * 0.72)))
    middle = (left + badge / 2, top + badge / 2)
    pen.text(middle, str(number), fill=BLACK, font=font, anchor="mm")


def _opened(source: Source, order: Order) -> Image.Image:
    """The picture in RGB; decoded no larger than needed where its format allows that."""
    if source.kept is None:
        return plates.photograph(source.scene, 1024, 1024, Random(source.scene))  # noqa: S311
    with Image.open(io.BytesIO(source.kept.read())) as picture:
        if order.mask is None:
            picture.draft("RGB", (order.width, order.height))
        return flat(picture)


def flat(picture: Image.Image) -> Image.Image:
    """The picture in RGB; what is transparent lies on white."""
    if picture.mode == "RGB":
        picture.load()
        return picture
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    alpha = layered.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return layered.convert("RGB")
    below = Image.new("RGB", picture.size, (255, 255, 255))
    below.paste(layered.convert("RGB"), (0, 0), alpha)
    return below


def _alpha(mask: Kept) -> Image.Image:
    with Image.open(io.BytesIO(mask.read())) as picture:
        return picture.convert("RGBA").getchannel("A")


def _difference(one: Image.Image, other: Image.Image, where: Image.Image) -> float:
    """The mean difference of two pictures where the third one is open; 255 where it is nowhere."""
    small = (max(1, one.width // 8), max(1, one.height // 8))
    part = where.resize(small, Image.Resampling.BILINEAR)
    if part.getbbox() is None:
        return 255.0
    apart = ImageChops.difference(one.resize(small), other.resize(small)).convert("L")
    return float(ImageStat.Stat(apart, part).mean[0])


def _inscribe(paint: Image.Image, order: Order, opening: Box | None) -> None:
    """The words and SIMULATED in the middle of what will be repainted, where there is room for them."""
    if opening is None:
        return
    left, top, right, bottom = opening
    width, height = right - left, bottom - top
    small = max(9, min(marks.small(marks.unit_of(order)) * 2, height // 8))
    line = lettering.strip("SIMULATED", small, WHITE)
    words = "" if order.wordless else order.words
    room = max(1, round(width * 0.8))
    block = lettering.fit(words, room, round(height * 0.25), largest=round(small * 1.3), smallest=small)
    gap = line.height // 2
    if line.width > width or block.height + gap + line.height > height:
        return
    start = top + (height - block.height - gap - line.height) // 2
    across, below = left + (width - block.width) // 2, start + block.height + gap
    beside = left + (width - line.width) // 2
    pen = ImageDraw.Draw(paint)
    for x, y, wide, high in ((across, start, block.width, block.height), (beside, below, *line.size)):
        pen.rectangle((x - small, y - small // 4, x + wide + small, y + high + small // 4), fill=(18, 19, 21))
    block.draw(paint, across, start, WHITE)
    marks.paste(paint, line, beside, below, 1.0)
