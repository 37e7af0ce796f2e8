"""A mask on edits: what is open changes, what is closed stays to the last pixel."""

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from tests.simulator.conftest import encoded, gradient, picture_of, plain

EDITS = "/v1/images/edits"
BOX = (300, 200, 700, 620)


def mask(width=1024, height=1024, box=BOX, between=None):
    """Closed everywhere (alpha 255) but in the box."""
    alpha = Image.new("L", (width, height), 255)
    ImageDraw.Draw(alpha).rectangle(box, fill=0)
    if between:
        ImageDraw.Draw(alpha).rectangle(between, fill=128)
    painted = Image.new("RGB", (width, height), (255, 255, 255))
    painted.putalpha(alpha)
    return painted


def edit(api, first, mask_picture, *more, prompt="swap the vase for tulips", **fields):
    files = [("image[]", (f"{n}.png", data, "image/png")) for n, data in enumerate((first, *more))]
    files.append(("mask", ("mask.png", encoded(mask_picture), "image/png")))
    return api.http.post(
        EDITS, data={"model": "gpt-image-2", "prompt": prompt, "quality": "low", **fields}, files=files
    )


def difference(one, other):
    return ImageChops.difference(one.convert("RGB"), other.convert("RGB"))


def outside(picture):
    """The picture with the box blackened."""
    kept = picture.copy()
    ImageDraw.Draw(kept).rectangle(BOX, fill=(0, 0, 0))
    return kept


@pytest.mark.parametrize("fields", [{"size": "1024x1024"}, {}, {"size": "auto", "output_format": "png"}])
def test_only_what_is_open_changes(api, fields):
    first = gradient(1024, 1024)
    result = picture_of(edit(api, encoded(first), mask(), **fields), api.http)
    assert result.size == first.size
    apart = difference(first, result)
    assert outside(apart).getbbox() is None
    assert ImageStat.Stat(apart.crop(BOX).convert("L")).mean[0] > 30


def test_every_open_part_changes_also_on_a_picture_of_the_simulators_own(api):
    first = api.picture("gpt-image-2", "a vase [[sim: fast]]", size="1024x1024", quality="low")
    result = picture_of(edit(api, encoded(first), mask(), prompt="a vase"), api.http)
    assert ImageStat.Stat(difference(first, result).crop(BOX).convert("L")).mean[0] > 30


def test_what_counts_is_alpha_not_colour(api):
    first = gradient(1024, 1024)
    alpha = mask().getchannel("A")
    white_where_closed = Image.merge("RGBA", (*[ImageChops.invert(alpha)] * 3, alpha))
    result = picture_of(edit(api, encoded(first), white_where_closed), api.http)
    assert outside(difference(first, result)).getbbox() is None


def test_alpha_in_between_blends(api):
    first = Image.new("RGB", (1024, 1024), (0, 0, 0))
    between = (0, 700, 1023, 1023)
    result = picture_of(edit(api, encoded(first), mask(between=between), prompt="a dune"), api.http)
    mean = ImageStat.Stat(result.crop(between).convert("L")).mean[0]
    assert 0 < mean < 200


def test_a_closed_mask_changes_nothing(api):
    first = gradient(1024, 1024)
    closed = Image.new("RGBA", (1024, 1024), (0, 0, 0, 255))
    result = picture_of(edit(api, encoded(first), closed), api.http)
    assert difference(first, result).getbbox() is None


def test_an_open_mask_changes_all(api):
    first = gradient(1024, 1024)
    result = picture_of(edit(api, encoded(first), Image.new("RGBA", (1024, 1024))), api.http)
    assert ImageStat.Stat(difference(first, result).convert("L")).mean[0] > 30


def test_another_size_scales_picture_and_mask_alike(api):
    first = gradient(1024, 1024)
    result = picture_of(edit(api, encoded(first), mask(), size="1536x1536"), api.http)
    assert result.size == (1536, 1536)
    apart = difference(first.resize((1536, 1536), Image.Resampling.BICUBIC), result).convert("L")
    assert ImageStat.Stat(apart.crop((480, 330, 1020, 900))).mean[0] > 30
    assert ImageStat.Stat(apart.crop((0, 0, 1536, 280))).mean[0] < 1


def test_a_picture_of_no_legal_size_comes_in_the_nearest_preset(api):
    first = encoded(gradient(600, 400))
    result = picture_of(edit(api, first, mask(600, 400, (100, 100, 300, 300))), api.http)
    assert result.size == (1536, 1024)


def test_the_mask_is_for_the_first_picture_whatever_the_prompt_names(api):
    first, second = gradient(1024, 1024), plain((200, 30, 30), 1024, 1024)
    prompt = "modify image 2"
    result = picture_of(edit(api, encoded(first), mask(), second, prompt=prompt), api.http)
    assert outside(difference(first, result)).getbbox() is None
    assert result.convert("RGB").getpixel((310, 210)) == (200, 30, 30)


def test_a_palette_mask_with_transparency_is_one(api):
    first = gradient(1024, 1024)
    answer = edit(api, encoded(first), mask().quantize())
    assert answer.status_code == 200
    assert outside(difference(first, picture_of(answer, api.http))).getbbox() is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: mask().convert("RGB"), "missing alpha"),
        (lambda: mask().convert("L"), "missing alpha"),
        (lambda: mask(1024, 1008), "same dimensions"),
    ],
)
def test_a_mask_that_breaks_a_rule_is_refused_and_free(api, broken, words):
    answer = edit(api, encoded(gradient(1024, 1024)), broken())
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert api.running.calls()["billed"] == 0


def test_a_mask_that_is_a_jpeg_is_refused(api):
    files = [
        ("image[]", ("a.png", plain("red"), "image/png")),
        ("mask", ("m.jpg", plain("red", form="JPEG"), "image/jpeg")),
    ]
    answer = api.http.post(EDITS, data={"model": "gpt-image-2", "prompt": "x"}, files=files)
    assert answer.json()["error"]["code"] == "invalid_image_file"


def test_a_mask_without_a_picture_is_refused(api):
    files = [("mask", ("mask.png", encoded(mask()), "image/png"))]
    answer = api.http.post(EDITS, data={"model": "gpt-image-2", "prompt": "x"}, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "image")


@pytest.mark.parametrize("data", [encoded(mask())[:900], b"no picture"])
def test_a_broken_mask_is_refused(api, data):
    files = [
        ("image[]", ("a.png", plain("red", 1024, 1024), "image/png")),
        ("mask", ("mask.png", data, "image/png")),
    ]
    answer = api.http.post(EDITS, data={"model": "gpt-image-2", "prompt": "x"}, files=files)
    assert answer.json()["error"]["code"] == "invalid_image_file"


def test_the_file_says_simulated_where_the_picture_must_not(api):
    closed = Image.new("RGBA", (1024, 1024), (0, 0, 0, 255))
    result = picture_of(edit(api, encoded(gradient(1024, 1024)), closed), api.http)
    result.load()
    assert "SIMULATED" in result.text["Comment"]
