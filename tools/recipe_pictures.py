"""Make the pictures of the studio's recipes: crops of the simulator's plates, and three drawn here. All our own.

python -m tools.recipe_pictures
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).resolve().parent.parent
PLATES = ROOT / "playground/simulator/plates"
FONT = ROOT / "playground/lettering/fonts/Archivo-SemiBold.ttf"
TARGET = ROOT / "playground/studio/recipes"
EDGE = 768
TIMES = 3  # drawn larger and scaled down, so that edges are smooth
# What is cut from a plate: name -> plate, and left, top, right, bottom as shares of it.
CROPS = {
    "bottle": ("bottles-1", (0.27, 0.02, 0.49, 0.86)),
    "arches": ("arch-1", (0, 0, 1, 1)),
    "still": ("still-c", (0, 0, 1, 1)),
    "dusk": ("ridge-4", (0, 0, 1, 1)),
    "shore": ("sea-1", (0, 0, 1, 1)),
    "vase": ("still-a", (0.08, 0.08, 0.6, 0.8)),
}


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    drawn = {"face": _face(), "mark": _mark(), "palette": _palette()}
    for name, (plate, box) in CROPS.items():
        drawn[name] = _crop(plate, box)
    for name, picture in drawn.items():
        picture.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
        picture.save(TARGET / f"{name}.webp", "WEBP", quality=82, method=6)
        print(f"{name}: {picture.width} x {picture.height}")


def _crop(plate: str, box: tuple[float, float, float, float]) -> Image.Image:
    with Image.open(PLATES / f"{plate}.webp") as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    return picture.crop(
        (int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height))
    )


def _canvas(width: int, height: int, colour: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width * TIMES, height * TIMES), colour)
    return picture, ImageDraw.Draw(picture)


def _scaled(*values: float) -> tuple[float, ...]:
    return tuple(value * TIMES for value in values)


def _face() -> Image.Image:
    """A person who does not exist: grey hair in a bun, round glasses, a red scarf."""
    picture, draw = _canvas(600, 750, "#b9c4c0")
    skin, shade, hair, scarf = "#d9a986", "#c28e69", "#8d8f94", "#a8321f"
    draw.ellipse(_scaled(250, 60, 350, 150), fill=hair)
    draw.ellipse(_scaled(150, 110, 450, 470), fill=hair)
    draw.polygon(_scaled(240, 440, 360, 440, 380, 620, 220, 620), fill=shade)
    draw.ellipse(_scaled(60, 590, 540, 1000), fill="#2e3d45")
    draw.ellipse(_scaled(175, 150, 425, 520), fill=skin)
    draw.pieslice(_scaled(165, 110, 435, 430), 185, 355, fill=hair)
    draw.polygon(_scaled(168, 265, 300, 200, 432, 265, 420, 225, 300, 165, 180, 225), fill=hair)
    for x in (235, 365):
        draw.ellipse(_scaled(x - 48, 290, x + 48, 386), outline="#23262a", width=7 * TIMES)
        draw.ellipse(_scaled(x - 20, 326, x + 20, 352), fill="#f4efe8")
        draw.ellipse(_scaled(x - 11, 327, x + 11, 349), fill="#3d5a4c")
        draw.arc(_scaled(x - 42, 262, x + 42, 320), 205, 335, fill="#6d6f74", width=8 * TIMES)
    draw.line(_scaled(283, 335, 317, 335), fill="#23262a", width=7 * TIMES)
    draw.line(_scaled(303, 345, 314, 405, 292, 410), fill=shade, width=6 * TIMES, joint="curve")
    draw.arc(_scaled(250, 400, 350, 468), 25, 155, fill="#8d4436", width=9 * TIMES)
    draw.rounded_rectangle(_scaled(205, 530, 395, 620), 40 * TIMES, fill=scarf)
    draw.polygon(_scaled(340, 590, 410, 590, 440, 750, 350, 750), fill="#8b2818")
    light = Image.new("L", picture.size, 0)
    ImageDraw.Draw(light).ellipse(_scaled(-200, -200, 330, 700), fill=46)
    light = light.filter(ImageFilter.GaussianBlur(120 * TIMES / 3))
    picture.paste("#fff3dc", (0, 0), light)
    return picture


def _mark() -> Image.Image:
    """The mark of a tea house that does not exist."""
    picture, draw = _canvas(640, 640, "#f6f1e7")
    green = "#1f4a3c"
    draw.ellipse(_scaled(170, 90, 470, 390), fill=green)
    draw.pieslice(_scaled(215, 130, 425, 400), 180, 360, fill="#f6f1e7")
    draw.polygon(_scaled(320, 145, 385, 265, 320, 330, 255, 265), fill="#d8a23a")
    font = ImageFont.truetype(str(FONT), 92 * TIMES)
    draw.text(_scaled(320, 480), "KOTORI", font=font, fill=green, anchor="mm")
    draw.text(
        _scaled(320, 560),
        "TEA HOUSE",
        font=ImageFont.truetype(str(FONT), 36 * TIMES),
        fill=green,
        anchor="mm",
    )
    return picture


def _palette() -> Image.Image:
    """Its five colours."""
    picture, draw = _canvas(750, 420, "#ffffff")
    for number, colour in enumerate(("#1f4a3c", "#5f8f7a", "#f6f1e7", "#d8a23a", "#a8321f")):
        draw.rectangle(_scaled(number * 150, 0, number * 150 + 150, 420), fill=colour)
    return picture


if __name__ == "__main__":
    main()
