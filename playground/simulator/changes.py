"""What an instruction does to a picture: rain, night, snow, fog, warmer, black and white, mirrored and the like.

Modest on purpose: enough to see that the words were followed. An instruction without a known word regrades the picture,
so that every edit can be told from what was sent. Costs CPU and blocks; same words, picture and chance, same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

Change = Callable[[Image.Image, Random], Image.Image]
RGB = tuple[float, float, float]
# Weather is drawn on a layer this many times smaller than the picture, then enlarged.
COARSE = 2


def apply(picture: Image.Image, words: str, chance: Random) -> Image.Image:
    """The picture as the words say, of the same size; regraded when they say nothing that is known here."""
    names = named(words)
    for name in names:
        picture = CHANGES[name][1](picture, chance)
    return picture if names else _regraded(picture, chance)


def named(words: str) -> tuple[str, ...]:
    """The changes that the words ask for, in the order of the table."""
    lowered = words.casefold()
    return tuple(name for name, (hints, _) in CHANGES.items() if any(_speaks_of(lowered, h) for h in hints))


def _speaks_of(lowered: str, hint: str) -> bool:
    return hint in lowered if not hint.isascii() else re.search(rf"\b(?:{hint})\b", lowered) is not None


def _graded(picture: Image.Image, gains: RGB, lift: float = 0.0, contrast: float = 1.0) -> Image.Image:
    """Each channel times its gain; `lift` is added (0 to 255), `contrast` turns around the middle."""
    table: list[int] = []
    for gain in gains:
        table += [_clamped((value * gain - 128) * contrast + 128 + lift) for value in range(256)]
    return picture.point(table)


def _clamped(value: float) -> int:
    return round(min(255.0, max(0.0, value)))


def _faded(picture: Image.Image, saturation: float) -> Image.Image:
    return Image.blend(picture.convert("L").convert("RGB"), picture, saturation)


def _layer(picture: Image.Image) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    layer = Image.new("L", (max(1, picture.width // COARSE), max(1, picture.height // COARSE)), 0)
    return layer, ImageDraw.Draw(layer)


def _laid(picture: Image.Image, layer: Image.Image, ink: tuple[int, int, int]) -> Image.Image:
    changed = picture.copy()
    changed.paste(ink, (0, 0, *picture.size), layer.resize(picture.size, Image.Resampling.BILINEAR))
    return changed


def _rain(picture: Image.Image, chance: Random) -> Image.Image:
    picture = _graded(_faded(picture, 0.5), (0.66, 0.72, 0.8))
    layer, pen = _layer(picture)
    reach = max(4.0, min(layer.size) / 22)
    for _ in range(520):
        x, y, length = (
            chance.random() * layer.width,
            chance.random() * layer.height,
            reach * chance.uniform(0.5, 1.5),
        )
        pen.line(
            (x, y, x - 0.28 * length, y + length),
            fill=chance.randrange(90, 200),
            width=max(1, round(reach / 26)),
        )
    return _laid(picture, layer, (226, 234, 242))


def _snow(picture: Image.Image, chance: Random) -> Image.Image:
    picture = _graded(_faded(picture, 0.4), (0.95, 1.0, 1.06), lift=26)
    layer, pen = _layer(picture)
    largest = max(1.2, min(layer.size) / 130)
    for _ in range(900):
        x, y, size = (
            chance.random() * layer.width,
            chance.random() * layer.height,
            largest * chance.uniform(0.25, 1.0),
        )
        pen.ellipse((x - size, y - size, x + size, y + size), fill=chance.randrange(150, 250))
    return _laid(picture, layer, (255, 255, 255))


def _night(picture: Image.Image, chance: Random) -> Image.Image:
    picture = _graded(_faded(picture, 0.55), (0.2, 0.27, 0.46))
    layer, pen = _layer(picture)
    largest = max(0.7, min(layer.size) / 420)
    for _ in range(140):
        x, y, size = (
            chance.random() * layer.width,
            chance.random() * layer.height * 0.4,
            largest * chance.uniform(0.5, 1.3),
        )
        pen.ellipse((x - size, y - size, x + size, y + size), fill=chance.randrange(90, 230))
    return _laid(picture, layer, (250, 246, 228))


def _fog(picture: Image.Image, chance: Random) -> Image.Image:
    band = Image.linear_gradient("L").point([round(70 + value * 0.55) for value in range(256)])
    changed = _faded(picture, 0.6)
    changed.paste((222, 226, 228), (0, 0, *picture.size), band.resize(picture.size))
    return changed


def _black_and_white(picture: Image.Image, chance: Random) -> Image.Image:
    return ImageOps.autocontrast(picture.convert("L"), cutoff=1).convert("RGB")


def _sepia(picture: Image.Image, chance: Random) -> Image.Image:
    return ImageOps.colorize(picture.convert("L"), (28, 18, 10), (255, 240, 208), mid=(146, 108, 72))


def _lit(picture: Image.Image, chance: Random) -> Image.Image:
    return picture.point(
        [_clamped(255 * (value / 255) ** 0.6) for value in range(256)] * len(picture.getbands())
    )


def _grade(gains: RGB, lift: float = 0.0) -> Change:
    return lambda picture, chance: _graded(picture, gains, lift)


def _tint(dark: tuple[int, int, int], light: tuple[int, int, int]) -> Change:
    def tinted(picture: Image.Image, chance: Random) -> Image.Image:
        return Image.blend(picture, ImageOps.colorize(picture.convert("L"), dark, light), 0.8)

    return tinted


def _softened(picture: Image.Image, chance: Random) -> Image.Image:
    small = picture.reduce(max(2, min(picture.size) // 160))
    return small.filter(ImageFilter.GaussianBlur(1)).resize(picture.size, Image.Resampling.BICUBIC)


def _regraded(picture: Image.Image, chance: Random) -> Image.Image:
    """Another exposure, warm or cool, and a step nearer: nothing was asked for by a word that is known."""
    warmth = chance.choice((0.14, -0.14))
    near = 0.05 * min(picture.size)
    box = (near, near, picture.width - near, picture.height - near)
    closer = picture.resize(picture.size, Image.Resampling.BICUBIC, box=box)
    return _graded(closer, (1 + warmth, 1.0, 1 - warmth), contrast=1.14)


def _colour(name: str) -> str:
    """A colour counts where something is made so; "the red cup" alone changes nothing."""
    made = r"(?:make|turn|paint|dye|tint|recolou?r|colou?r)(?:s|ed)?\b[^.,;]{0,40}\b"
    return rf"{made}{name}(?:d?er)?|(?:to|into|in) {name}"


# What people ask for (regular expressions in Latin letters, plain text in others) and what is done, in this order.
CHANGES: dict[str, tuple[tuple[str, ...], Change]] = {
    "mirrored": (
        ("mirror(?:ed)?", "flip(?:ped)?(?: horizontally)?", "镜像", "水平翻转", "左右翻转"),
        lambda picture, chance: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    ),
    "upside down": (
        ("upside[ -]down", "flip(?:ped)? vertically", "倒置", "上下翻转"),
        lambda picture, chance: picture.transpose(Image.Transpose.ROTATE_180),
    ),
    "autumn": (("autumn(?:al)?", "fall colou?rs", "秋天", "秋季"), _tint((40, 14, 4), (255, 196, 112))),
    "red": ((_colour("red"), "红色", "变红"), _tint((40, 0, 4), (255, 112, 100))),
    "blue": ((_colour("blue"), "蓝色", "变蓝"), _tint((0, 10, 48), (128, 176, 255))),
    "green": ((_colour("green"), "绿色", "变绿"), _tint((0, 26, 8), (150, 232, 150))),
    "yellow": ((_colour("yellow"), "黄色", "金色"), _tint((40, 26, 0), (255, 226, 110))),
    "pink": ((_colour("pink"), "粉色", "粉红"), _tint((44, 6, 30), (255, 176, 214))),
    "purple": ((_colour("purple"), "紫色"), _tint((24, 4, 44), (212, 160, 255))),
    "warmer": (
        (
            "warm(?:er)?",
            "sunset",
            "sunrise",
            "evening",
            "dusk",
            "dawn",
            "golden hour",
            "暖",
            "傍晚",
            "日落",
            "黄昏",
        ),
        _grade((1.2, 0.98, 0.66), lift=4),
    ),
    "colder": (("cold(?:er)?", "cool(?:er)?", "wint(?:er|ry)", "icy", "冷", "冬"), _grade((0.74, 0.96, 1.2))),
    "brighter": (("bright(?:er)?", "lighter", "sunny", "sunshine", "更亮", "明亮", "晴"), _lit),
    "darker": (("dark(?:er)?", "dim(?:mer)?", "moody", "更暗", "昏暗"), _grade((0.5,) * 3)),
    "fog": (("fog(?:gy)?", "mist(?:y)?", "haz[ey]", "雾"), _fog),
    "rain": (("rain(?:y|ing)?", "storm(?:y)?", "wet", "雨"), _rain),
    "snow": (("snow(?:y|ing|s)?", "雪"), _snow),
    "night": (("night(?:time)?", "midnight", "moonlight", "夜"), _night),
    "blurred": (("blur(?:red|ry)?", "out of focus", "模糊"), _softened),
    "sepia": (("sepia", "vintage", "old photo(?:graph)?", "复古", "老照片"), _sepia),
    "black and white": (
        ("black[ -]and[ -]white", "b&w", "monochrome", "gr[ea]yscale", "黑白"),
        _black_and_white,
    ),
}
