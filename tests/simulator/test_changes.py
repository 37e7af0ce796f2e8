"""What words do to a picture."""

from random import Random

import pytest
from PIL import Image, ImageChops, ImageStat

from playground.simulator import changes
from tests.simulator.conftest import gradient


def changed(words, picture=None):
    return changes.apply(picture or gradient(320, 240), words, Random(1))


def lightness(picture):
    return ImageStat.Stat(picture.convert("L")).mean[0]


@pytest.mark.parametrize("name", [*changes.CHANGES, "something that nobody knows"])
def test_every_change_is_seen_and_keeps_the_size(name):
    before = gradient(320, 240).point([value * 8 % 256 for value in range(256)] * 3)
    words = f"make it {name}"
    after = changed(words, before)
    assert (after.size, after.mode) == (before.size, "RGB")
    assert ImageStat.Stat(ImageChops.difference(before, after).convert("L")).mean[0] > 3
    assert changed(words, before).tobytes() == after.tobytes()


def test_night_is_darker_and_snow_is_lighter():
    middle = Image.new("RGB", (320, 240), (120, 120, 120))
    assert lightness(changed("now at night", middle)) < 60
    assert lightness(changed("now in snow", middle)) > 140


def test_black_and_white_has_no_colour():
    red, green, blue = changed("in black and white, please").split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_warmer_and_colder_move_red_against_blue():
    def warmth(words):
        red, _, blue = ImageStat.Stat(changed(words, Image.new("RGB", (64, 64), (120, 120, 120)))).mean
        return red - blue

    assert warmth("warmer") > 30
    assert warmth("colder") < -30


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("rainy, same building", ("rain",)),
        ("a rainy night", ("rain", "night")),
        ("现在是雨夜", ("rain", "night")),
        ("the red cup on the table", ()),
        ("make the cup red", ("red",)),
        ("train at the brainy station", ()),
        ("knight", ()),
    ],
)
def test_words_are_understood_whole(words, names):
    assert changes.named(words) == names
