"""POST /v1/images/edits: the form, the pictures, the mask, and the shape of what comes."""

import io

import pytest
from PIL import Image

from tests.simulator.conftest import picture_of, speaking

EDITS = "/v1/images/edits"
PLAIN = " [[sim: plain]]"


def picture(width=900, height=600, mode="RGB", form="PNG"):
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [Image.new(mode, (width, height))]} if form == "MPO" else {}
    Image.new(mode, (width, height)).save(out, form, **more)
    return out.getvalue()


def edit(api, model, prompt="make it evening", pictures=None, mask=None, field="image[]", **fields):
    pictures = [picture()] if pictures is None else pictures
    files = [(field, (f"{n}.png", data, "image/png")) for n, data in enumerate(pictures)]
    files += [("mask", ("mask.png", mask, "image/png"))] if mask else []
    data = {"model": model, "prompt": prompt + PLAIN, **fields}
    return api.http.post(EDITS, data=data, files=files or {"nothing": ("", b"")})


def refused(answer):
    assert answer.status_code == 400, answer.text[:300]
    return answer.json()["error"]


@pytest.mark.parametrize("field", ["image[]", "image"])
@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"])
def test_every_family_edits(api, model, field):
    answer = edit(api, model, field=field)
    assert picture_of(answer, api.http).format == "PNG"
    call = api.running.calls()["calls"][-1]
    assert (call["references"], call["endpoint"], call["billed"]) == (1, "edits", True)


def test_input_pictures_are_tokens_on_the_official_model(api):
    usage = edit(
        api, "gpt-image-2", pictures=[picture(1024, 1024)] * 2, size="1024x1024", quality="low"
    ).json()["usage"]
    assert usage["input_tokens_details"]["image_tokens"] == 2048
    assert usage["output_tokens"] == 196


@pytest.mark.parametrize(
    ("prompt", "ratio"),
    [("evening", 1.5), ("modify image 2, take the cup of image 1", 0.5), ("修改图2", 0.5)],
)
def test_all_keeps_the_shape_of_the_picture_that_is_changed(api, prompt, ratio):
    answer = edit(api, "gpt-image-2-all", prompt, pictures=[picture(900, 600), picture(400, 800)])
    found = picture_of(answer, api.http)
    assert found.width / found.height == pytest.approx(ratio, rel=0.01)


def test_vip_takes_a_size_of_its_list_or_keeps_the_pictures(api):
    assert picture_of(edit(api, "gpt-image-2-vip", size="1280x720"), api.http).size == (1280, 720)
    found = picture_of(edit(api, "gpt-image-2-vip", pictures=[picture(1600, 1200)]), api.http)
    assert found.size == (1600, 1200)


def test_the_official_form_values_are_text(api):
    answer = edit(api, "gpt-image-2", output_format="jpeg", output_compression="50", n="1")
    assert picture_of(answer, api.http).format == "JPEG"
    assert refused(edit(api, "gpt-image-2", output_compression="x"))["param"] == "output_compression"


@pytest.mark.parametrize("field", ["moderation", "response_format", "style", "seed"])
def test_the_official_model_refuses_on_edits(api, field):
    assert refused(edit(api, "gpt-image-2", **{field: "low"}))["code"] == "unknown_parameter"


def test_sixteen_pictures_are_the_most(api):
    assert edit(api, "gpt-image-2", pictures=[picture(64, 64)] * 16).status_code == 200
    assert refused(edit(api, "gpt-image-2", pictures=[picture(64, 64)] * 17))["message"] == (
        "Too many input images: 17 (maximum 16)."
    )
    assert refused(edit(api, "gpt-image-2", pictures=[]))["param"] == "image"


@pytest.mark.parametrize("data", [b"no picture", picture(form="GIF"), picture(form="MPO"), b""])
def test_other_files_are_no_pictures(api, data):
    assert refused(edit(api, "gpt-image-2", pictures=[data]))["code"] == "invalid_image_file"


def test_a_file_over_the_limit_is_refused(api):
    heavy = picture(64, 64) + b"\0" * 10_000_001
    assert "10 MB" in refused(edit(api, "gpt-image-2-all", pictures=[heavy]))["message"]


def test_a_mask_is_png_with_alpha_of_the_first_pictures_size(api):
    assert edit(api, "gpt-image-2", mask=picture(mode="RGBA")).status_code == 200
    assert refused(edit(api, "gpt-image-2", mask=picture()))["code"] == "invalid_image_file"
    assert (
        "same dimensions" in refused(edit(api, "gpt-image-2", mask=picture(600, 600, mode="RGBA")))["message"]
    )
    heavy = picture(mode="RGBA") + b"\0" * 4_000_000
    assert "4 MB" in refused(edit(api, "gpt-image-2", mask=heavy))["message"]


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
def test_the_reverse_channels_know_no_mask(api, model):
    assert "mask" in refused(edit(api, model, mask=picture(mode="RGBA")))["message"]


def test_newer_vip_takes_a_mask_and_redraws_all():
    with speaking(quirks=("vip-ignores-mask",)) as api:
        assert edit(api, "gpt-image-2-vip", mask=picture()).status_code == 200


def test_json_is_no_form(api):
    answer = api.http.post(EDITS, json={"model": "gpt-image-2", "prompt": "x"})
    assert "multipart/form-data" in refused(answer)["message"]
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(api.http.post(EDITS, content=b"nothing of the kind", headers=broken))
    refused(api.http.post(EDITS, content=b"x", headers={"Content-Type": "multipart/form-data"}))
