"""Which of several pictures an instruction is about: "modify image 2" changes the second one.

A verb of changing counts before a mere place ("put the cup of image 1 on the table of image 2"). Where nothing
is named the first picture is the one that is changed.
"""

from __future__ import annotations

import re

_ORDINALS = {
    word: place for place, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), 1)
}
# "image 2", "the second picture", "picture #2", 图2, 第二张图; in the groups number, ordinal, digit, numeral.
_PICTURE = (
    r"(?:(?:image|picture|photo)\s*(?:#|no\.?\s*)?([1-9][0-9]?)(?![0-9])"
    rf"|({'|'.join(_ORDINALS)})\s+(?:image|picture|photo)"
    r"|图片?\s*([1-9][0-9]?)|第\s*([一二三四五六1-9])\s*张)"
)
# "the table of image 2": a thing in a picture stands for the picture.
_THING = r"(?:(?:the|a|an|its|my)\s+)?(?:[\w'-]+\s+){0,3}?(?:(?:of|in|on|from)\s+)?(?:the\s+)?"
_VERBS = r"modify|change|edit|alter|repaint|retouch|restyle|recolou?r|redraw|replace|remove|adjust|transform|turn|make"
_PLACES = r"on|onto|in|into|under|inside|behind|over"
_CHANGED = (
    re.compile(rf"\b(?:{_VERBS})\s+{_THING}{_PICTURE}", re.IGNORECASE),
    re.compile(rf"(?:修改|编辑|更改|改变|改|替换|重画)\s*{_PICTURE}", re.IGNORECASE),
    re.compile(rf"\b(?:{_PLACES})\s+{_THING}{_PICTURE}", re.IGNORECASE),
    re.compile(rf"(?:在|到|进)\s*{_PICTURE}", re.IGNORECASE),
    re.compile(rf"(?:把|将)\s*{_PICTURE}", re.IGNORECASE),
)
_NUMERALS = "一二三四五六"


def place_of_changed(prompt: str, count: int, default: int = 0) -> int:
    """The place, from 0, of the picture that the prompt says to change, among `count`."""
    for pattern in _CHANGED:
        for found in pattern.finditer(prompt):
            place = _number(found) - 1
            if place < count:
                return place
    return min(default, max(0, count - 1))


def _number(found: re.Match[str]) -> int:
    number, ordinal, digit, numeral = found.groups()
    if ordinal:
        return _ORDINALS[ordinal.casefold()]
    if numeral:
        return _NUMERALS.index(numeral) + 1 if numeral in _NUMERALS else int(numeral)
    return int(number or digit)
