"""The free question: which models does this key see at this address? Whatever answers, there is a verdict."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.gateway import Connection
from playground.gateway.probing import PATH, Listing, Verdict, models
from tests.answering import answering

KEY = "sk-probe-0123456789"
NOBODY = "http://127.0.0.1:9"  # nothing listens there


def ask(base_url: str, key: str = KEY, **options) -> Listing:
    return models(Connection("Probe", (base_url,), key), base_url, **options)


class TestTheSimulator:
    def test_lists_its_models_for_a_good_key(self, simulator):
        listing = ask(simulator.base_url, simulator.key)
        assert (listing.verdict, listing.status) == (Verdict.FINE, 200)
        assert {"gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"} <= set(listing.models)
        assert simulator.calls()["total"] == 0  # nothing that could be billed

    def test_refuses_a_wrong_key_in_its_own_words_without_the_key(self, simulator):
        listing = ask(simulator.base_url, "sk-wrong-0123456789")
        assert (listing.verdict, listing.models) == (Verdict.BAD_KEY, ())
        assert "token" in listing.provider_message.lower()
        assert "sk-wrong" not in listing.provider_message

    def test_is_not_at_another_path(self, simulator):
        assert ask(f"{simulator.base_url}/api", simulator.key).verdict is Verdict.WRONG_PATH

    def test_is_found_behind_a_doubled_v1(self, simulator):
        assert ask(f"{simulator.base_url}/v1/v1/", simulator.key).verdict is Verdict.FINE


@pytest.mark.parametrize(
    ("status", "body", "content_type", "verdict"),
    [
        (200, b'{"data": [{"id": "gpt-image-2"}, {"id": "gpt-image-2"}]}', "application/json", Verdict.FINE),
        (200, b'{"data": []}', "application/json", Verdict.FINE),
        (200, b"<html>Welcome</html>", "text/html", Verdict.WEB_PAGE),
        (200, b"  <!doctype html>", "text/plain", Verdict.WEB_PAGE),
        (200, b'{"models": []}', "application/json", Verdict.NOT_A_LIST),
        (200, b"", "application/json", Verdict.NOT_A_LIST),
        (200, b"[" * 100_000, "application/json", Verdict.NOT_A_LIST),
        (401, b'{"error": {"message": "Invalid token"}}', "application/json", Verdict.BAD_KEY),
        (403, b"", "text/plain", Verdict.FORBIDDEN),
        (404, b"<html>nginx</html>", "text/html", Verdict.WRONG_PATH),
        (500, b"{}", "application/json", Verdict.FAILED),
        (502, b"<html>", "text/html", Verdict.FAILED),
    ],
)
def test_each_answer_has_its_verdict(status, body, content_type, verdict):
    with answering(status, body, content_type) as base_url:
        listing = ask(base_url)
    assert (listing.verdict, listing.status) == (verdict, status)
    assert len(set(listing.models)) == len(listing.models)


def test_a_redirect_is_not_followed_and_the_key_stays_here():
    with answering(200, b'{"data": []}') as elsewhere, answering(302, b"", location=elsewhere) as base_url:
        assert ask(base_url).verdict is Verdict.REDIRECTED


def test_nobody_there():
    assert ask(NOBODY).verdict is Verdict.UNREACHABLE


def test_a_host_without_a_valid_certificate_is_not_trusted():
    with answering(200, b"{}") as base_url:  # speaks no TLS at all
        assert ask(base_url.replace("http://", "https://")).verdict is Verdict.NOT_TRUSTED


@pytest.mark.parametrize("key", ["", "sk with space", "sk-é", "sk\n"])
def test_a_key_that_cannot_be_sent_is_not(key):
    assert ask(NOBODY, key).verdict is Verdict.KEY_UNSENDABLE


def test_an_address_that_is_none_of_the_connections_is_our_mistake():
    with pytest.raises(ValueError):
        models(Connection("Probe", ("https://a.example",), KEY), "https://b.example")


def test_a_host_that_is_bad_for_pictures_is_said():
    assert ask("https://api-cf.apiyi.com").verdict is Verdict.BAD_ADDRESS


def test_a_time_out_is_one():
    def wait(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    assert ask("https://a.example", transport=httpx.MockTransport(wait)).verdict is Verdict.TOO_SLOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "id", "error", "x"]), inner)
    ),
    max_leaves=12,
)


@given(
    status=st.integers(200, 599).filter(lambda each: each not in (204, 304)),
    body=st.binary(max_size=200) | JSON.map(lambda each: json.dumps(each).encode()),
    content_type=st.sampled_from(["application/json", "text/html", "", "image/png"]),
)
def test_no_answer_whatever_is_without_a_verdict(status, body, content_type):
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, request.headers["authorization"]))
        return httpx.Response(status, content=body, headers={"content-type": content_type})

    listing = ask("https://a.example", transport=httpx.MockTransport(answer))
    assert seen == [(PATH, f"Bearer {KEY}")]
    assert isinstance(listing.verdict, Verdict)
    assert all(isinstance(name, str) and name for name in listing.models)
    assert not listing.models or listing.verdict is Verdict.FINE
