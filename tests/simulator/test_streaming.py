"""`stream: true`: partial pictures, then the finished one with the usage; and every way in which it breaks off."""

import base64
import io
import json
import time

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

from tests.simulator.conftest import plain, speaking
from tests.simulator.test_faults import wait_for

DRAWN = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low"}


def opened(api, prompt="a dune", pictures=(), **fields):
    body = {**DRAWN, "prompt": prompt, "stream": True, **fields}
    if not pictures:
        return api.http.stream("POST", "/v1/images/generations", json=body)
    files = [("image[]", (f"{n}.png", data, "image/png")) for n, data in enumerate(pictures)]
    form = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()
    }
    return api.http.stream("POST", "/v1/images/edits", data=form, files=files)


def parsed(text):
    blocks = [block.split("\n") for block in text.strip().split("\n\n") if block.startswith("event: ")]
    whole = [lines for lines in blocks if len(lines) == 2]
    return [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in whole
    ]


def events(api, **fields):
    with opened(api, **fields) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "x-request-id" in answer.headers
        answer.read()
    return parsed(answer.text)


def broken(api, error=httpx.RemoteProtocolError, **fields):
    """What came before the stream broke off."""
    received = b""
    with opened(api, **fields) as answer, pytest.raises(error):
        for piece in answer.iter_bytes():
            received += piece
    text = received.decode()
    return parsed(text[: text.rfind("\n\n") + 2])


def picture_in(data):
    return Image.open(io.BytesIO(base64.b64decode(data["b64_json"], validate=True)))


def test_partial_pictures_come_before_the_finished_one(api):
    found = events(api, partial_images=2)
    assert [name for name, _ in found] == ["image_generation.partial_image"] * 2 + [
        "image_generation.completed"
    ]
    assert [data.get("partial_image_index") for _, data in found] == [0, 1, None]
    for name, data in found:
        assert data["type"] == name
        assert (data["size"], data["quality"], data["background"], data["output_format"]) == (
            "1024x1024",
            "low",
            "opaque",
            "png",
        )
        assert isinstance(data["created_at"], int)
        assert picture_in(data).size == (1024, 1024)


def test_edits_stream_under_their_own_name(api):
    found = events(api, prompt="at night", pictures=[plain("red")], partial_images=1)
    assert [name for name, _ in found] == ["image_edit.partial_image", "image_edit.completed"]
    usage = found[-1][1]["usage"]
    assert usage["output_tokens"] == 196 + 100
    assert usage["input_tokens_details"]["image_tokens"] > 0
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_each_partial_picture_is_nearer_to_the_finished_one(api):
    *partials, finished = [
        picture_in(data) for _, data in events(api, prompt="a city arch", partial_images=3)
    ]
    apart = [ImageStat.Stat(ImageChops.difference(one, finished).convert("L")).mean[0] for one in partials]
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > apart[-1] > 0


@pytest.mark.parametrize("partials", [0, 1, 3])
def test_each_partial_picture_costs_100_tokens(api, partials):
    _, last = events(api, partial_images=partials)[-1]
    assert last["usage"]["output_tokens"] == 196 + 100 * partials
    assert set(last["usage"]) == {"input_tokens", "input_tokens_details", "output_tokens", "total_tokens"}
    (call,) = api.running.calls()["calls"]
    assert call["partials"] == partials
    assert float(call["usd"]) == pytest.approx((196 + 100 * partials) * 30e-6 + 2 * 5e-6)


def test_a_stream_without_partials_has_one_event(api):
    assert len(events(api)) == 1


def test_only_the_completed_event_has_a_usage(api):
    assert ["usage" in data for _, data in events(api, partial_images=2)] == [False, False, True]


def test_partial_pictures_come_while_the_drawing_goes_on(api):
    arrived = []
    with opened(api, prompt="a dune [[sim: slow 0.9s]]", partial_images=2) as answer:
        started = time.monotonic()
        for line in answer.iter_lines():
            if line.startswith("event:"):
                arrived.append(time.monotonic() - started)
    assert arrived[0] < 0.75
    assert arrived[2] > 0.8


def test_formats_hold_for_partial_pictures_too(api):
    found = events(api, partial_images=1, output_format="jpeg", output_compression=60)
    assert [picture_in(data).format for _, data in found] == ["JPEG", "JPEG"]


def test_false_is_no_stream(api):
    answer = api.http.post(
        "/v1/images/generations", json={**DRAWN, "prompt": "x [[sim: plain]]", "stream": False}
    )
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
def test_the_reverse_channels_do_not_stream(api, model):
    assert api.draw(model, stream=True).status_code == 400
    assert api.running.calls()["billed"] == 0


def test_a_refusal_before_the_first_event_is_plain_json(api):
    with opened(api, prompt="x [[sim: 503]]", partial_images=2) as answer:
        assert (answer.status_code, json.loads(answer.read())["error"]["code"]) == (
            503,
            "service_unavailable",
        )


# Breaking off


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_stream_may_break_off_after_some_partial_pictures(api, count):
    found = broken(api, prompt=f"a dune [[sim: stream-cut {count}]]", partial_images=3)
    assert [data["partial_image_index"] for _, data in found] == list(range(count))
    log = api.running.calls()
    assert (log["billed"], log["calls"][0]["partials"]) == (1, count)


def test_edits_break_off_too(api):
    assert (
        len(broken(api, prompt="night [[sim: stream-cut 1]]", pictures=[plain("red")], partial_images=2)) == 1
    )


def test_a_stream_may_be_cut_in_the_middle_of_an_event(api):
    found = broken(api, prompt="a dune [[sim: cut 60%]]", partial_images=1)
    assert "image_generation.completed" not in [name for name, _ in found]
    assert api.running.calls()["billed"] == 1


def test_a_stream_without_partials_breaks_off_before_its_end(api):
    assert broken(api, prompt="a dune [[sim: stream-cut]]") == []


def test_a_stream_may_fall_silent(api):
    with opened(api, prompt="a dune [[sim: stream-hang 1]]", partial_images=2) as answer:
        pieces = answer.iter_lines()
        assert next(pieces) == "event: image_generation.partial_image"
    log = wait_for(api, lambda log: log["in_flight"] == 0)
    assert (log["billed"], log["client_gone"]) == (1, 1)


def test_a_stream_may_end_in_an_error_event(api):
    found = events(api, prompt="a dune [[sim: stream-error 1]]", partial_images=2)
    assert [name for name, _ in found] == ["image_generation.partial_image", "error"]
    assert found[-1][1]["error"]["message"]
    assert api.running.calls()["billed"] == 1


def test_fewer_partial_pictures_than_asked_may_come(api):
    found = events(api, prompt="a dune [[sim: partials 1]]", partial_images=3)
    assert [data.get("partial_image_index") for _, data in found] == [0, None]
    assert found[-1][1]["usage"]["output_tokens"] == 296


# Quirks


def test_the_gateway_may_not_pass_streams_on():
    with speaking(quirks=("official-refuses-stream",)) as api:
        answer = api.draw("gpt-image-2", stream=True)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "stream")
        assert api.draw("gpt-image-2", stream=False).status_code == 200
    with speaking(quirks=("official-ignores-stream",)) as api:
        answer = api.draw("gpt-image-2", stream=True, partial_images=2, size="1024x1024", quality="low")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["usage"]["output_tokens"] == 196
