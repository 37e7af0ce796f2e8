"""Pages on their way: short, read back as they were, and of a length that gives nothing away."""

import gzip

import brotli
import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from playground.launch.compression import PageCompressionMiddleware, squeezed

WORDS = "A lighthouse at dusk. " * 100
BROWSER = "gzip, deflate, br, zstd"


def sent(response, accepts: str = BROWSER):
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return PageCompressionMiddleware(lambda _: response)(request)


@given(text=st.binary(max_size=5_000), padding=st.integers(1, 256))
def test_what_was_squeezed_is_read_back_as_it_was(text, padding):
    assert brotli.decompress(squeezed(text, padding=padding)) == text


def test_each_byte_of_padding_is_one_more_on_the_wire():
    lengths = [len(squeezed(WORDS.encode(), padding=padding)) for padding in range(1, 257)]
    assert lengths == list(range(lengths[0], lengths[0] + 256))


def test_a_browser_gets_a_page_by_brotli():
    response = sent(HttpResponse(WORDS))
    assert brotli.decompress(response.content).decode() == WORDS
    assert response["Content-Encoding"] == "br"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Vary"] == "Accept-Encoding"


def test_the_same_page_is_not_always_of_the_same_length():
    assert len({len(sent(HttpResponse(WORDS)).content) for _ in range(40)}) > 1


@pytest.mark.parametrize("accepts", ["gzip", "gzip, br;q=0"])
def test_who_does_not_know_brotli_gets_gzip(accepts):
    response = sent(HttpResponse(WORDS), accepts)
    assert gzip.decompress(response.content).decode() == WORDS
    assert response["Content-Encoding"] == "gzip"


def test_who_knows_neither_gets_it_plain():
    response = sent(HttpResponse(WORDS), "identity")
    assert response.content.decode() == WORDS
    assert not response.has_header("Content-Encoding")


def test_json_is_squeezed_too():
    assert sent(JsonResponse({"words": WORDS}))["Content-Encoding"] == "br"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(WORDS, content_type="image/png"),
        HttpResponse(WORDS, headers={"Content-Encoding": "gzip"}),
        StreamingHttpResponse([WORDS]),
    ],
    ids=["short", "picture", "squeezed already", "stream"],
)
def test_what_would_not_gain_goes_out_as_it_is(response):
    before = response.get("Content-Encoding")
    content = None if response.streaming else response.content
    assert sent(response).get("Content-Encoding") == before
    assert response.streaming or response.content == content
