"""POST /v1beta/models/gemini-3-pro-image:generateContent: Nano Banana Pro in its own words."""

import base64
import hashlib
import io

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageStat

from tests.simulator.conftest import encoded, gradient, plain, speaking

PATH = "/v1beta/models/gemini-3-pro-image:generateContent"
RED, GREEN, BLUE = (200, 40, 40), (40, 180, 60), (40, 60, 200)


def inline(data, kind="image/png"):
    return {"inlineData": {"mimeType": kind, "data": base64.b64encode(data).decode()}}


def body(*parts, **config):
    listed = [{"text": part} if isinstance(part, str) else part for part in parts]
    return {
        "contents": [{"role": "user", "parts": listed}],
        "generationConfig": {"responseModalities": ["IMAGE"], **config},
    }


def ask(api, *parts, **config):
    return api.http.post(PATH, json=body(*parts, **config))


def parts_of(answer):
    assert answer.status_code == 200, answer.text
    (candidate,) = answer.json()["candidates"]
    assert (candidate["finishReason"], candidate["content"]["role"]) == ("STOP", "model")
    return candidate["content"]["parts"]


def last_picture(answer):
    data = [part["inlineData"] for part in parts_of(answer) if "inlineData" in part][-1]["data"]
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)))


def invalid(answer, status=400, name="INVALID_ARGUMENT"):
    assert answer.status_code == status, answer.text[:300]
    error = answer.json()["error"]
    assert (set(error), error["code"], error["status"]) == ({"code", "message", "status"}, status, name)
    return error["message"]


def test_a_picture_comes_inline_with_its_usage(api):
    answer = ask(api, "a kettle")
    (part,) = parts_of(answer)
    assert part["inlineData"]["mimeType"] == "image/jpeg"
    assert last_picture(answer).format == "JPEG"
    usage = answer.json()["usageMetadata"]
    assert usage["candidatesTokenCount"] > usage["candidatesTokensDetails"][0]["tokenCount"] == 1120
    assert usage["totalTokenCount"] == sum(
        usage[name] for name in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    )
    assert answer.json()["modelVersion"] == "gemini-3-pro-image"
    assert api.running.calls()["billed_usd"] == "0.090000"


@pytest.mark.parametrize(
    ("ratio", "tier", "size"),
    [
        ("1:1", "1K", (1024, 1024)),
        ("16:9", "2K", (2752, 1536)),
        ("9:16", "1K", (768, 1376)),
        ("21:9", "1K", (1584, 672)),
        ("2:3", "2K", (1696, 2528)),
        ("4:5", "1K", (928, 1152)),
        ("21:9", "4K", (6336, 2688)),
    ],
)
def test_ratio_and_tier_give_the_published_pixels(api, ratio, tier, size):
    answer = ask(api, "a kettle [[sim: plain]]", imageConfig={"aspectRatio": ratio, "imageSize": tier})
    assert last_picture(answer).size == size
    assert answer.json()["usageMetadata"]["candidatesTokensDetails"][0]["tokenCount"] == (
        2000 if tier == "4K" else 1120
    )
    assert api.running.calls()["billed_usd"] == "0.090000"


def test_left_out_it_is_1k_square(api):
    assert last_picture(ask(api, "a kettle [[sim: plain]]")).size == (1024, 1024)


def test_an_edit_without_ratio_has_the_shape_of_its_last_picture(api):
    answer = ask(api, "join [[sim: plain]]", inline(plain(RED, 900, 300)), inline(plain(GREEN, 300, 530)))
    assert last_picture(answer).size == (768, 1376)


def test_the_picture_that_is_named_is_changed(api):
    pictures = [inline(plain(one, 400, 400)) for one in (RED, GREEN)]
    main = last_picture(ask(api, "modify image 1", *pictures)).convert("RGB").getpixel((500, 200))
    assert max(range(3), key=main.__getitem__) == 0
    main = last_picture(ask(api, "together", *pictures)).convert("RGB").getpixel((500, 200))
    assert max(range(3), key=main.__getitem__) == 1


def test_turns_add_up(api):
    first = ask(api, "make it mirrored", inline(encoded(gradient(1024, 1024))))
    turns = body("make it mirrored", inline(encoded(gradient(1024, 1024))))["contents"]
    turns += [
        {"role": "model", "parts": parts_of(first)},
        {"role": "user", "parts": [{"text": "in black and white"}]},
    ]
    second = last_picture(api.http.post(PATH, json={"contents": turns})).convert("RGB")
    red, green, blue = ImageStat.Stat(second.crop((0, 0, 1024, 500))).mean
    assert red == pytest.approx(green, abs=2) == pytest.approx(blue, abs=2)
    left, right = (
        ImageStat.Stat(second.crop((x, 100, x + 200, 500)).convert("L")).mean[0] for x in (20, 780)
    )
    assert left > right + 20


def test_text_comes_with_the_picture_when_it_is_not_excluded(api):
    answer = api.http.post(PATH, json={"contents": [{"parts": [{"text": "a kettle [[sim: plain]]"}]}]})
    assert [next(iter(part)) for part in parts_of(answer)] == ["text", "inlineData"]


def test_text_alone_is_words(api):
    (part,) = parts_of(ask(api, "a kettle", responseModalities=["TEXT"]))
    assert part["text"]


def test_drafts_come_before_the_picture(api):
    parts = parts_of(ask(api, "a kettle [[sim: drafts 2]]"))
    pictures = [part["inlineData"]["data"] for part in parts]
    assert len(set(pictures)) == 3
    assert "thoughtSignature" in parts[-1]


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer KEY"}, {"x-goog-api-key": "KEY"}])
def test_both_headers_carry_a_key(api, headers):
    headers = {name: value.replace("KEY", api.running.key) for name, value in headers.items()}
    assert (
        httpx.post(api.running.base_url + PATH, headers=headers, json=body("x [[sim: plain]]")).status_code
        == 200
    )


def test_the_google_header_is_for_the_native_call_only(api):
    headers = {"x-goog-api-key": api.running.key}
    answer = httpx.post(api.running.base_url + "/v1/images/generations", headers=headers, json={})
    assert answer.status_code == 401


def test_a_bad_key_is_refused_in_the_gateways_words(api):
    for headers in ({}, {"x-goog-api-key": "sk-wrong"}):
        answer = httpx.post(api.running.base_url + PATH, headers=headers, json=body("x"))
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "shell_api_error")


def test_per_call_keys_serve_it_and_balances_hold(api):
    api.http.headers["Authorization"] = "Bearer sk-practice-per-call"
    assert ask(api, "x [[sim: plain]]").status_code == 200
    api.http.headers["Authorization"] = "Bearer sk-practice-empty"
    assert ask(api, "x").json()["error"]["message"] == "insufficient balance"


# Refusals at 200


@pytest.mark.parametrize(
    "directive", ["moderation", "finish NO_IMAGE", "finish IMAGE_OTHER", "finish MAX_TOKENS"]
)
def test_a_refusal_comes_with_status_200_and_without_parts(api, directive):
    answer = ask(api, f"x [[sim: {directive}]]")
    assert answer.status_code == 200
    (candidate,) = answer.json()["candidates"]
    assert candidate["content"]["parts"] is None
    assert candidate["finishReason"] == (directive.partition(" ")[2] or "IMAGE_SAFETY")
    assert answer.json()["usageMetadata"]["candidatesTokenCount"] == 0
    assert api.running.calls()["billed"] == 0


def test_a_prohibited_wish_has_no_candidates(api):
    answer = ask(api, "x [[sim: finish PROHIBITED_CONTENT]]").json()
    assert (answer["candidates"], answer["promptFeedback"]) == (None, {"blockReason": "PROHIBITED_CONTENT"})


def test_a_refusal_may_be_billed():
    with speaking(quirks=("gemini-refusals-are-billed",)) as api:
        ask(api, "x [[sim: moderation]]")
        assert api.running.calls()["billed_usd"] == "0.090000"


def test_it_may_answer_in_words(api):
    (part,) = parts_of(ask(api, "x [[sim: text]]"))
    assert part["text"]
    assert api.running.calls()["billed"] == 1


@pytest.mark.parametrize(
    ("directive", "status"),
    [("503", 503), ("429 retry-after 1", 429), ("500", 500), ("401", 401), ("524", 524)],
)
def test_other_faults_hold_as_everywhere(api, directive, status):
    assert ask(api, f"x [[sim: {directive}]]").status_code == status


def test_it_breaks_off_as_everywhere(api):
    with pytest.raises(httpx.RemoteProtocolError):
        ask(api, "x [[sim: cut 50%]]")


# Wrong requests


@pytest.mark.parametrize(
    "field", ["n", "mask", "quality", "response_format", "background", "generation_config"]
)
def test_fields_of_other_apis_are_unknown_names(api, field):
    assert field in invalid(api.http.post(PATH, json={**body("x"), field: 1}))


@pytest.mark.parametrize(
    "change",
    [
        {"imageConfig": {"aspectRatio": "7:5"}},
        {"imageConfig": {"aspectRatio": []}},
        {"imageConfig": {"imageSize": "512"}},
        {"imageConfig": {"imageSize": "2k"}},
        {"imageConfig": {"size": "1024x1024"}},
        {"imageConfig": "16:9"},
        {"responseModalities": ["PICTURE"]},
        {"responseModalities": []},
        {"candidateCount": 2},
        {"n": 1},
    ],
)
def test_a_wrong_configuration_is_refused(api, change):
    invalid(ask(api, "x", **change))
    assert api.running.calls()["billed"] == 0


@pytest.mark.parametrize(
    "contents",
    [
        None,
        [],
        "x",
        [7],
        [{"parts": []}],
        [{"parts": "x"}],
        [{"role": "assistant", "parts": [{"text": "x"}]}],
        [{"role": "model", "parts": [{"text": "x"}]}],
        [{"parts": [{"text": 7}]}],
        [{"parts": [{"text": ""}]}],
        [{"parts": [{"text": "x", "inlineData": {"mimeType": "image/png", "data": ""}}]}],
        [{"parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/gif", "data": "AAAA"}}]}],
        [
            {
                "parts": [
                    {"text": "x"},
                    {"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,AAAA"}},
                ]
            }
        ],
        [{"parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": 7}}]}],
    ],
)
def test_wrong_contents_are_refused(api, contents):
    invalid(api.http.post(PATH, json={"contents": contents}))


def test_snake_case_files_are_passed_over_in_silence(api):
    answer = ask(api, "a kettle [[sim: plain]]", {"file_data": {"file_uri": "https://example.com/a.png"}})
    assert answer.status_code == 200
    assert api.running.calls()["calls"][0]["references"] == 0


def test_fourteen_pictures_of_seven_megabytes_are_the_most(api):
    tiny = inline(plain(RED, 8, 8))
    assert ask(api, "join [[sim: plain]]", *[tiny] * 14).status_code == 200
    assert "maximum 14" in invalid(ask(api, "join", *[tiny] * 15))
    heavy = inline(plain(RED, 8, 8) + b"\0" * 7_000_000)
    assert "7 MB" in invalid(ask(api, "join", heavy))


def test_a_heic_picture_is_taken(api):
    assert ask(api, "join", inline(b"\0\0\0\x18ftypheic", "image/heic")).status_code == 200


@pytest.mark.parametrize("name", ["gemini-3-pro-image-preview", "gpt-image-2", "x"])
def test_other_names_are_not_found(api, name):
    invalid(api.http.post(PATH.replace("gemini-3-pro-image", name), json=body("x")), 404, "NOT_FOUND")


def test_the_images_endpoints_do_not_serve_it(api):
    assert api.draw("gemini-3-pro-image").json()["error"]["param"] == "model"


@pytest.mark.parametrize("path", ["/v1" + PATH, PATH.replace(":generateContent", ":stream")])
def test_other_paths_are_not_there(api, path):
    assert api.http.post(path, json=body("x")).status_code == 404


def test_it_is_a_post(api):
    assert api.http.get(PATH).headers["Allow"] == "POST"


def test_it_is_among_the_models(api):
    assert api.http.get("/v1/models/gemini-3-pro-image").json()["id"] == "gemini-3-pro-image"


def test_the_log_has_the_turns_with_hashes_and_the_parameters(api):
    sent = plain(RED, 64, 64)
    ask(api, "a kettle [[sim: plain]]", inline(sent), imageConfig={"aspectRatio": "16:9"})
    (call,) = api.running.calls()["calls"]
    assert (call["endpoint"], call["model"], call["size"], call["references"]) == (
        "generate-content",
        "gemini-3-pro-image",
        "1376x768",
        1,
    )
    assert call["messages"][0]["pictures"] == [
        {"sha256": hashlib.sha256(sent).hexdigest(), "bytes": len(sent)}
    ]
    assert call["fields"]["generationConfig"]["imageConfig"] == {"aspectRatio": "16:9"}
    assert "iVBOR" not in api.http.get("/_sim/calls").text


NAMES = (
    "contents",
    "parts",
    "text",
    "role",
    "inlineData",
    "mimeType",
    "data",
    "generationConfig",
    "imageConfig",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_no_json_is_an_accident(api, value):
    assert api.http.post(PATH, json={"contents": value}).status_code < 500
    assert api.http.post(PATH, json=value).status_code < 500
