"""The pictures themselves: exact pixels, the words on them, natural colours, and what they cost to make."""

import io
import time

import pytest
from PIL import Image, ImageStat

from playground import lettering
from playground.simulator import drawing, plates
from playground.simulator.drawing import Order


def order(words="a paper boat on a rainy street", width=640, height=480, seed=1, **changes):
    return Order(words, changes.pop("model", "gpt-image-2"), width, height, seed, **changes)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(
    ("width", "height"),
    [(3840, 1632), (720, 1280), (1254, 1254), (480, 1408), (1408, 480), (64, 64), (16, 48)],
)
def test_a_picture_has_exactly_the_pixels_ordered(form, width, height):
    found = Image.open(io.BytesIO(drawing.draw(order(width=width, height=height, format=form))))
    assert found.size == (width, height)
    assert found.format == {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}[form]


def test_the_same_order_gives_the_same_bytes():
    assert drawing.draw(order()) == drawing.draw(order())


@pytest.mark.parametrize(
    "changes", [{"seed": 2}, {"model": "gpt-image-2-vip"}, {"words": "a paper ship on a rainy street"}]
)
def test_pictures_differ_by_seed_model_and_words(changes):
    assert drawing.draw(order()) != drawing.draw(order(**changes))


def test_a_transparent_picture_has_nothing_at_its_corners():
    found = drawing.compose(order(transparent=True))
    assert found.getpixel((0, 0))[3] == 0
    assert found.getpixel((320, 240))[3] == 255


@pytest.mark.parametrize("seed", range(12))
def test_pictures_are_neither_black_nor_burnt(seed):
    mean = ImageStat.Stat(drawing.compose(order(seed=seed)).convert("L")).mean[0]
    assert 25 < mean < 235


def test_the_words_choose_the_scene():
    assert plates.scene_of("a boat at sea") == "sea"
    assert plates.scene_of("雾中的山") == "ridge"
    assert plates.scene_of("qwxyz") == plates.scene_of("QWXYZ")


def test_every_scene_has_plates_and_all_are_small():
    assert set(plates.SCENES) == set(plates.plates())
    files = list(plates.FOLDER.glob("*.webp"))
    assert len(files) >= 20
    assert sum(file.stat().st_size for file in files) < 1_200_000


@pytest.mark.parametrize(
    "words", ["tea", "a " * 4000, "x" * 500, "雾中的山谷" * 60, "🚴🏽 ride", "עברית", "", "\u0000\u200b"]
)
def test_any_words_fit_their_box(words):
    block = lettering.fit(words, 500, 200, largest=60, smallest=14)
    assert block.width <= 500 or len(block.lines) == 1
    assert block.height <= 200


def test_letters_that_no_font_has_are_left_out():
    _, words = lettering.readable("boat \U000f1234 at sea")
    assert words == "boat at sea"


def test_lines_are_of_nearly_one_length():
    block = lettering.fit("one two three four five six seven eight", 400, 300, largest=60, smallest=20)
    lengths = [block.face.at(block.size).getlength(line) for line in block.lines]
    assert min(lengths) > 0.5 * max(lengths)


def test_another_seed_makes_another_file_of_the_same_picture():
    for form in ("png", "jpeg"):
        encoded = drawing.draw(order(format=form))
        again = drawing.tagged(encoded, 7)
        assert again != encoded
        assert Image.open(io.BytesIO(again)).tobytes() == Image.open(io.BytesIO(encoded)).tobytes()


@pytest.mark.parametrize(("width", "height", "seconds"), [(1254, 1254, 0.6), (3840, 2160, 2.0)])
def test_drawing_costs_little_of_the_processor(width, height, seconds):
    """Loose bounds, for busy machines: usually a fifth of them."""
    drawing.draw(order(width=width, height=height))
    started = time.thread_time()
    drawing.draw(order(width=width, height=height, seed=2))
    assert time.thread_time() - started < seconds
