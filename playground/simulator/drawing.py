"""From a drawing order to the bytes of a picture: the plate, the words, the edge print, the file.

Costs CPU and blocks; the server calls it in its drawing threads. Same order, same bytes.
"""

from __future__ import annotations

import io
import struct
import zlib
from random import Random

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from playground import lettering
from playground.simulator import composing, marks, plates
from playground.simulator.marks import BLACK, WHITE
from playground.simulator.orders import Order

PAPERS = ((243, 240, 233), (236, 233, 226), (21, 21, 21))
# The spread of lightness up to which large words can stand on a picture.
CALM = 30

__all__ = ["Order", "compose", "draw", "encode", "tagged"]


def draw(order: Order) -> bytes:
    return encode(compose(order), order)


def compose(order: Order) -> Image.Image:
    """The finished picture, of exactly the size ordered."""
    chance = Random(f"{order.seed}/{order.model}/{order.words}")  # noqa: S311
    if order.plain:
        return _flat(order, chance)
    picture = _composed(order, chance)
    return _unfinished(picture, order.blur) if order.blur else picture


def _composed(order: Order, chance: Random) -> Image.Image:
    if order.mask is not None:
        return composing.masked(order, order.mask, chance)
    if order.sources:
        return composing.changed(order, chance)
    if order.transparent:
        return _medallion(order, chance)
    if order.wordless:
        return _wordless(order, chance)
    layout = chance.choice((_full, _full, _print))
    return layout(order, chance)


def encode(picture: Image.Image, order: Order) -> bytes:
    out = io.BytesIO()
    if order.format == "jpeg":
        picture.convert("RGB").save(
            out, "JPEG", quality=max(1, min(order.compression, 95)), comment=order.label
        )
    elif order.format == "webp":
        picture.save(out, "WEBP", quality=order.compression, method=0)
    else:
        about = PngInfo()
        about.add_text("Comment", order.label)
        picture.save(out, "PNG", compress_level=1, pnginfo=about)
    return out.getvalue()


def tagged(encoded: bytes, seed: int) -> bytes | None:
    """The same PNG or JPEG with a note of another seed, so that no two files are equal; None for others."""
    note = f"again, seed {seed}".encode()
    if encoded.startswith(b"\x89PNG"):
        chunk = b"tEXt" + b"Source\0" + note
        packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return encoded[:33] + packed + encoded[33:]
    if encoded.startswith(b"\xff\xd8"):
        return encoded[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + encoded[2:]
    return None


# The layouts


def _full(order: Order, chance: Random) -> Image.Image:
    """The picture to its edges: words large at the head where it is calm enough there, else at the foot."""
    picture = plates.photograph(order.words, order.width, order.height, chance)
    wants_poster = chance.random() < 0.6
    if not (wants_poster and _poster(picture, order)):
        marks.caption(picture, order)
    marks.edge(picture, order)
    return picture


def _poster(picture: Image.Image, order: Order) -> bool:
    """The words at the head in the ink that the picture leaves room for; False where it is too busy for that."""
    unit = marks.unit_of(order)
    margin = round(unit * 0.06)
    block = marks.words_of(order, height_share=0.42, largest=0.09, smallest=0.028)
    light, spread = marks.lightness(picture, (margin, margin, margin + block.width, margin + block.height))
    if spread > CALM or 110 < light < 150:
        return False
    ink = BLACK if light > 130 else WHITE
    strength, foot = (0.3 if ink is BLACK else 0.6), round(margin + block.height + unit * 0.2)
    marks.shade(picture, foot, 0, strength=strength, light=ink is BLACK)
    block.draw(picture, margin, margin - round(block.size * 0.12), ink)
    return True


def _print(order: Order, chance: Random) -> Image.Image:
    """A print on paper with its words underneath, as on a gallery's wall."""
    paper = chance.choice(PAPERS)
    ink = WHITE if paper[0] < 128 else BLACK
    unit = marks.unit_of(order)
    margin = round(unit * 0.055)
    foot = round(max(unit * 0.13, order.height * 0.14))
    width, height = order.width - 2 * margin, order.height - margin - foot
    picture = Image.new("RGB", (order.width, order.height), paper)
    picture.paste(plates.photograph(order.words, width, height, chance), (margin, margin))
    small = marks.small(unit)
    block = lettering.fit(
        order.words,
        width,
        foot - round(unit * 0.05) - 2 * small,
        largest=round(unit * 0.042),
        smallest=round(unit * 0.022),
    )
    block.draw(picture, margin, margin + height + round(unit * 0.022), ink)
    marks.paste(
        picture, lettering.strip(order.stamp, small, ink), margin, order.height - round(small * 2.2), 0.6
    )
    return picture


def _wordless(order: Order, chance: Random) -> Image.Image:
    picture = plates.photograph(order.words, order.width, order.height, chance)
    marks.edge(picture, order)
    return picture


def _medallion(order: Order, chance: Random) -> Image.Image:
    """A cut-out: a round picture with nothing behind it."""
    side = round(min(order.width, order.height) * 0.86)
    disc = plates.photograph(order.words, side, side, chance)
    unit = marks.unit_of(order)
    block = lettering.fit(
        order.words,
        round(side * 0.6),
        round(side * 0.2),
        largest=round(unit * 0.05),
        smallest=round(unit * 0.024),
    )
    marks.shade(disc, round(side * 0.5), side, strength=0.8)
    block.draw(disc, round((side - block.width) / 2), round(side * 0.88 - block.height), WHITE)
    marks.paste(
        disc,
        lettering.strip("SIMULATED", marks.small(unit), WHITE),
        round(side * 0.44),
        round(side * 0.92),
        0.8,
    )
    return marks.cut_out(disc, order.width, order.height)


def _flat(order: Order, chance: Random) -> Image.Image:
    tone = chance.randrange(40, 90)
    picture = Image.new("RGB", (order.width, order.height), (tone, tone + 6, tone + 12))
    marks.edge(picture, order)
    return picture


def _unfinished(picture: Image.Image, blur: int) -> Image.Image:
    return picture.reduce(16 * blur).resize(picture.size, Image.Resampling.BICUBIC)
