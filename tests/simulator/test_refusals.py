"""What the gateway refuses, with which words: every row of the contract for POST /v1/images/generations."""

import json
from pathlib import Path

import httpx
import pytest

from tests.simulator.conftest import GENERATIONS, speaking

REVERSE = ("gpt-image-2-all", "gpt-image-2-vip")
ALL_THREE = (*REVERSE, "gpt-image-2")
VECTORS = json.loads((Path(__file__).parents[1] / "catalog" / "vectors.json").read_text("utf-8"))


def error_of(answer: httpx.Response, status: int = 400) -> dict:
    assert answer.status_code == status, answer.text[:300]
    body = answer.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"message", "type", "param", "code"}
    return body["error"]


# -all


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", "1024x1024"),
        ("size", "auto"),
        ("quality", "high"),
        ("n", 1),
        ("aspect_ratio", "16:9"),
        ("stream", True),
        ("output_format", "png"),
        ("background", "opaque"),
        ("moderation", "low"),
        ("seed", 7),
        ("style", "vivid"),
        ("user", "me"),
        ("input_fidelity", "high"),
        ("nonsense", None),
    ],
)
def test_all_refuses_every_field_but_three(api, field, value):
    error = error_of(api.draw("gpt-image-2-all", **{field: value}))
    assert field in error["message"]
    assert "validation" in error["message"]


@pytest.mark.parametrize(
    "field", ["quality", "n", "aspect_ratio", "stream", "background", "output_format", "seed"]
)
def test_vip_refuses_what_its_founding_page_refuses(api, field):
    value = {"n": 3, "stream": True}.get(field, "high")
    assert field in error_of(api.draw("gpt-image-2-vip", **{field: value}))["message"]


@pytest.mark.parametrize("size", [row["size"] for row in VECTORS["vip_size_other"] if row["size"] != "auto"])
def test_vip_refuses_sizes_off_its_list(api, size):
    assert "size" in error_of(api.draw("gpt-image-2-vip", size=size))["message"]


@pytest.mark.parametrize("model", REVERSE)
def test_a_response_format_is_url_or_b64_json(api, model):
    assert "response_format" in error_of(api.draw(model, response_format="png"))["message"]


# Official


@pytest.mark.parametrize("size", [row["size"] for row in VECTORS["official_size_invalid"]])
def test_the_official_model_refuses_illegal_sizes(api, size):
    error = error_of(api.draw("gpt-image-2", size=size))
    assert error["message"].startswith(f"Invalid size '{size}'.")
    assert (error["type"], error["param"], error["code"]) == (
        "image_generation_user_error",
        "size",
        "invalid_value",
    )


@pytest.mark.parametrize("size", ["1792x936", "1000x1000", "3200x1800", "1080x1920"])
def test_a_side_off_the_step_gets_the_published_sentence(api, size):
    published = f"Invalid size '{size}'. Width and height must both be divisible by 16."
    assert error_of(api.draw("gpt-image-2", size=size))["message"] == published


PUBLISHED = {
    "response_format": (
        "b64_json",
        {
            "message": "Unknown parameter: 'response_format'.",
            "type": "invalid_request_error",
            "param": "response_format",
            "code": "unknown_parameter",
        },
    ),
    "background": (
        "transparent",
        {
            "message": "Transparent background is not supported for this model.",
            "type": "image_generation_user_error",
            "param": "background",
            "code": "invalid_value",
        },
    ),
    "input_fidelity": (
        "high",
        {
            "message": "The parameter input_fidelity is not supported for this model.",
            "type": "invalid_request_error",
            "param": "input_fidelity",
            "code": None,
        },
    ),
}


@pytest.mark.parametrize("field", PUBLISHED)
def test_the_official_model_refuses_in_the_published_words(api, field):
    value, expected = PUBLISHED[field]
    assert error_of(api.draw("gpt-image-2", **{field: value})) == expected


@pytest.mark.parametrize("field", ["style", "aspect_ratio", "seed", "temperature", "image", "nonsense"])
def test_the_official_model_knows_no_other_parameter(api, field):
    error = error_of(api.draw("gpt-image-2", **{field: "x"}))
    assert (error["param"], error["code"]) == (field, "unknown_parameter")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quality", "xhigh"),
        ("quality", "max"),
        ("quality", "hd"),
        ("output_format", "gif"),
        ("background", "white"),
        ("moderation", "off"),
        ("output_compression", 101),
        ("output_compression", -1),
        ("n", 2),
        ("n", 0),
        ("partial_images", 4),
    ],
)
def test_the_official_model_refuses_values_out_of_its_range(api, field, value):
    beside = {"output_format": "jpeg"} if field == "output_compression" else {}
    error = error_of(api.draw("gpt-image-2", **beside, **{field: value}))
    assert error["param"] == field
    assert str(value).lstrip("-") in error["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 1024),
        ("size", ["1024x1024"]),
        ("quality", 1),
        ("output_compression", "85"),
        ("output_compression", True),
        ("output_compression", 1.5),
        ("n", "1"),
        ("stream", "true"),
        ("user", {}),
    ],
)
def test_the_official_model_refuses_wrong_types(api, field, value):
    error = error_of(api.draw("gpt-image-2", **{field: value}))
    assert (error["param"], error["code"]) == (field, "invalid_type")


def test_compression_is_for_formats_that_lose(api):
    assert error_of(api.draw("gpt-image-2", output_compression=50))["param"] == "output_compression"
    assert api.draw("gpt-image-2", output_compression=100).status_code == 200


def test_null_counts_as_left_out_on_the_official_model(api):
    assert api.draw("gpt-image-2", size=None, quality=None, n=None).status_code == 200


def test_newer_official_models_take_what_they_document(api):
    newer = "gpt-image-2.5-flare"
    assert (
        api.draw(newer, quality="max", background="transparent", size="1024x1024").json()["quality"] == "max"
    )
    refused = error_of(api.draw(newer, background="transparent", output_format="jpeg"))
    assert refused["message"] == "Transparent background is not supported for JPEG output format."


# Every model


@pytest.mark.parametrize("model", ALL_THREE)
@pytest.mark.parametrize("prompt", ["", "  \n", "x" * 32_001, "a\0b", 7, None, ["a"], "\ud800"])
def test_a_prompt_is_text_of_1_to_32000_characters(api, model, prompt):
    body = json.dumps({"model": model, "prompt": prompt})
    answer = api.http.post(GENERATIONS, content=body, headers={"Content-Type": "application/json"})
    assert error_of(answer)["param"] == "prompt"


def test_32000_characters_of_any_script_are_taken(api):
    assert (
        api.draw("gpt-image-2", "山" * (32_000 - len("[[sim: plain]]")) + "[[sim: plain]]").status_code == 200
    )


@pytest.mark.parametrize("body", [{"prompt": "x"}, {"model": "gpt-image-2"}, {}])
def test_model_and_prompt_are_required(api, body):
    error = error_of(api.http.post(GENERATIONS, json=body))
    assert error["code"] == "missing_required_parameter"
    assert error["param"] in ("model", "prompt")


@pytest.mark.parametrize("model", ["gpt-image-99", "", "GPT-IMAGE-2", "gpt-image-2 "])
def test_an_unknown_model_is_an_invalid_value(api, model):
    error = error_of(api.draw(model))
    assert (error["param"], error["code"]) == ("model", "invalid_value")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b'{"model": NaN}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused(api, body):
    error_of(api.http.post(GENERATIONS, content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_content_type_is_refused(api, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    error = error_of(api.http.post(GENERATIONS, content=b'{"model": "gpt-image-2"}', headers=headers))
    assert "application/json" in error["message"]


def test_a_charset_in_the_content_type_is_fine(api):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps({"model": "gpt-image-2", "prompt": "x [[sim: plain]]"})
    assert api.http.post(GENERATIONS, content=body, headers=headers).status_code == 200


def test_a_huge_body_gets_an_html_413():
    with speaking(max_body_megabytes=0.1) as speaker:
        answer = speaker.draw("gpt-image-2", "x" * 200_000)
    assert answer.status_code == 413
    assert answer.text.startswith("<html>")


# Who asks


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sk-wrong", "Basic c2s6", "sk-simulated"])
def test_without_the_key_nothing_is_drawn(api, header):
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.post(
        api.running.base_url + GENERATIONS, headers=headers, json={"model": "gpt-image-2", "prompt": "x"}
    )
    error = error_of(answer, 401)
    assert error["message"].endswith(f"(request id: {answer.headers['request-id']})")
    assert api.running.calls()["billed"] == 0


def test_without_a_key_of_its_own_the_simulator_takes_any_but_wants_one():
    with speaking(key=None) as speaker:
        assert speaker.draw("gpt-image-2-all").status_code == 200
        del speaker.http.headers["Authorization"]
        assert speaker.draw("gpt-image-2-all").status_code == 401


def test_a_per_call_key_is_refused_where_tokens_are_billed():
    with speaking(per_call_key="sk-per-call") as speaker:
        speaker.http.headers["Authorization"] = "Bearer sk-per-call"
        assert speaker.draw("gpt-image-2-all").status_code == 200
        assert "billing mode" in error_of(speaker.draw("gpt-image-2"), 403)["message"]


# Where


@pytest.mark.parametrize(
    "path", ["/v1/v1/images/generations", "/images/generations", "/v1/images/generations/", "/", "/v2"]
)
def test_a_wrong_path_is_named(api, path):
    error = error_of(api.http.post(path, json={"model": "gpt-image-2", "prompt": "x"}), 404)
    assert error["message"] == f"Invalid URL (POST {path})"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_drawing_is_a_post(api, method):
    answer = api.http.request(method, GENERATIONS)
    error_of(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_a_refusal_costs_nothing(api):
    api.draw("gpt-image-2", size="1x1")
    api.draw("gpt-image-2-all", quality="high")
    log = api.running.calls()
    assert (log["total"], log["billed"], log["billed_usd"]) == (2, 0, "0.000000")
