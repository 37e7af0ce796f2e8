"""Setting words on a picture: which font has them, how large, broken where.

Our own font has Latin letters; for other scripts the machine's fonts are looked through. A letter that no font
has is left out, never drawn as a box.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OWN = Path(__file__).parent / "fonts" / "Archivo-SemiBold.ttf"
# Looked for in this order: names of files that distributions, macOS and Windows install, with the index
# of the simplified Chinese face inside a collection.
SYSTEM = (
    ("NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJKsc-Bold.otf", 0),
    ("NotoSansSC-Bold.otf", 0),
    ("NotoSansCJK-Regular.ttc", 2),
    ("SourceHanSansSC-Bold.otf", 0),
    ("wqy-zenhei.ttc", 0),
    ("PingFang.ttc", 0),
    ("Hiragino Sans GB.ttc", 0),
    ("msyhbd.ttc", 0),
    ("Arial Unicode.ttf", 0),
    ("DejaVuSans-Bold.ttf", 0),
    ("DejaVuSans.ttf", 0),
)
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
LONGEST = 240
LINE_HEIGHT = 1.16
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True)
class Face:
    path: str
    index: int

    def at(self, size: int) -> Font:
        return _font(self.path, self.index, size)

    def has(self, letter: str) -> bool:
        return letter.isspace() or _has(self, letter)


@dataclass(frozen=True)
class Block:
    """Words broken into lines at a size that fits."""

    lines: tuple[str, ...]
    face: Face
    size: int

    @property
    def leading(self) -> int:
        return round(self.size * LINE_HEIGHT)

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)

    @property
    def width(self) -> int:
        font = self.face.at(self.size)
        return max((round(font.getlength(line)) for line in self.lines), default=0)

    def draw(self, on: Image.Image, left: int, top: int, ink: tuple[int, int, int]) -> None:
        pen, font = ImageDraw.Draw(on), self.face.at(self.size)
        for number, line in enumerate(self.lines):
            pen.text((left, top + number * self.leading), line, fill=ink, font=font)


def fit(text: str, width: int, height: int, *, largest: int, smallest: int) -> Block:
    """The largest setting of the text inside the box; what does not fit ends in an ellipsis."""
    face, words = readable(text)
    size = max(largest, smallest)
    while size > smallest and not _fits(words, face, size, width, height):
        size = max(smallest, int(size * 0.93))
    lines = _balanced(words, face.at(size), width)
    room = max(1, int(height / (size * LINE_HEIGHT)))
    if len(lines) > room:
        lines = _ended(lines[:room], face.at(size), width)
    return Block(tuple(lines), face, size)


def readable(text: str) -> tuple[Face, str]:
    """The face that has most of the letters, and the text without those that it lacks."""
    words = _shortened(" ".join(unicodedata.normalize("NFC", text).split()))
    best, best_missing = faces()[0], len(words) + 1
    for face in faces():
        missing = sum(not face.has(letter) for letter in set(words))
        if missing < best_missing:
            best, best_missing = face, missing
        if not missing:
            break
    return best, " ".join("".join(letter for letter in words if best.has(letter)).split())


@lru_cache(maxsize=1)
def faces() -> tuple[Face, ...]:
    """Our own face first, then those that this machine has."""
    installed = _installed({name for name, _ in SYSTEM})
    found = [Face(installed[name], index) for name, index in SYSTEM if name in installed]
    return (Face(str(OWN), 0), *found)


def strip(text: str, size: int, ink: tuple[int, int, int], spacing: float = 0.08) -> Image.Image:
    """One line of letter-spaced small type on nothing, for the edge of a picture."""
    font = Face(str(OWN), 0).at(size)
    gap = size * spacing
    width = sum(font.getlength(letter) + gap for letter in text)
    image = Image.new("RGBA", (round(width) + 2, round(size * 1.3)), (*ink, 0))
    pen, at = ImageDraw.Draw(image), 0.0
    for letter in text:
        pen.text((at, 0), letter, fill=(*ink, 255), font=font)
        at += font.getlength(letter) + gap
    return image


def _fits(words: str, face: Face, size: int, width: int, height: int) -> bool:
    font = face.at(size)
    if any(font.getlength(piece) > width for piece in _pieces(words)):
        return False
    return len(_lines(words, font, width)) * size * LINE_HEIGHT <= height


def _balanced(words: str, font: Font, width: int) -> list[str]:
    """Lines of nearly the same length: the narrowest measure that needs no more lines than the widest."""
    lines = _lines(words, font, width)
    low, high = width // 2, width
    while high - low > max(2, width // 50):
        middle = (low + high) // 2
        if len(_lines(words, font, middle)) <= len(lines):
            high = middle
        else:
            low = middle
    return _lines(words, font, high)


def _lines(words: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(words):
        longer = line + piece
        if line and font.getlength(longer.rstrip()) > width:
            lines.append(line.rstrip())
            longer = piece.lstrip()
        line = longer
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(words: str) -> Iterator[str]:
    """Where a line may break: after a space, and after any ideograph but before no closing mark."""
    yield from re.findall(r"[⺀-鿿가-힯＀-￯][，。、！？：；）」』》]*|[^\s⺀-鿿가-힯＀-￯]+\s*|\s+", words)


def _ended(lines: list[str], font: Font, width: int) -> list[str]:
    last = lines[-1]
    while last and font.getlength(last + "…") > width:
        last = last[:-1]
    return [*lines[:-1], last.rstrip(" ,.;:，。、") + "…"]


def _shortened(words: str) -> str:
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


@lru_cache(maxsize=256)
def _font(path: str, index: int, size: int) -> Font:
    return ImageFont.truetype(path, size, index=index)


@lru_cache(maxsize=8192)
def _has(face: Face, letter: str) -> bool:
    """Whether the face draws the letter as something else than the box of a missing one."""
    font = face.at(24)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\U0010fffe"))


def _installed(names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for root, _, files in os.walk(os.path.expanduser(folder)):
            found.update({name: os.path.join(root, name) for name in files if name in names})
    return found
