"""The small picture that messengers show beside a link: up to four of its pictures on film, whole."""

import io
from collections.abc import Sequence

from django.core.files.storage import default_storage
from PIL import Image, ImageOps

WIDTH, HEIGHT = 1200, 630
MOST = 4
GAP = 8
QUALITY = 82
FILM = (10, 10, 10)


def draw(names: Sequence[str]) -> bytes:
    """A JPEG of these small versions (by their names in storage); one that is missing leaves its place empty."""
    card = Image.new("RGB", (WIDTH, HEIGHT), FILM)
    for place, name in zip(_places(len(names)), names, strict=True):
        try:
            with default_storage.open(name) as file, Image.open(file, formats=("WEBP",)) as picture:
                _lay(card, picture.convert("RGBA"), place)
        except FileNotFoundError:
            continue
    drawn = io.BytesIO()
    card.save(drawn, "JPEG", quality=QUALITY)
    return drawn.getvalue()


Box = tuple[int, int, int, int]


def _places(count: int) -> list[Box]:
    """Left, top, width, height of each: side by side, four in two rows."""
    columns, rows = (2, 2) if count == MOST else (max(count, 1), 1)
    width, height = (WIDTH - GAP * (columns + 1)) // columns, (HEIGHT - GAP * (rows + 1)) // rows
    return [
        (GAP + column * (width + GAP), GAP + row * (height + GAP), width, height)
        for row in range(rows)
        for column in range(columns)
    ][:count]


def _lay(card: Image.Image, picture: Image.Image, place: Box) -> None:
    left, top, width, height = place
    fitted = ImageOps.contain(picture, (width, height), Image.Resampling.BICUBIC)
    at = (left + (width - fitted.width) // 2, top + (height - fitted.height) // 2)
    card.paste(fitted, at, fitted)
