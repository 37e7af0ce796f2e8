"""Make the simulator's base plates: python tools/plates [NAME ...] (all take about a quarter of an hour).

They are rendered larger than needed and shrunk, which smooths their edges, to about 1.5 megapixels of WebP.
"""

import math
import sys
from functools import partial
from pathlib import Path

from painted import dunes, ridges, sea
from PIL import Image
from solids import arch, still

FOLDER = Path(__file__).parents[2] / "playground" / "simulator" / "plates"
PIXELS = 1536 * 1024
VASE = {
    "camera": (0.35, 1.0, 4.3),
    "target": (-0.05, 0.66, 0),
    "lens": 29,
    "table": "#6d5340",
    "fruit": "#c6ad3f",
}

PLATES = {
    "still-a": partial(
        still, 1600, 1600, camera=(0.05, 1.1, 4.7), wall="#7d8780", sun_colour=(3.3, 2.9, 2.4)
    ),
    "still-b": partial(
        still, 1920, 1280, light_at=0.25, wall="#9a8f80", body="#c9d2d0", sun_colour=(3.4, 2.7, 1.9), **VASE
    ),
    "still-b2": partial(
        still, 1920, 1280, light_at=0.25, wall="#39505a", body="#c9d2d0", sun_colour=(3.4, 2.5, 1.5), **VASE
    ),
    "still-b3": partial(
        still,
        1920,
        1280,
        light_at=0.9,
        wall="#9a8f80",
        body="#a8442c",
        sun=(-1, 0.4, 0.7),
        sun_colour=(3.8, 2.3, 1.2),
        **VASE,
    ),
    "still-c": partial(
        still,
        1920,
        1280,
        light_at=-0.2,
        camera=(-0.5, 1.35, 4.5),
        target=(-0.1, 0.6, 0),
        lens=29,
        wall="#5e6d78",
        table="#d8cfc0",
        body="#e6dfd0",
        fruit="#a9b04a",
        sun=(-1, 0.75, 0.8),
        sun_colour=(2.7, 2.6, 2.5),
    ),
    "bowl-1": partial(
        still,
        1440,
        1800,
        "bowl",
        0.3,
        camera=(0.3, 1.7, 4.2),
        target=(0, 0.55, 0),
        wall="#a79c90",
        table="#53635f",
        body="#dcd6c8",
    ),
    "bowl-2": partial(
        still,
        1600,
        1600,
        "bowl",
        0.1,
        camera=(0, 3.4, 2.7),
        target=(0, 0.4, 0),
        lens=31,
        table="#c9b79d",
        body="#31454b",
        lit_by_window=False,
        sun_colour=(2.6, 2.4, 2.1),
    ),
    "bottles-1": partial(
        still,
        2048,
        1152,
        "bottles",
        0.2,
        camera=(0, 0.95, 4.4),
        target=(0.1, 0.62, 0),
        lens=28,
        wall="#b0a697",
        table="#8d7f6d",
        body="#ece5d6",
    ),
    "bottles-2": partial(
        still,
        1440,
        1800,
        "bottles",
        -0.1,
        camera=(0.3, 1.0, 4.4),
        target=(0.1, 0.7, 0),
        lens=32,
        wall="#44545c",
        table="#2f3638",
        body="#e0cfa8",
        sun_colour=(3.4, 2.4, 1.6),
    ),
    "arch-1": partial(arch, 1920, 1280),
    "arch-2": partial(
        arch,
        1280,
        1920,
        wall="#d8a28c",
        stairs="#efe0cc",
        tower="#b5533c",
        camera=(1.6, 1.6, 6.2),
        target=(0.2, 1.3, 0),
        lens=30,
    ),
    "arch-3": partial(
        arch,
        2048,
        1152,
        wall="#5c7a86",
        stairs="#c9cfc8",
        tower="#2e4450",
        sky=("#dfe3dc", "#8fa9b5"),
        camera=(-1.2, 1.2, 5.8),
        water=False,
        exposure=0.9,
    ),
    "arch-4": partial(
        arch,
        1600,
        1600,
        wall="#e6dccb",
        stairs="#f1e9da",
        tower="#c8b79a",
        sky=("#bcd6e2", "#3f79a8"),
        camera=(3.0, 2.4, 5.2),
        lens=34,
        sun=(-0.5, 0.9, 0.65),
    ),
    "ridge-1": partial(ridges, 1920, 1280, 3, "#3d5a78", "#e9b58a", "#14202a", "#ffdcae", (0.64, 0.40)),
    "ridge-2": partial(ridges, 1280, 1920, 8, "#27394b", "#b9c6c9", "#0f1d1f", layers=8, rough=0.55),
    "ridge-3": partial(
        ridges, 2240, 960, 12, "#7c95a6", "#e8dccb", "#2d4236", "#fff1d8", (0.3, 0.36), layers=6
    ),
    "ridge-4": partial(
        ridges,
        1920,
        1280,
        21,
        "#2b3550",
        "#d98c6a",
        "#1a1720",
        "#ffb27a",
        (0.5, 0.46),
        water=True,
        start=0.46,
    ),
    "ridge-5": partial(
        ridges, 1840, 1380, 31, "#a8bcc4", "#eef0ea", "#1f3a35", layers=9, start=0.3, rough=0.55
    ),
    "dune-1": partial(dunes, 1920, 1280, 4),
    "dune-2": partial(dunes, 1600, 1600, 9, ("#2f3c58", "#d9a58c"), "#c9785a", "#3a2430"),
    "dune-3": partial(dunes, 1152, 2048, 15, ("#9db7bf", "#f3e6d0"), "#e6c79a", "#8a6a50"),
    "sea-1": partial(sea, 2048, 1152, 2, "#46627c", "#e8b894", "#16303c"),
    "sea-2": partial(sea, 1440, 1800, 6, "#1f2c44", "#b06a5a", "#0f1a26", "#ffb080", 0.4),
    "sea-3": partial(sea, 1920, 1280, 14, "#8fa9b3", "#dfe2d8", "#47656b", "#fff6e4", 0.66),
}


def main(names):
    unknown = set(names) - set(PLATES)
    if unknown:
        sys.exit(f"no such plate: {', '.join(sorted(unknown))}; there are {', '.join(PLATES)}")
    for name in names or PLATES:
        picture = PLATES[name]()
        scale = math.sqrt(PIXELS / (picture.width * picture.height))
        size = (round(picture.width * scale), round(picture.height * scale))
        path = FOLDER / f"{name}.webp"
        picture.resize(size, Image.Resampling.LANCZOS).save(path, quality=92, method=6, use_sharp_yuv=True)
        print(path, size, path.stat().st_size, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
