"""Every answer shape becomes the same thing, told by what is there."""

import json
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway.blobs import Blob
from playground.gateway.reading import Found, Inline, Link, read
from playground.gateway.spill import Spill
from tests.gateway.vectors import VECTORS
from tests.gateway.wire import b64

LINK = "https://r2cdn.example.invalid/a/b.png"
LONG = b64(b"picture bytes" * 300)


def found(body: object, folder: Path) -> Found:
    spill = Spill(folder)
    spill.feed(json.dumps(body).encode())
    return read(spill.finish(), spill)


def chat(content: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]}


@pytest.mark.parametrize("vector", VECTORS["response_examples"], ids=lambda vector: vector["id"])
def test_the_published_shapes(vector, tmp_path):
    result = found(vector["body"], tmp_path)
    wanted = vector["extract"]
    if wanted["kind"] == "url":
        assert [type(source) for source in result.sources] == [Link] * wanted["count"]
    elif wanted["kind"] == "base64":
        assert [type(source) for source in result.sources] == [Inline] * wanted["count"]
    else:
        assert result.sources == ()
    if wanted.get("error") == "text_instead_of_image":
        assert result.text == "What would you like me to draw?"
    elif wanted.get("error") == "no_image":
        assert result.text is None


class TestShapes:
    def test_long_base64_is_a_file(self, tmp_path):
        result = found({"data": [{"b64_json": LONG}]}, tmp_path)
        assert isinstance(result.sources[0], Blob)

    def test_bytes_are_preferred_to_a_link_and_count_once(self, tmp_path):
        result = found({"data": [{"url": LINK, "b64_json": LONG}]}, tmp_path)
        assert len(result.sources) == 1
        assert isinstance(result.sources[0], Blob)

    @pytest.mark.parametrize("empty", [None, "", 7, {}, []])
    def test_an_empty_b64_json_leaves_the_link(self, tmp_path, empty):
        assert found({"data": [{"b64_json": empty, "url": LINK}]}, tmp_path).sources == (Link(LINK),)

    def test_a_data_url_in_the_url_field(self, tmp_path):
        result = found({"data": [{"url": f"data:image/png;base64,{LONG}"}]}, tmp_path)
        assert isinstance(result.sources[0], Blob)

    def test_several_pictures_keep_their_order(self, tmp_path):
        result = found({"data": [{"url": LINK}, {"url": LINK + "?2"}, {"url": LINK}]}, tmp_path)
        assert result.sources == (Link(LINK), Link(LINK + "?2"))

    def test_a_picture_inside_words(self, tmp_path):
        result = found(chat(f"Here: ![x](data:image/png;base64,{LONG}) Enjoy."), tmp_path)
        assert isinstance(result.sources[0], Blob)
        assert result.text == "Here: Enjoy."

    def test_a_link_with_a_query(self, tmp_path):
        assert found(chat(f"see {LINK}?sig=a%2Fb"), tmp_path).sources == (Link(f"{LINK}?sig=a%2Fb"),)

    def test_a_lone_link_needs_no_ending(self, tmp_path):
        assert found(chat("https://cdn.test/p/123"), tmp_path).sources == (Link("https://cdn.test/p/123"),)

    def test_a_link_to_a_page_among_words_is_no_picture(self, tmp_path):
        result = found(chat("I cannot draw this. See https://provider.test/policy"), tmp_path)
        assert result.sources == ()
        assert result.text is not None

    def test_content_in_parts(self, tmp_path):
        parts = [{"type": "text", "text": "Done."}, {"type": "image_url", "image_url": LINK}]
        result = found(chat(parts), tmp_path)
        assert (result.sources, result.text) == ((Link(LINK),), "Done.")


class TestBesidePictures:
    def test_usage_keeps_whole_numbers_only(self, tmp_path):
        usage = {"input_tokens": 5, "details": {"text_tokens": 2.0}, "x": "y", "z": None, "b": True, "n": -1}
        result = found({"usage": usage}, tmp_path)
        assert result.usage == {"input_tokens": 5, "details": {"text_tokens": 2}}

    @pytest.mark.parametrize("usage", [None, [], "x", {}, {"a": "b"}])
    def test_no_usage(self, tmp_path, usage):
        assert found({"usage": usage}, tmp_path).usage is None

    def test_what_the_answer_claims(self, tmp_path):
        body = {"size": "1024x1024", "quality": "low", "output_format": "png", "other": "x", "model": 7}
        assert found(body, tmp_path).reported == {
            "size": "1024x1024",
            "quality": "low",
            "output_format": "png",
        }

    def test_an_error_inside(self, tmp_path):
        assert found({"error": {"message": "no"}}, tmp_path).complaint == {"message": "no"}
        assert found({"message": "no"}, tmp_path).complaint == "no"
        assert found({"error": None, "data": []}, tmp_path).complaint is None

    def test_a_picture_wins_over_an_error_beside_it(self, tmp_path):
        result = found({"error": {"message": "late"}, "data": [{"url": LINK}]}, tmp_path)
        assert (result.sources, result.complaint) == ((Link(LINK),), None)


NAMES = st.sampled_from(
    [
        "data",
        "b64_json",
        "url",
        "choices",
        "message",
        "content",
        "text",
        "image_url",
        "error",
        "usage",
        "type",
        "size",
    ]
)
TEXTS = (
    st.sampled_from([LINK, LONG, "data:image/png;base64,AA", "![a](http://x/y.png)", "x.completed"])
    | st.text()
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, ANYTHING))
@settings(deadline=None)
def test_no_json_whatever_makes_it_raise(body):
    with tempfile.TemporaryDirectory() as folder:
        assert isinstance(found(body, Path(folder)), Found)


@pytest.mark.parametrize(
    "piece", ["![", "http://", "data:image/", "![x](", "[", "![a](http://x", "http://a.pn"]
)
def test_words_that_are_made_to_take_long_do_not(tmp_path, piece):
    began = time.monotonic()
    found(chat([piece * (400_000 // len(piece))] * 2), tmp_path)
    assert time.monotonic() - began < 5
