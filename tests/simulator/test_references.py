"""Pictures sent along on edits: all of them are seen in the result, numbered and in order; one of them is changed."""

import pytest
from PIL import Image

from playground.simulator import composing
from playground.simulator.naming import place_of_changed
from playground.simulator.orders import Order, Source
from tests.simulator.conftest import encoded, gradient, picture_of, plain

EDITS = "/v1/images/edits"
COLOURS = ((200, 40, 40), (40, 180, 60), (40, 60, 200), (220, 200, 40), (160, 40, 180))


def edit(api, model, pictures, prompt, **fields):
    files = [("image[]", (f"{n}.png", data, "image/png")) for n, data in enumerate(pictures)]
    return api.http.post(EDITS, data={"model": model, "prompt": prompt, **fields}, files=files)


def shown_in_row(result, count):
    """The colours in the middle of the numbered pictures, first to last."""
    order = Order("", "", result.width, result.height, 0, sources=(Source(),) * count)
    boxes = composing.tiles(order)
    return [
        result.convert("RGB").getpixel(((left + right) // 2, (top + bottom) // 2))
        for left, top, right, bottom in boxes
    ]


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"])
def test_every_picture_is_seen_in_the_order_in_which_it_came(api, model):
    result = picture_of(edit(api, model, [plain(one) for one in COLOURS], "a fusion of all"), api.http)
    assert shown_in_row(result, len(COLOURS)) == list(COLOURS)
    backwards = picture_of(
        edit(api, model, [plain(one) for one in COLOURS[::-1]], "a fusion of all"), api.http
    )
    assert shown_in_row(backwards, len(COLOURS)) == list(COLOURS[::-1])


@pytest.mark.parametrize(
    ("count", "size"), [(2, "1280x544"), (8, "1024x1024"), (9, "2048x1152"), (16, "1024x1536")]
)
def test_the_row_has_room_for_up_to_sixteen(api, count, size):
    colours = [(10 + 14 * n, 250 - 14 * n, 120) for n in range(count)]
    answer = edit(
        api, "gpt-image-2", [plain(one, 64, 64) for one in colours], "all", size=size, quality="low"
    )
    result = picture_of(answer, api.http)
    assert shown_in_row(result, count) == colours


def test_the_number_of_each_picture_can_be_read(api):
    """The badges of 1 and 2 are drawn on the same ground and differ."""
    result = picture_of(edit(api, "gpt-image-2-all", [plain((90, 90, 90))] * 3, "join"), api.http).convert(
        "RGB"
    )
    order = Order("", "", result.width, result.height, 0, sources=(Source(),) * 3)
    badges = []
    for left, top, right, _ in composing.tiles(order)[1:]:
        side = round((right - left) * 0.24)
        badges.append(result.crop((left, top, left + side, top + side)).tobytes())
    assert badges[0] != badges[1]


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
def test_shape_and_ground_are_those_of_the_picture_that_is_changed(api, model):
    wide, tall = plain(COLOURS[0], 1600, 800), plain(COLOURS[1], 800, 1600)
    for prompt, ratio, ground in (("modify image 1", 2.0, 0), ("modify image 2", 0.5, 1)):
        result = picture_of(edit(api, model, [wide, tall], prompt), api.http).convert("RGB")
        assert result.width / result.height == pytest.approx(ratio, rel=0.02)
        main = result.getpixel((result.width // 2, result.height // 5))
        assert max(range(3), key=main.__getitem__) == max(range(3), key=COLOURS[ground].__getitem__)


def test_one_picture_fills_the_result_changed_but_known_again(api):
    first = gradient(1024, 1024)
    answer = edit(api, "gpt-image-2", [encoded(first)], "make it mirrored", size="1024x1024", quality="low")
    result = picture_of(answer, api.http).convert("RGB")
    assert result.getpixel((100, 300)) == first.getpixel((923, 300))
    assert result.getpixel((100, 300)) != first.getpixel((100, 300))


def test_a_plain_wish_changes_the_picture_too(api):
    first = gradient(1024, 1024)
    result = picture_of(edit(api, "gpt-image-2", [encoded(first)], "qwxyz", size="1024x1024"), api.http)
    assert result.convert("RGB").getpixel((200, 200)) != first.getpixel((200, 200))


def test_a_transparent_reference_lies_on_white(api):
    ghost = Image.new("RGBA", (800, 800), (255, 0, 0, 0))
    result = picture_of(edit(api, "gpt-image-2-all", [encoded(ghost), plain(COLOURS[0])], "join"), api.http)
    assert shown_in_row(result, 2)[0] == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_pictures_of_every_mode_are_drawn_from(api, mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    sent = encoded(Image.new(mode, (300, 200)), form)
    assert edit(api, "gpt-image-2-all", [sent, plain(COLOURS[0])], "join").status_code == 200


def test_a_picture_that_breaks_off_is_refused_and_free(api):
    answer = edit(api, "gpt-image-2-all", [encoded(gradient(900, 900))[:5000]], "evening")
    assert answer.json()["error"]["code"] == "invalid_image_file"
    assert api.running.calls()["billed"] == 0


def test_transparent_edits_are_cut_out(api):
    answer = edit(
        api,
        "gpt-image-2.5-sunburst",
        [plain(COLOURS[0])],
        "the cup",
        background="transparent",
        size="1024x1024",
    )
    result = picture_of(answer, api.http)
    assert (result.mode, result.getpixel((0, 0))[3], result.getpixel((512, 512))[3]) == ("RGBA", 0, 255)


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("evening", 1),
        ("modify image 2, take the cup of image 1", 2),
        ("Put the cup of image 1 on the table of image 2", 2),
        ("replace the sky of image 3 with that of image 1", 3),
        ("take image 1 and change the second picture", 2),
        ("Place the product of image 1 into the scene from image 2", 2),
        ("修改图2", 2),
        ("把图1的杯子放到图2的桌上", 2),
        ("将第二张图变成夜晚", 2),
        ("把图3变成黑白", 3),
        ("modify image 9", 1),
        ("in the style of picture #2, repaint image 1", 1),
        ("2 images", 1),
    ],
)
def test_the_prompt_names_the_picture_to_change(prompt, number):
    assert place_of_changed(prompt, 3) == number - 1
