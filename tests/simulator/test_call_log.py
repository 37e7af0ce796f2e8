"""The call log, the list of models, billing, quirks that bill, and repeatable chance."""

import hashlib

import httpx
import pytest
from PIL import Image

from playground.catalog import default
from tests.simulator.conftest import bytes_of, data_url, encoded, plain, speaking
from tests.simulator.test_faults import wait_for

MODEL = "gpt-image-2-all"


def test_the_log_tells_what_came_in_and_what_it_cost(api):
    api.draw(MODEL, "a tin [[sim: plain]]", response_format="b64_json")
    log = api.running.calls()
    (call,) = log["calls"]
    assert (log["total"], log["billed"], log["billed_usd"], log["in_flight"]) == (1, 1, "0.030000", 0)
    assert call["prompt"] == "a tin [[sim: plain]]"
    assert call["fields"] == {"model": MODEL, "response_format": "b64_json"}
    assert (call["status"], call["endpoint"], call["outcome"], call["size"]) == (
        200,
        "generations",
        "answered",
        "1254x1254",
    )


def test_an_official_call_is_billed_by_its_tokens(api):
    usage = api.draw("gpt-image-2", size="1024x1024", quality="low").json()["usage"]
    expected = usage["input_tokens"] * 5 / 1e6 + 196 * 30 / 1e6
    assert float(api.running.calls()["billed_usd"]) == pytest.approx(expected, abs=1e-6)


def test_the_log_can_be_paged_and_filtered(api):
    for model in (MODEL, "gpt-image-2-vip", MODEL):
        api.draw(model)
    first = api.running.calls(limit=1)["calls"][0]["id"]
    assert len(api.running.calls(after=first)["calls"]) == 2
    assert len(api.running.calls(model=MODEL)["calls"]) == 2
    assert api.http.get("/_sim/calls", params={"after": "x"}).status_code == 400


def test_a_reset_forgets(api):
    api.draw(MODEL)
    assert api.http.delete("/_sim/calls").status_code == 200
    assert api.running.calls() == {
        "total": 0,
        "billed": 0,
        "billed_usd": "0.000000",
        "in_flight": 0,
        "client_gone": 0,
        "calls": [],
    }


def test_reading_is_not_a_call(api):
    api.http.get("/v1/models")
    api.http.get("/nowhere")
    assert api.running.calls()["total"] == 0


def test_the_simulator_says_what_it_is(api):
    about = api.http.get("/_sim").json()
    assert about["simulator"] is True
    assert "n-bills-n" in about["quirks"]
    assert "cut" in about["directives"]


def test_the_models_are_listed_and_shown(api):
    listed = api.http.get("/v1/models").json()
    names = [card["id"] for card in listed["data"]]
    assert listed["object"] == "list"
    assert (
        {"gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"}
        <= set(names)
        <= {model.id for model in default().models} | {"gemini-3-pro-image"}
    )
    card = api.http.get("/v1/models/gpt-image-2").json()
    assert (card["id"], card["object"]) == ("gpt-image-2", "model")
    assert api.http.get("/v1/models/gpt-image-99").json()["error"]["code"] == "model_not_found"
    assert api.http.get("/v1/models", headers={"Authorization": "Bearer sk-wrong"}).status_code == 401


def test_a_retired_model_is_unknown_from_its_last_day_on():
    with speaking(clock=lambda: 1_796_083_199.0) as api:  # 2026-11-30, the last second
        assert api.draw("gpt-image-1.5", size="1024x1024").status_code == 200
    with speaking(clock=lambda: 1_796_083_200.0) as api:
        assert api.draw("gpt-image-1.5").json()["error"]["code"] == "invalid_value"
        assert api.http.get("/v1/models/gpt-image-1.5").status_code == 404


# Quirks


def test_n_may_charge_n_and_give_one():
    with speaking(quirks=("n-bills-n",)) as api:
        assert len(api.draw("gpt-image-2-vip", n=3).json()["data"]) == 1
        assert api.running.calls()["billed_usd"] == "0.090000"


def test_n_may_work_on_the_official_model():
    with speaking(quirks=("official-accepts-n",)) as api:
        body = api.draw("gpt-image-2", n=3, size="1024x1024", quality="low").json()
        assert len(body["data"]) == 3
        assert body["usage"]["output_tokens"] == 3 * 196


def test_quality_may_work_on_vip_at_the_same_price():
    with speaking(quirks=("vip-accepts-quality",)) as api:
        assert api.draw("gpt-image-2-vip", quality="high").status_code == 200
        assert api.draw("gpt-image-2-vip", quality="max").status_code == 400
        assert api.running.calls()["billed_usd"] == "0.030000"


def test_base64_may_come_plain_and_by_default():
    with speaking(quirks=("plain-base64", "b64-by-default")) as api:
        assert api.draw(MODEL).json()["data"][0]["b64_json"].startswith("iVBOR")


def test_both_forms_may_come_together():
    with speaking(quirks=("both-forms",)) as api:
        assert set(api.draw("gpt-image-2-vip").json()["data"][0]) == {"url", "b64_json"}


def test_a_refused_value_may_look_like_a_rate_limit():
    with speaking(quirks=("vip-accepts-quality", "vip-refuses-with-429")) as api:
        answer = api.draw("gpt-image-2-vip", quality="max")
        assert answer.status_code == 429
        assert "quality must be one of" in answer.json()["error"]["message"]


def test_gpt_image_2_may_preview_transparency():
    with speaking(quirks=("official-accepts-transparent",)) as api:
        assert api.draw("gpt-image-2", background="transparent").json()["background"] == "transparent"


def test_moderation_may_come_as_403():
    with speaking(quirks=("moderation-is-403",)) as api:
        assert api.draw("gpt-image-2", "x [[sim: moderation]]").status_code == 403


def test_a_model_born_later_has_the_newer_behaviours_by_itself(api):
    newer = "gpt-image-2.5-sunburst-vip"
    assert api.draw(newer, quality="max").status_code == 200
    assert api.draw(newer, size="1920x1080").status_code == 200
    assert api.draw(newer).json()["data"][0]["b64_json"].startswith("iVBOR")


# Chance


def test_the_same_seed_gives_the_same_sequence():
    def three(seed):
        with speaking(seed=seed) as api:
            return [bytes_of(api.draw(MODEL, "a dune"), api.http) for _ in range(3)]

    one, again, other = three(5), three(5), three(6)
    assert one == again
    assert len({*one, *other}) == 6


# What is sent along


EDITS = "/v1/images/edits"


def test_files_are_logged_in_order_with_their_hashes_and_never_their_bytes(api):
    sent = [plain("red", 640, 480), plain("blue", 320, 200, "JPEG")]
    mask = encoded(Image.new("RGBA", (640, 480)))
    files = [("image[]", ("a.png", sent[0], "image/png")), ("image[]", ("b.jpg", sent[1], "image/jpeg"))]
    files.append(("mask", ("m.png", mask, "image/png")))
    api.http.post(
        EDITS, data={"model": "gpt-image-2", "prompt": "x [[sim: plain]]", "quality": "low"}, files=files
    )
    (call,) = api.running.calls()["calls"]
    assert call["reference_files"] == [
        {
            "field": "image[]",
            "type": kind,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "format": form,
            "width": width,
            "height": height,
        }
        for data, kind, form, width, height in (
            (sent[0], "image/png", "png", 640, 480),
            (sent[1], "image/jpeg", "jpeg", 320, 200),
        )
    ]
    assert (call["mask_file"]["field"], call["mask_file"]["sha256"]) == (
        "mask",
        hashlib.sha256(mask).hexdigest(),
    )
    assert call["fields"] == {"model": "gpt-image-2", "quality": "low"}
    assert call["bytes_in"] > len(sent[0]) + len(sent[1]) + len(mask)


def test_refused_files_are_logged_too(api):
    api.http.post(
        EDITS, data={"model": MODEL, "prompt": "x"}, files=[("image", ("a.png", b"nothing", "image/png"))]
    )
    (call,) = api.running.calls()["calls"]
    assert (call["status"], call["billed"], call["references"]) == (400, False, 1)
    assert call["reference_files"][0]["bytes"] == 7
    assert "width" not in call["reference_files"][0]


def test_bytes_in_and_out_are_counted(api):
    answer = api.draw(MODEL, response_format="b64_json")
    (call,) = api.running.calls()["calls"]
    assert call["bytes_out"] == len(answer.content)
    assert call["bytes_in"] == len(answer.request.content)


def test_bytes_of_an_answer_that_broke_off_are_counted_too(api):
    with pytest.raises(httpx.RemoteProtocolError):
        api.draw(MODEL, "x [[sim: cut 50%]]", response_format="b64_json")
    whole = len(api.draw(MODEL, "x [[sim: fast]]", response_format="b64_json").content)
    cut, full = (call["bytes_out"] for call in api.running.calls()["calls"])
    assert full == whole
    assert 0 < cut < whole


def test_downloads_of_a_link_are_counted_at_the_call_that_made_it(api):
    link = api.draw(MODEL).json()["data"][0]["url"]
    for _ in range(2):
        api.http.get(link)
    api.http.head(link)
    assert api.running.calls()["calls"][0]["downloads"] == 2


def test_the_end_of_the_key_is_logged_for_good_and_bad_ones(api):
    api.draw(MODEL)
    api.http.headers["Authorization"] = "Bearer sk-something-wrong"
    api.draw(MODEL)
    assert [call["key_ending"] for call in api.running.calls()["calls"]] == [api.running.key[-4:], "rong"]


@pytest.mark.parametrize("field", ["image", "nested"])
def test_pictures_in_fields_are_never_logged(api, field):
    value = {"a": [data_url(plain("red"))]} if field == "nested" else data_url(plain("red"))
    api.draw(MODEL, **{field: value})
    text = api.http.get("/_sim/calls").text
    assert "iVBOR" not in text
    assert "sha256" in text


def test_a_call_that_is_left_is_logged_with_what_it_cost(api):
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(
            "/v1/images/generations", json={"model": MODEL, "prompt": "[[sim: hang]] x"}, timeout=0.2
        )
    log = wait_for(api, lambda log: log["in_flight"] == 0)
    assert (log["calls"][0]["outcome"], log["calls"][0]["usd"]) == ("client-gone", "0.03")


def test_a_number_that_is_none_does_not_break_the_log(api):
    body = b'{"model": "gpt-image-2-all", "prompt": "x", "seed": 1e999}'
    api.http.post("/v1/images/generations", content=body, headers={"Content-Type": "application/json"})
    assert api.running.calls()["calls"][0]["fields"]["seed"] == "inf"
