"""The numbers of pictures in a prompt: found, missed, and led along when the order changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import (
    followed_picture,
    has_lost_name,
    missing_pictures,
    named_pictures,
    picture_name,
    renumber,
    write_notes,
)


@pytest.mark.parametrize(
    ("prompt", "numbers"),
    [
        ("Put the cup of image 1 on the table of image 2", (1, 2)),
        ("Images 1 and 3, in the style of picture #2", (1, 2, 3)),
        ("Use images 1, 2, and 4", (1, 2, 4)),
        ("Blend images 2-4", (2, 3, 4)),
        ("IMAGE 12 and image12", (12,)),
        ("把图1的杯子放到图 2的桌上，参考图3", (1, 2, 3)),
        ("图1和图2融合", (1, 2)),
        ("图1、2、3", (1, 2, 3)),
        ("第2张图的颜色，第三张图片的构图", (2, 3)),
        ("图一和图十二", (1, 12)),
        ("A tea tin", ()),
        ("An image 16:9, photo 35mm, picture 4K, image 50% larger, image 1024x768, picture 2.5", ()),
        ("image 1, 2 cups", (1,)),
        ("图1和2个杯子，图三个人", (1,)),
        ("imagine 2 people, an imagery 3", ()),
        ("image 0 and image 007", ()),
    ],
)
def test_the_pictures_that_a_prompt_names(prompt, numbers):
    assert named_pictures(prompt) == numbers


def test_a_picture_that_is_named_and_not_there():
    assert missing_pictures("image 2 next to image 4, then 图5", 3) == (4, 5)
    assert missing_pictures("image 1", 0) == (1,)
    assert missing_pictures("image 1", 1) == ()


@pytest.mark.parametrize(
    ("prompt", "moved", "after"),
    [
        ("image 1 on image 2", {1: 2, 2: 1}, "image 2 on image 1"),
        ("Image 3, image 1", {1: 2, 2: 3, 3: 1}, "Image 1, image 2"),
        ("images 1, 2 and 3", {1: 3, 3: 1}, "images 3, 2 and 1"),
        ("images 1-3", {1: 2, 2: 3, 3: 1}, "images 2, 3, 1"),
        ("images 1-3", {4: 5}, "images 1-3"),
        ("图1放到图2上", {1: 2, 2: 1}, "图2放到图1上"),
        ("第一张图", {1: 2}, "第2张图"),
        ("16:9, image 1, 1 cup", {1: 2}, "16:9, image 2, 1 cup"),
        ("image 2 and image 3", {2: None, 3: 2}, "image ? and image 2"),
        ("image 9", {1: 2}, "image 9"),
    ],
)
def test_numbers_follow_their_pictures(prompt, moved, after):
    assert renumber(prompt, moved) == after


def test_a_name_that_lost_its_picture_is_noticed():
    assert has_lost_name(renumber("image 2 and 图3", {2: None}))
    assert not has_lost_name("What is in image 2?")


@given(st.permutations(range(1, 17)), st.text(alphabet="ab ,图image0123456789-和第张一二十\n", max_size=60))
def test_there_and_back_is_where_it_was(order, prompt):
    there = dict(zip(range(1, 17), order, strict=True))
    back = {new: old for old, new in there.items()}
    once = renumber(prompt, there)
    assert sorted(there.get(number, number) for number in named_pictures(prompt)) == list(
        named_pictures(once)
    )
    assert named_pictures(renumber(once, back)) == named_pictures(prompt)


@given(st.text(max_size=200))
def test_any_text_can_be_read(prompt):
    assert renumber(prompt, {}) == prompt
    assert followed_picture(prompt, 3) in (None, 1, 2, 3)


@pytest.mark.parametrize(
    ("prompt", "count", "number"),
    [
        ("A cup", 1, 1), ("A cup", 0, None), ("A cup and a table", 2, None),
        ("Modify image 2: add the cup of image 1", 2, 2), ("Change the image 1 so that it looks like image 2", 2, 1),
        ("Put the cup of image 1 on image 2", 2, 2), ("修改图2，加上图1的杯子", 2, 2), ("把杯子放到图2", 2, 2),
        ("Combine image 1 and image 2", 2, None), ("Modify image 7", 2, None),
    ],
)  # fmt: skip
def test_whose_shape_the_answer_takes(prompt, count, number):
    assert followed_picture(prompt, count) == number


def test_a_picture_is_named_in_the_language_of_the_prompt():
    assert picture_name(3, "A cup") == "image 3"
    assert picture_name(3, "一个杯子") == "图3"


class TestNotes:
    def test_become_one_sentence_before_the_prompt(self):
        assert write_notes("Make a poster", ["the bottle", "", "colour style"]) == (
            "Image 1: the bottle, image 3: colour style.\nMake a poster"
        )

    def test_in_chinese(self):
        assert write_notes("做一张海报", ["瓶子", "配色"]) == "图1：瓶子，图2：配色。\n做一张海报"

    def test_replace_what_was_written_before(self):
        once = write_notes("Make a poster", ["the bottle"])
        assert write_notes(once, ["the jar"]) == "Image 1: the jar.\nMake a poster"
        assert write_notes(once, [""]) == "Make a poster"

    def test_are_names_that_can_be_found_again(self):
        assert named_pictures(write_notes("Make a poster", ["the bottle", "colour style"])) == (1, 2)
