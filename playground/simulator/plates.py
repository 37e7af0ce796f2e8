"""The base plates: still lifes, arches, ridges, dunes and seas made by tools/plates.py.

A prompt chooses its scene by the words in it, or by chance (always the same chance for the same words), so
several models asked for one prompt show one subject. The seed chooses the plate, its crop, mirror and grade.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from PIL import Image

FOLDER = Path(__file__).parent / "plates"

# What people ask for, and the scene that comes nearest. The first match in this order wins.
SCENES: dict[str, tuple[str, ...]] = {
    "bottles": ("bottle", "perfume", "wine", "glass", "packaging", "bottles", "瓶", "香水", "包装", "酒"),
    "bowl": ("bowl", "fruit", "food", "soup", "salad", "breakfast", "碗", "水果", "食物", "早餐"),
    "still": (
        "vase",
        "pear",
        "still life",
        "product",
        "tea",
        "coffee",
        "cup",
        "latte",
        "table",
        "flower",
        "花",
        "茶",
        "咖啡",
        "杯",
        "静物",
        "产品",
    ),
    "arch": (
        "arch",
        "building",
        "house",
        "city",
        "street",
        "architecture",
        "stairs",
        "room",
        "interior",
        "cafe",
        "shop",
        "temple",
        "建筑",
        "城市",
        "房",
        "街",
        "室内",
    ),
    "sea": (
        "sea",
        "lighthouse",
        "storm",
        "ocean",
        "boat",
        "ship",
        "beach",
        "water",
        "lake",
        "river",
        "harbour",
        "wave",
        "sunset",
        "海",
        "湖",
        "船",
        "浪",
        "河",
        "日落",
    ),
    "dune": ("dune", "desert", "sand", "camel", "mars", "沙漠", "沙"),
    "ridge": (
        "mountain",
        "ridge",
        "hill",
        "fog",
        "mist",
        "forest",
        "valley",
        "landscape",
        "sunrise",
        "tree",
        "山",
        "雾",
        "森林",
        "风景",
        "树",
    ),
}


@dataclass(frozen=True)
class Plate:
    name: str
    width: int
    height: int

    @property
    def ratio(self) -> float:
        return self.width / self.height


@lru_cache(maxsize=1)
def plates() -> dict[str, tuple[Plate, ...]]:
    """All plates by scene; the scene is the name up to its dash."""
    found: dict[str, list[Plate]] = {}
    for path in sorted(FOLDER.glob("*.webp")):
        with Image.open(path) as picture:
            found.setdefault(path.stem.partition("-")[0], []).append(Plate(path.stem, *picture.size))
    return {scene: tuple(some) for scene, some in found.items()}


def scene_of(words: str) -> str:
    lowered = words.casefold()
    if lowered in plates():
        return lowered
    for scene, hints in SCENES.items():
        if any(_speaks_of(lowered, hint) for hint in hints):
            return scene
    scenes = sorted(plates())
    return scenes[zlib.crc32(lowered.encode()) % len(scenes)]


def _speaks_of(lowered: str, hint: str) -> bool:
    """Whole words (with a plural's s) in Latin letters, any place in others."""
    return hint in lowered if not hint.isascii() else re.search(rf"\b{hint}s?\b", lowered) is not None


def photograph(words: str, width: int, height: int, chance: Random) -> Image.Image:
    """A picture of exactly width x height for these words; `chance` decides all that may differ."""
    plate = _choose(scene_of(words), width / height, chance)
    picture = _open(plate.name).point(_grade(chance))
    if chance.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture.resize((width, height), Image.Resampling.BICUBIC, box=_crop(plate, width / height, chance))


def _choose(scene: str, ratio: float, chance: Random) -> Plate:
    """One of the plates whose shape loses little to the crop."""
    some = sorted(plates()[scene], key=lambda plate: _loss(plate, ratio))
    good = [plate for plate in some if _loss(plate, ratio) < _loss(some[0], ratio) + 0.35]
    return chance.choice(good)


def _loss(plate: Plate, ratio: float) -> float:
    return abs(math.log(plate.ratio / ratio))


def _crop(plate: Plate, ratio: float, chance: Random) -> tuple[float, float, float, float]:
    """A window of the wanted ratio, near the largest that fits."""
    width = min(plate.width, plate.height * ratio) * chance.uniform(0.86, 1.0)
    height = width / ratio
    left = (plate.width - width) * chance.uniform(0.3, 0.7)
    top = (plate.height - height) * chance.uniform(0.35, 0.65)
    return (left, top, left + width, top + height)


def _grade(chance: Random) -> list[int]:
    """A lookup table for three channels: exposure, contrast and warmth, kept small enough to look natural."""
    exposure, contrast = chance.uniform(0.94, 1.06), chance.uniform(-0.05, 0.10)
    warmth, tint = chance.uniform(-0.05, 0.05), chance.uniform(-0.015, 0.015)
    table: list[int] = []
    for gain in (1 + warmth, 1 + tint, 1 - warmth):
        table += [_tone(value / 255 * exposure * gain, contrast) for value in range(256)]
    return table


def _tone(value: float, contrast: float) -> int:
    value = min(1.0, value)
    curved = value * value * (3 - 2 * value)
    return round(255 * min(1.0, max(0.0, value + contrast * (curved - value))))


@lru_cache(maxsize=8)
def _open(name: str) -> Image.Image:
    """One decoded plate; eight of them are about 35 MB."""
    with Image.open(FOLDER / f"{name}.webp") as picture:
        return picture.convert("RGB")
