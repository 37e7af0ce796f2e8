"""How the reverse channels settle on a picture's size.

`-all` reads size words at the START of the prompt and gives the pixels that were published for them; a shape
without published pixels gets as many pixels as the square one. Words elsewhere, numbers of pixels alone and
"4K" do nothing. `-vip` takes a size of its list; without one it goes by the same words, at 2K.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from fractions import Fraction

from playground.catalog import Model, Shape, Size, SizeRule, default
from playground.catalog.sizes import nearest

NATIVE = Size(1254, 1254)
PRESETS = (Size(1024, 1024), Size(1536, 1024), Size(1024, 1536))
# What the provider does to a size off the list since it stopped refusing them: the official rule.
SNAPPING = SizeRule(
    kind="free",
    allows_auto=True,
    default="auto",
    step=16,
    max_edge=3840,
    max_ratio=Fraction(3),
    min_pixels=655_360,
    max_pixels=8_294_400,
)
# Size words as people vary them: an optional word or two for the shape, then the ratio.
_SPOKEN = re.compile(
    r"(?:(?:landscape|portrait|square|banner|wide ?screen|ultra-?wide|phone|poster|vertical|horizontal|横版|竖版|"
    r"宽屏|横幅|手机海报|方形)[\s,]*){0,3}([1-9][0-9]?)\s*[:：]\s*([1-9][0-9]?)(?![0-9a-z])",
    re.IGNORECASE,
)
_WIDEST = Fraction(3)
# "Generate image:" before a chat's words says that a picture is wished for.
WISH = re.compile(
    r"\s*(?:generate (?:an? |the )?(?:image|picture)s?\b|draw\b|生成图片|生成图像)\s*(?:of\b)?\s*[:：,，]?\s*",
    re.IGNORECASE,
)


def words_at_start(model: Model, prompt: str) -> tuple[Fraction | None, str]:
    """The shape that the prompt begins with, and the prompt without those words."""
    text = prompt.lstrip()
    for phrase, ratio in _phrases(model):
        if _begins(text, phrase):
            return ratio, text[len(phrase) :].lstrip(" \t\r\n,，.。;；:：")
    found = _SPOKEN.match(text)
    if found:
        ratio = Fraction(int(found[1]), int(found[2]))
        if 1 / _WIDEST <= ratio <= _WIDEST:
            return ratio, text[found.end() :].lstrip(" \t\r\n,，.。;；:：")
    return None, text


def without_wish(prompt: str) -> str:
    """The prompt without a "Generate image:" before it."""
    return WISH.sub("", prompt, count=1)


def by_words(model: Model, prompt: str) -> Size:
    """The pixels of a model that goes by words."""
    ratio, _ = words_at_start(model, prompt)
    if ratio is None:
        return NATIVE
    for shape in _known_shapes(model):
        if _ratio(shape.key) == ratio and shape.usual is not None:
            return shape.usual
    return _of_area(ratio, NATIVE.pixels)


def by_list(model: Model, prompt: str) -> Size:
    """What a model with a list of sizes draws when it may choose: its 2K row, or what is known of it."""
    ratio, _ = words_at_start(model, prompt)
    choices = [choice for choice in model.sizes.table if choice.tier == model.sizes.default_tier]
    for choice in choices or model.sizes.table:
        if ratio is not None and _ratio(choice.ratio) == ratio:
            return choice.size
    if model.sizes.default != "auto":
        return Size.parse(model.sizes.default)
    square = [choice.size for choice in choices or model.sizes.table if choice.ratio == "1:1"]
    return square[0] if square else NATIVE


def snapped(size: Size) -> Size:
    """The size that a channel draws which rewrites sizes off its list."""
    return nearest(SNAPPING, size)


def of_shape(picture: Size) -> Size:
    """A size of the native area with the ratio of a picture, which is at most 3 to 1."""
    return _of_area(min(max(picture.ratio, 1 / _WIDEST), _WIDEST), NATIVE.pixels)


def official_choice(prompt: str, references: tuple[Size, ...] = ()) -> Size:
    """What the official models draw for `auto`: one of the three 1K presets, by the first picture's shape or by what
    the prompt speaks of."""
    if references:
        return min(PRESETS, key=lambda preset: abs(math.log(preset.ratio / references[0].ratio)))
    lowered = prompt.casefold()
    if any(
        word in lowered for word in ("portrait", "poster", "vertical", "9:16", "2:3", "phone", "竖", "海报")
    ):
        return Size(1024, 1536)
    if any(
        word in lowered for word in ("landscape", "wide", "panorama", "16:9", "3:2", "banner", "横", "全景")
    ):
        return Size(1536, 1024)
    return Size(1024, 1024)


def _phrases(model: Model) -> list[tuple[str, Fraction]]:
    """Longest first, so that "Banner 21:9 ultra-widescreen" is not taken for "Banner 21:9"."""
    pairs = [(phrase, _ratio(shape.key)) for shape in _known_shapes(model) for phrase in shape.phrases]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _known_shapes(model: Model) -> Iterable[Shape]:
    own = model.sizes.shapes
    return own or next((other.sizes.shapes for other in default().models if other.sizes.shapes), ())


def _begins(text: str, phrase: str) -> bool:
    if _plain(text[: len(phrase)]) != _plain(phrase):
        return False
    following = text[len(phrase) : len(phrase) + 1]
    return not (following.isascii() and following.isalnum())


def _plain(text: str) -> str:
    return text.casefold().replace("×", "x").replace("：", ":")


def _ratio(key: str) -> Fraction:
    width, _, height = key.partition(":")
    return Fraction(int(width), int(height))


def _of_area(ratio: Fraction, pixels: int) -> Size:
    width = math.sqrt(pixels * ratio)
    return Size(round(width), round(width / ratio))
