"""POST /v1/images/generations: the good answers of each family."""

import base64
import re

import httpx
import pytest

from tests.simulator.conftest import bytes_of, picture_of

REVERSE = ("gpt-image-2-all", "gpt-image-2-vip")
EVERY_MODEL = (*REVERSE, "gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.5-all", "gpt-image-2.5-flare-vip")


@pytest.mark.parametrize("model", REVERSE)
def test_the_reverse_channels_answer_a_link_when_nothing_is_said(api, model):
    answer = api.draw(model).raise_for_status()
    (datum,) = answer.json()["data"]
    assert re.fullmatch(re.escape(api.running.base_url) + r"/r2cdn2/[0-9a-f-]{36}\.png", datum["url"])
    assert isinstance(answer.json()["created"], int)
    assert "b64_json" not in datum
    assert picture_of(answer, api.http).format == "PNG"


@pytest.mark.parametrize("model", REVERSE)
def test_the_reverse_channels_send_base64_with_a_data_url_prefix(api, model):
    (datum,) = api.draw(model, response_format="b64_json").json()["data"]
    assert datum["b64_json"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert "url" not in datum


def test_the_official_model_sends_raw_base64_and_says_what_it_drew(api):
    body = api.draw("gpt-image-2", size="1024x1024", quality="low").json()
    assert base64.b64decode(body["data"][0]["b64_json"], validate=True).startswith(b"\x89PNG")
    assert (body["size"], body["quality"], body["output_format"], body["background"]) == (
        "1024x1024",
        "low",
        "png",
        "opaque",
    )


def test_the_official_usage_has_the_tokens_of_the_formula(api):
    usage = api.draw("gpt-image-2", "a tea tin", size="2048x1152", quality="high").json()["usage"]
    assert usage["output_tokens"] == 5650
    assert usage["input_tokens_details"] == {"text_tokens": usage["input_tokens"], "image_tokens": 0}
    assert usage["total_tokens"] == usage["input_tokens"] + 5650


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_every_model_draws(api, model):
    assert (
        api.picture(model, response_format="b64_json").width
        if "image-2-" in model
        else api.picture(model).width
    )


@pytest.mark.parametrize(
    ("form", "magic"), [("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")]
)
def test_the_official_bytes_are_of_the_format_asked_for(api, form, magic):
    answer = api.draw("gpt-image-2", output_format=form, size="1024x1024", quality="low")
    assert bytes_of(answer, api.http).startswith(magic)
    assert answer.json()["output_format"] == form


def test_less_quality_makes_a_smaller_jpeg(api):
    def length(quality):
        options = {"output_format": "jpeg", "output_compression": quality, "size": "1024x1024"}
        return len(bytes_of(api.draw("gpt-image-2", "a dune [[sim: fast]]", **options), api.http))

    assert length(10) < length(95) / 3


@pytest.mark.parametrize(
    ("model", "name"),
    [("gpt-image-2-all", "request-id"), ("gpt-image-2-vip", "request-id"), ("gpt-image-2", "x-request-id")],
)
def test_each_family_has_its_own_request_id_header(api, model, name):
    other = {"request-id": "x-request-id", "x-request-id": "request-id"}[name]
    for answer in (api.draw(model), api.draw(model, quality="wrong")):
        assert len(answer.headers[name]) > 20
        assert other not in answer.headers


def test_the_same_prompt_gives_another_picture_each_time(api):
    prompt = "a dune at noon [[sim: fast]]"
    one, two = (bytes_of(api.draw("gpt-image-2-all", prompt), api.http) for _ in range(2))
    assert one != two


def test_a_link_gives_the_same_bytes_again(api):
    link = api.draw("gpt-image-2-all", "a sea").json()["data"][0]["url"]
    assert httpx.get(link).content == httpx.get(link).content
