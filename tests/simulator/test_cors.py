"""Any page may call the simulator from a browser: preflight, answers, errors, streams and links are open."""

import httpx
import pytest

from tests.simulator.conftest import speaking

PAGE = {"Origin": "https://example.org"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/images/generations",
        "/v1/images/edits",
        "/v1/chat/completions",
        "/v1/models",
        "/v1beta/models/gemini-3-pro-image:generateContent",
        "/r2cdn2/x.png",
        "/_sim/calls",
    ],
)
def test_a_preflight_lets_keys_and_json_through(api, path):
    wanted = "authorization,content-type,x-new"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": wanted}
    answer = httpx.options(api.running.base_url + path, headers=PAGE | asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == wanted
    assert api.running.calls()["total"] == 0


def test_a_page_of_the_public_net_may_ask_for_this_machine(api):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    answer = httpx.options(api.running.base_url + "/v1/models", headers=PAGE | asked)
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


def opened(answer):
    return answer.headers.get("Access-Control-Allow-Origin") == "*"


def test_every_answer_is_open(api):
    good = api.draw("gpt-image-2-all")
    assert opened(good)
    assert "request-id" in good.headers["Access-Control-Expose-Headers"]
    assert opened(api.http.get(good.json()["data"][0]["url"], headers=PAGE))
    assert opened(api.http.get(api.running.base_url + "/r2cdn2/never.png"))
    assert opened(api.http.get("/v1/models"))
    assert opened(api.http.get("/_sim"))


@pytest.mark.parametrize(
    "directive", ["503", "502", "413", "moderation", "html", "badjson", "empty", "429 retry-after 2"]
)
def test_errors_are_open_too(api, directive):
    assert opened(api.draw("gpt-image-2", f"x [[sim: {directive}]]"))


def test_refusals_are_open_too(api):
    assert opened(api.draw("gpt-image-2", size="1x1"))
    assert opened(api.http.post("/nowhere"))
    assert opened(api.http.get("/v1/images/generations"))
    assert opened(httpx.get(api.running.base_url + "/v1/models"))
    with speaking(max_body_megabytes=0.1) as small:
        assert opened(small.draw("gpt-image-2", "x" * 200_000))


def test_streams_are_open_too(api):
    body = {"model": "gpt-image-2", "prompt": "x [[sim: plain]]", "stream": True}
    with api.http.stream("POST", "/v1/images/generations", json=body) as answer:
        assert opened(answer)
        answer.read()
