"""How a prompt names the pictures that go along: "image 2", "images 1 and 3", 图2, 第三张图.

The order of the pictures is their numbering (docs.apiyi.com, image-edit), so when the order changes the words may
have to follow, and a number without a picture is a mistake that costs a call. Pure functions on text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MISSING = "?"
"""What stands in place of the number of a picture that was taken out."""

_DIGITS = "一二三四五六七八九十"
_HAN_NUMBER = rf"十[{_DIGITS[:6]}]|[{_DIGITS}]"
# Not a number of a picture: 16:9, 4K, 35 mm, 50 %, 1024x768, 3D, 2.5.
_NOT_COUNTED = r"(?![0-9]|[.,:：][0-9]|\s?(?:[x×%]|k\b|d\b|mm\b|px\b|mp\b|st\b|nd\b|rd\b|th\b))"
_COUNT = rf"[1-9][0-9]?{_NOT_COUNTED}"
_AND = r"\s*(?:,\s*and|,|and|&|\+|or|to|through|-|–)\s*"
# Only a plural counts on: in "image 1, 2 cups" the cups are no picture.
_ENGLISH = re.compile(
    rf"\b(?:(?:images|pictures|photos|references)\s+({_COUNT}(?:{_AND}#?{_COUNT})*)"
    rf"|(?:image|picture|photo|reference|img)s?(?:\s+(?:no\.?|number))?\s*#?\s*({_COUNT}))",
    re.IGNORECASE,
)
_MEASURES = "张个幅人只位件款种"
_CHINESE = re.compile(
    rf"(?:参考图片?|图片|图像|图)\s*({_COUNT}(?:\s*[、\-–至到]\s*{_COUNT}(?!\s*[{_MEASURES}]))*"
    rf"|(?:{_HAN_NUMBER})(?![{_DIGITS}{_MEASURES}0-9]))"
)
_CHINESE_ORDINAL = re.compile(rf"第\s*({_COUNT}|{_HAN_NUMBER})\s*(?:张|幅|个)?(?:参考)?(?:图片?|照片|图像)")
_RANGE = re.compile(rf"({_COUNT})(\s*(?:to|through|-|–|到|至)\s*)({_COUNT})")
# The word that figures belong to, where the text before them ends with it.
_NAME = re.compile(
    r"(?:image|picture|photo|reference|img|第|参考图片?|图片|图像|图)\s*(?:no\.?|number)?\s*#?\s*\Z",
    re.IGNORECASE,
)
_TO_CHANGE = re.compile(
    r"(?:modify|change|edit|repaint|retouch|restyle|recolou?r|修改|编辑|更改|改变|改)\s*(?:the\s+)?\Z",
    re.IGNORECASE,
)
_WHERE_THINGS_GO = re.compile(r"(?:\b(?:on|in|into|onto)\b|在|到|放入|放到)\s*(?:the\s+)?\Z", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    numbers: tuple[int, ...]
    comma: str


def _mentions(prompt: str) -> list[_Mention]:
    """Where numbers of pictures stand, in the order of the text: the place of the figures alone."""
    found: dict[int, _Mention] = {}
    for pattern, comma in ((_ENGLISH, ", "), (_CHINESE_ORDINAL, "、"), (_CHINESE, "、")):
        for match in pattern.finditer(prompt):
            start, end = match.span(match.lastindex or 1)
            found.setdefault(start, _Mention(start, end, _numbers(prompt[start:end]), comma))
    return [found[start] for start in sorted(found)]


def _numbers(figures: str) -> tuple[int, ...]:
    if re.fullmatch(_HAN_NUMBER, figures):
        return (_han_number(figures),)
    spread = _RANGE.sub(_spread, figures)
    return tuple(int(number) for number in re.findall(r"[1-9][0-9]?", spread))


def _spread(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[3])
    return ",".join(map(str, range(first, last + 1))) if first < last <= first + 16 else f"{first},{last}"


def _han_number(text: str) -> int:
    if text == "十":
        return 10
    return 10 + _DIGITS.index(text[1]) + 1 if len(text) == 2 else _DIGITS.index(text) + 1


def named_pictures(prompt: str) -> tuple[int, ...]:
    """The numbers of pictures that the prompt names, each once, in ascending order."""
    return tuple(sorted({number for mention in _mentions(prompt) for number in mention.numbers}))


def has_lost_name(prompt: str) -> bool:
    """Whether the prompt names a picture that was taken out ("image ?")."""
    return bool(re.search(r"(?:image|图)\s*\?", prompt, re.IGNORECASE))


def missing_pictures(prompt: str, count: int) -> tuple[int, ...]:
    """The numbers that the prompt names and that no picture has, where `count` pictures go along."""
    return tuple(number for number in named_pictures(prompt) if number > count)


def renumber(prompt: str, moved: Mapping[int, int | None]) -> str:
    """The prompt with its numbers changed all at once: old number -> new one, None for a picture taken out.

    Numbers that `moved` does not hold stay. A range that no longer is one becomes a list.
    """
    parts, at = [], 0
    for mention in _mentions(prompt):
        parts += [
            prompt[at : mention.start],
            _moved(prompt[mention.start : mention.end], moved, mention.comma),
        ]
        at = mention.end
    return "".join([*parts, prompt[at:]])


def _moved(figures: str, moved: Mapping[int, int | None], comma: str) -> str:
    def new(number: int) -> str:
        there = moved.get(number, number)
        return MISSING if there is None else str(there)

    if re.fullmatch(_HAN_NUMBER, figures):
        number = _han_number(figures)
        return figures if moved.get(number, number) == number else new(number)
    touched = [number for number in _numbers(figures) if moved.get(number, number) != number]
    if not touched:
        return figures
    listed = _RANGE.sub(lambda match: _spread(match).replace(",", comma), figures)
    return re.sub(r"[1-9][0-9]?", lambda match: new(int(match[0])), listed)


def followed_picture(prompt: str, count: int) -> int | None:
    """Which picture's shape an answer without a size will take, as far as the vendor says; None: the model decides.

    "The output's ratio follows the picture that the prompt says to change", which need not be the first; with
    nothing named the model decides (docs.apiyi.com, image-edit). A single picture leaves no choice.
    """
    if count <= 1:
        return count or None
    named = [each for each in _mentions(prompt) if len(each.numbers) == 1 and each.numbers[0] <= count]
    for verb in (_TO_CHANGE, _WHERE_THINGS_GO):
        for mention in named:
            if verb.search(_NAME.sub("", prompt[: mention.start])):
                return mention.numbers[0]
    return None


def picture_name(number: int, prompt: str) -> str:
    """How to name a picture in the language of this prompt: `image 3`, or 图3."""
    return f"图{number}" if _HAN.search(prompt) else f"image {number}"


def write_notes(prompt: str, notes: Sequence[str]) -> str:
    """The prompt with one sentence before it that says what each picture is; notes (in order) may be empty.

    A sentence that an earlier call put there is replaced.
    """
    said = [(number, note.strip()) for number, note in enumerate(notes, 1) if note.strip()]
    is_chinese = bool(_HAN.search(prompt)) or (
        not prompt.strip() and any(_HAN.search(note) for _n, note in said)
    )
    rest = _WRITTEN.sub("", prompt, count=1)
    if not said:
        return rest
    if is_chinese:
        return "，".join(f"图{number}：{note}" for number, note in said) + "。\n" + rest
    line = ", ".join(f"image {number}: {note}" for number, note in said)
    return f"{line[0].upper()}{line[1:]}.\n{rest}"


_WRITTEN = re.compile(r"\A(?:Image [0-9]{1,2}: [^\n]*\.\n|图[0-9]{1,2}：[^\n]*。\n)")
