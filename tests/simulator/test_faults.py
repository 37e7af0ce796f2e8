"""Faults on demand: what a client sees for each directive, and whether such a call is billed."""

import base64
import json
import time

import httpx
import pytest

from playground.simulator import directives
from tests.simulator.conftest import bytes_of, picture_of, speaking

MODEL = "gpt-image-2-all"


def faulty(api, directive, **fields):
    return api.draw(MODEL, f"a tea tin [[sim: {directive}, plain]]", **fields)


def last_call(api):
    return api.running.calls()["calls"][-1]


@pytest.mark.parametrize(
    ("directive", "status", "words"),
    [
        ("500", 500, "The server had an error while processing your request."),
        ("503", 503, "unavailable"),
        ("shell", 500, "Unknown error"),
        ("429", 429, "saturated"),
        ("balance", 429, "insufficient balance"),
        ("401", 401, "Invalid token (request id: "),
        ("403", 403, "group"),
        ("key-type", 403, "billing mode"),
        ("404", 404, "Invalid URL"),
        ("moderation", 400, "safety_violations=["),
        ("451", 451, "image_safety"),
    ],
)
def test_an_error_comes_as_json_and_is_free(api, directive, status, words):
    answer = faulty(api, directive)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]
    assert answer.headers["request-id"] == last_call(api)["request_id"]
    assert api.running.calls()["billed"] == 0


@pytest.mark.parametrize(
    ("directive", "status", "billed"), [("502", 502, 0), ("413", 413, 0), ("524", 524, 1), ("504", 504, 1)]
)
def test_the_proxies_in_between_do_not_speak_json(api, directive, status, billed):
    answer = faulty(api, directive)
    assert answer.status_code == status
    assert "json" not in answer.headers["Content-Type"]
    assert api.running.calls()["billed"] == billed


def test_x2_is_over_after_two_sends_of_that_prompt_to_that_model(api):
    assert [faulty(api, "503 x2").status_code for _ in range(4)] == [503, 503, 200, 200]
    assert api.draw("gpt-image-2-vip", "a tea tin [[sim: 503 x2, plain]]").status_code == 503
    assert api.draw(MODEL, "another [[sim: 503 x2, plain]]").status_code == 503


def test_a_busy_answer_may_say_when_to_come_back(api):
    answer = faulty(api, "429 x1 retry-after 3")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert faulty(api, "429 x1 retry-after 3").status_code == 200


def test_directives_may_be_several_and_odd_ones_are_noted(api):
    answer = api.draw(MODEL, "a [[sim: plain, size 1024x768]] tin [[ SIM: bogus 7, Fast ]]")
    assert picture_of(answer, api.http).size == (1024, 768)
    assert last_call(api)["unknown_directives"] == ["bogus 7"]
    assert last_call(api)["fault"] == "plain, size, fast"


@pytest.mark.parametrize(
    ("directive", "error"),
    [
        ("reset", httpx.ReadError),
        ("close", httpx.RemoteProtocolError),
        ("cut 50%", httpx.RemoteProtocolError),
    ],
)
def test_broken_connections_are_billed(api, directive, error):
    with pytest.raises(error):
        faulty(api, directive, response_format="b64_json")
    assert api.running.calls()["billed"] == 1


def test_a_cut_body_is_half_of_what_was_promised(api):
    with api.http.stream("POST", "/v1/images/generations", json=cut_request()) as answer:
        received = 0
        with pytest.raises(httpx.RemoteProtocolError):
            for piece in answer.iter_bytes():
                received += len(piece)
    assert received == int(answer.headers["Content-Length"]) // 2


def cut_request():
    return {"model": MODEL, "prompt": "a [[sim: cut 50%]]", "response_format": "b64_json"}


def test_a_hanging_call_is_billed_and_seen_to_be_left(api):
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(
            "/v1/images/generations", json={"model": MODEL, "prompt": "[[sim: hang]] x"}, timeout=0.3
        )
    log = wait_for(api, lambda log: log["in_flight"] == 0)
    assert (log["billed"], log["client_gone"], log["calls"][0]["outcome"]) == (1, 1, "client-gone")


def test_who_leaves_early_pays_all_the_same(api):
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(
            "/v1/images/generations",
            json={"model": MODEL, "prompt": "[[sim: slow 0.6s, plain]] x"},
            timeout=0.2,
        )
    log = wait_for(api, lambda log: log["in_flight"] == 0)
    assert (log["billed"], log["billed_usd"], log["client_gone"]) == (1, "0.030000", 1)


def wait_for(api, is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so(log := api.running.calls()):
        assert time.monotonic() < deadline, log
        time.sleep(0.02)
    return log


def test_slow_is_in_seconds_of_the_wall_clock(api):
    started = time.monotonic()
    assert faulty(api, "slow 0.4s").status_code == 200
    assert 0.4 <= time.monotonic() - started < 2


def test_answers_without_a_picture(api):
    assert faulty(api, "empty").json()["data"] == []
    assert faulty(api, "text").json()["choices"][0]["message"]["content"]
    assert faulty(api, "html").headers["Content-Type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        faulty(api, "badjson").json()
    assert api.running.calls()["billed"] == 4


def test_answers_of_another_shape(api):
    assert "url" in faulty(api, "object").json()["data"]
    assert set(faulty(api, "both").json()["data"][0]) == {"url", "b64_json"}
    assert faulty(api, "raw").json()["data"][0]["b64_json"].startswith("iVBOR")
    assert bytes_of(faulty(api, "jpeg"), api.http).startswith(b"\xff\xd8\xff")
    with pytest.raises(OSError, match="cannot identify"):
        picture_of(faulty(api, "garbage"), api.http)


def test_the_prefix_says_png_whatever_the_bytes_are(api):
    datum = faulty(api, "jpeg", response_format="b64_json").json()["data"][0]["b64_json"]
    assert datum.startswith("data:image/png;base64,/9j/")


def test_an_endless_answer_ends_when_the_client_leaves(api):
    with api.http.stream(
        "POST", "/v1/images/generations", json={"model": MODEL, "prompt": "[[sim: endless]] x"}
    ) as answer:
        pieces = answer.iter_bytes()
        for _ in range(20):
            next(pieces)
    assert wait_for(api, lambda log: log["in_flight"] == 0)["client_gone"] == 1


def test_a_dripping_answer_is_whole_in_the_end(api):
    answer = faulty(api, "drip 0.3s", response_format="b64_json")
    assert base64.b64decode(answer.json()["data"][0]["b64_json"].partition(",")[2]).startswith(b"\x89PNG")
    assert answer.elapsed.total_seconds() >= 0.25


# Links


def link_of(api, directive):
    return faulty(api, directive).json()["data"][0]["url"]


def test_links_can_fail_in_every_way(api):
    assert api.http.get(link_of(api, "url-404")).status_code == 404
    assert api.http.get(link_of(api, "url-expired")).status_code == 403
    assert api.http.get(link_of(api, "url-html")).text.startswith("<html>")
    redirect = api.http.get(link_of(api, "url-redirect http://10.0.0.1/x"))
    assert (redirect.status_code, redirect.headers["Location"]) == (302, "http://10.0.0.1/x")
    assert link_of(api, "url-to http://169.254.169.254/latest") == "http://169.254.169.254/latest"


def test_some_links_recover(api):
    link = link_of(api, "url-500")
    assert [api.http.get(link).status_code for _ in range(2)] == [500, 200]
    link = link_of(api, "url-cut")
    with pytest.raises(httpx.RemoteProtocolError):
        api.http.get(link)
    assert api.http.get(link).content.startswith(b"\x89PNG")


def test_a_slow_link_takes_its_time(api):
    answer = api.http.get(link_of(api, "url-slow 0.3s"))
    assert answer.elapsed.total_seconds() >= 0.25


def test_a_link_dies_after_24_hours():
    now = [1_800_000_000.0]
    with speaking(clock=lambda: now[0]) as api:
        link = api.draw(MODEL).json()["data"][0]["url"]
        now[0] += 24 * 3600 - 1
        assert api.http.get(link).status_code == 200
        now[0] += 1
        assert api.http.get(link).status_code == 403
        assert api.http.get(api.running.base_url + "/r2cdn2/never.png").status_code == 404


def test_a_link_may_die_sooner():
    now = [1_800_000_000.0]
    with speaking(clock=lambda: now[0]) as api:
        link = api.draw(MODEL, "x [[sim: url-life 5s, plain]]").json()["data"][0]["url"]
        assert api.http.get(link).status_code == 200
        now[0] += 5
        assert api.http.get(link).status_code == 403


# Armed from outside


def test_faults_can_be_armed_for_the_next_calls(api):
    api.running.arm("503", count=2, model=MODEL)
    assert api.draw("gpt-image-2-vip").status_code == 200
    assert [api.draw(MODEL).status_code for _ in range(3)] == [503, 503, 200]


def test_faults_given_at_the_start_hold_again_after_a_reset():
    with speaking(faults=("429 x1",)) as api:
        assert [api.draw(MODEL).status_code for _ in range(2)] == [429, 200]
        api.running.reset()
        assert api.draw(MODEL).status_code == 429


@pytest.mark.parametrize(
    "body", [{}, {"fault": "bogus"}, {"fault": "503", "count": 0}, {"fault": "503", "model": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(api, body):
    assert api.http.post("/_sim/faults", json=body).status_code == 400


# The language


def test_every_directive_can_be_written_as_its_table_shows():
    for kind in directives.DIRECTIVES:
        assert directives.parse(f"{kind.name} {kind.default}").name == kind.name


@pytest.mark.parametrize(
    "item", ["", "503 y2", "slow fast", "cut 200%", "size 10x", "429 retry-after", "hang 3"]
)
def test_what_is_no_directive_is_said_so(item):
    with pytest.raises(directives.UnknownDirectiveError):
        directives.parse(item)


def test_directives_never_show_on_the_picture():
    assert directives.without("a tin [[sim: 503 x2]]") == "a tin"
