"""Whatever an answer is, on every way of asking: a picture, words, or a ProviderError; in time and in little memory.

The property tests of single readers stand beside them (test_reading, test_spill, test_streams, test_gemini); here
the whole of `send` is meant.
"""

import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway import (
    Answer,
    Billed,
    ErrorKind,
    Gateway,
    ImageRequest,
    Message,
    OutcomeUnknownError,
    ProviderError,
    RejectedError,
    Retry,
)
from tests.gateway.wire import (
    BASE,
    BIG,
    PNG,
    attached,
    b64,
    connection,
    edit,
    hold,
    noise,
    picture,
    raw_server,
    reply,
    request,
    talk,
)

WAYS = ("generation", "edit", "chat", "stream", "streamed edit", "nano", "nano edit")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def ask(way: str, folder: Path, seconds: float | None = None) -> ImageRequest:
    reference = attached(folder / "sent", picture("PNG", (40, 30)))
    return {
        "generation": request("gpt-image-2-all", timeout_seconds=seconds),
        "edit": edit(reference, model="gpt-image-2-vip", timeout_seconds=seconds),
        "chat": talk("x", Message("user", "y"), references=(reference,), timeout_seconds=seconds),
        "stream": request("gpt-image-2", timeout_seconds=seconds, stream=True, partial_images=2),
        "streamed edit": edit(reference, timeout_seconds=seconds, stream=True),
        "nano": request("gemini-3-pro-image", timeout_seconds=seconds),
        "nano edit": edit(reference, model="gemini-3-pro-image", timeout_seconds=seconds),
    }[way]


def outcome(way: str, folder: Path, answer, *, link=None, limit: int = 2_000_000) -> Answer | ProviderError:
    """One call to a provider that gives this answer. Checks what must hold whatever it was."""
    into = folder / "in"
    gone = lambda asked: reply(b"", 404)  # noqa: E731
    ours = Gateway(
        transport=httpx.MockTransport(lambda asked: answer),
        link_transport=httpx.MockTransport(link or gone),
        resolver=lambda host, port: ["10.0.0.7" if host == "inside.test" else "93.184.215.14"],
        sleep=lambda seconds: None,
        max_answer_bytes=limit,
    )
    with closing(ours):
        try:
            found = ours.send(connection(), ask(way, folder), base_url=BASE, into=into)
        except ProviderError as error:
            assert set(into.iterdir()) == set(error.kept)
            assert error.sentence
            assert error.retry is Retry.NEVER or error.billed is Billed.NO
            return error
    assert found.pictures or found.text
    assert set(into.iterdir()) == {one.path for one in (*found.pictures, *found.partials)}
    return found


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


@pytest.mark.parametrize("way", WAYS)
class TestHostileAnswers:
    BODIES = {
        "nothing": b"",
        "a page": b"<html><title>Log in</title></html>",
        "words": b"internal server error",
        "a list": b"[1, 2]",
        "half": b'{"data": [{"b64_json": "iVBOR',
        "no utf-8": b"\xff\xfe\xfd\xfc\xfb\xfa\xf9",
        "nested": b'{"a":' * 5000,
        "null": b"null",
        "numbers that never end": b'{"created": ' + b"9" * 5000 + b"}",
    }

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_what_cannot_be_read_may_have_been_billed(self, tmp_path, way, body):
        error = outcome(way, tmp_path, reply(body))
        assert isinstance(error, OutcomeUnknownError)
        assert (error.kind, error.billed) == (ErrorKind.UNREADABLE_ANSWER, Billed.UNKNOWN)

    EMPTY = {
        "nothing in it": {},
        "an empty list": {"data": [], "choices": [], "candidates": []},
        "wrong types": {"data": 7, "choices": "x", "candidates": {"content": 1}, "usage": [], "error": None},
        "wrong types inside": {
            "data": [None, 7, []],
            "candidates": [None, {"content": {"parts": {"text": 1}}}],
        },
        "an error": {"error": {"message": "the model had a bad day"}},
        "an error that is a number": {"error": 7},
        "a choice without a message": {"choices": [{"message": None}, {"message": {"content": {"a": 1}}}]},
    }

    @pytest.mark.parametrize("body", EMPTY.values(), ids=EMPTY)
    def test_a_success_without_a_picture_is_none(self, tmp_path, way, body):
        error = outcome(way, tmp_path, reply(body))
        assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.UNKNOWN)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    @pytest.mark.parametrize("target", [BASE, "http://inside.test/", "file:///etc/passwd", ""])
    def test_a_redirect_is_not_followed(self, tmp_path, way, status, target):
        error = outcome(way, tmp_path, reply(b"", status, location=target))
        assert (error.kind, error.billed) == (ErrorKind.REDIRECTED, Billed.NO)


@pytest.mark.parametrize("way", ["generation", "nano"])  # one for each reader of answers
class TestEndlessAnswers:
    BIG_ONES = {
        "blanks": b" " * 65536,
        "a long text": b'{"a": "' + b"word " * 9999,
        "a long number": b'{"a": ' + b"1" * 65536,
        "many pictures": b'{"b64_json": "' + b64(BIG).encode() + b'"}, ',
        "base64 without end": b"iVBORw0KGgoAAAANSUhE" * 3000,
        "events": b'data: {"type": "x", "a": 1}\n\n' * 500,
        "pings": b": ping\n\n" * 5000,
    }

    @pytest.mark.parametrize("piece", BIG_ONES.values(), ids=BIG_ONES)
    @pytest.mark.parametrize(
        "start", [b"", b'{"data": [', b'{"data": [{"b64_json": "', b"data: ", b'data: {"b64_json": "']
    )
    def test_an_endless_answer_is_cut_off_in_little_memory(self, tmp_path, way, start, piece):
        def body():
            yield start
            yield from endless(piece)

        tracemalloc.start()
        try:
            found = outcome(way, tmp_path, httpx.Response(200, content=body()), limit=300_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 3_000_000
        if isinstance(found, ProviderError):
            assert found.billed is Billed.UNKNOWN
            assert found.kind in (
                ErrorKind.ANSWER_TOO_LARGE,
                ErrorKind.UNREADABLE_ANSWER,
                ErrorKind.NOT_A_PICTURE,
            )
        else:  # a picture had arrived whole before the rest went wrong
            assert found.pictures[0].path.read_bytes() == BIG

    @pytest.mark.parametrize("inside", [b" ", b'{"a": "' + b"words " * 100, b": ping\n\n"])
    def test_a_compressed_bomb(self, tmp_path, way, inside):
        bomb = gzip.compress(inside * (60_000_000 // len(inside)))
        tracemalloc.start()
        try:
            error = outcome(way, tmp_path, reply(bomb, content_encoding="gzip"), limit=300_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert error.kind in (ErrorKind.ANSWER_TOO_LARGE, ErrorKind.UNREADABLE_ANSWER)
        assert peak < 3_000_000


@pytest.mark.parametrize("way", WAYS)
class TestLinks:
    def linked(self, way: str, url: str) -> dict[str, object]:
        if way == "chat":
            return {"choices": [{"message": {"content": f"![x]({url})"}}]}
        if way.startswith("nano"):
            return {"candidates": [{"content": {"parts": [{"fileData": {"fileUri": url}}]}}]}
        return {"data": [{"url": url}]}

    @pytest.mark.parametrize("url", ["http://inside.test/a.png", "http://inside.test:80/b.png"])
    def test_one_to_an_address_of_the_house_is_not_fetched(self, tmp_path, way, url):
        def nobody(asked: httpx.Request) -> httpx.Response:
            raise AssertionError(f"nobody should have asked for {asked.url}")

        error = outcome(way, tmp_path, reply(self.linked(way, url)), link=nobody)
        assert (error.kind, error.billed, error.links) == (ErrorKind.PICTURE_LINK_FAILED, Billed.YES, (url,))

    def test_one_that_redirects_for_ever(self, tmp_path, way):
        asked_for: list[str] = []

        def again(asked: httpx.Request) -> httpx.Response:
            asked_for.append(str(asked.url))
            return reply(b"", 302, location=f"https://cdn.test/{len(asked_for)}.png")

        error = outcome(way, tmp_path, reply(self.linked(way, "https://cdn.test/a.png")), link=again)
        assert (error.kind, error.billed) == (ErrorKind.PICTURE_LINK_FAILED, Billed.YES)
        assert len(asked_for) <= 4

    def test_one_that_redirects_into_the_house(self, tmp_path, way):
        def inside(asked: httpx.Request) -> httpx.Response:
            assert asked.url.host == "93.184.215.14"
            return reply(b"", 302, location="http://inside.test/a.png")

        error = outcome(way, tmp_path, reply(self.linked(way, "https://cdn.test/a.png")), link=inside)
        assert error.kind is ErrorKind.PICTURE_LINK_FAILED


@pytest.mark.parametrize("way", WAYS)
class TestTime:
    """A real socket, and a deadline of a fraction of a second for the whole call."""

    def took(self, way: str, folder: Path, behave) -> tuple[ProviderError, float]:
        began = time.monotonic()
        with raw_server(behave) as server, closing(Gateway()) as ours:
            with pytest.raises(ProviderError) as caught:
                ours.send(
                    connection(server.url), ask(way, folder, 0.3), base_url=server.url, into=folder / "in"
                )
            seconds = time.monotonic() - began
        assert len(server.requests) == 1
        return caught.value, seconds

    SLOW = {
        "silence": (b"", b""),
        "a slow head": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        "a slow body": (HEAD + b'{"data": [', b" "),
        "a slow picture": (HEAD + b'{"data": [{"b64_json": "', b"iVBO"),
        "slow events": (HEAD, b"data: {}\n\n"),
        "half an event": (HEAD + b'data: {"b64_json": "', b"iVBO"),
    }

    @pytest.mark.parametrize(("start", "drop"), SLOW.values(), ids=SLOW)
    def test_a_body_that_never_ends_does(self, tmp_path, way, start, drop):
        def trickle(peer: socket.socket) -> None:
            peer.sendall(start)
            peer.settimeout(0.03)
            for _ in range(200):
                try:
                    if not peer.recv(65536):
                        return
                except TimeoutError:
                    peer.sendall(drop)

        error, seconds = self.took(way, tmp_path, trickle)
        assert (error.kind, error.billed, error.retry) == (ErrorKind.TIMED_OUT, Billed.UNKNOWN, Retry.NEVER)
        assert 0.25 <= seconds < 3


class TestUploads:
    """Large pictures on their way out, and a server that will not have them."""

    @pytest.fixture
    def large(self, tmp_path) -> tuple:
        data = noise((1500, 1500))
        return tuple(attached(tmp_path / "sent", data, f"{number}.png") for number in range(3))

    def send(self, url: str, asked: ImageRequest, into: Path) -> ProviderError:
        with closing(Gateway()) as ours, pytest.raises(ProviderError) as caught:
            ours.send(connection(url), asked, base_url=url, into=into)
        return caught.value

    def test_a_server_that_stops_reading_holds_nobody(self, tmp_path, large):
        began = time.monotonic()
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            error = self.send(url, edit(*large, timeout_seconds=0.6), tmp_path / "in")
        assert (error.kind, error.billed) == (ErrorKind.TIMED_OUT, Billed.UNKNOWN)
        assert time.monotonic() - began < 3

    @pytest.mark.parametrize("way", ["edit", "chat"])
    def test_a_server_that_says_no_before_it_has_read_all(self, tmp_path, large, way):
        """The vendor's gateway does so above 80 MB: its answer counts, and it was free."""

        with socket.create_server(("127.0.0.1", 0)) as server:

            def refuse() -> None:
                peer, _ = server.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(2**20):
                        continue

            thread = threading.Thread(target=refuse, daemon=True)
            thread.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            asked = edit(*large) if way == "edit" else talk("x", model="gpt-image-2-all", references=large)
            error = self.send(url, asked, tmp_path / "in")
            thread.join(5)
        assert isinstance(error, RejectedError)
        assert (error.kind, error.billed) == (ErrorKind.TOO_LARGE, Billed.NO)

    def test_a_picture_that_shrinks_while_it_is_sent(self, tmp_path, large):
        """What was promised cannot be sent any more; nobody knows what the other side made of it."""

        def cut(peer: socket.socket) -> None:
            hold(peer)

        asked = talk("x", references=large)
        on_sent = lambda: large[2].path.write_bytes(b"short")  # noqa: E731
        with raw_server(cut) as server, closing(Gateway()) as ours, pytest.raises(ProviderError) as caught:
            ours.send(
                connection(server.url), asked, base_url=server.url, into=tmp_path / "in", on_sent=on_sent
            )
        assert (caught.value.kind, caught.value.billed) == (ErrorKind.CONNECTION_BROKEN, Billed.UNKNOWN)


NAMES = st.sampled_from(
    [
        "data", "b64_json", "url", "error", "message", "code", "param", "usage", "choices", "content", "type", "text",
        "image_url", "candidates", "parts", "inlineData", "finishReason", "promptFeedback", "usageMetadata",
        "partial_image_index",
    ]
)  # fmt: skip
TEXTS = st.text(max_size=9) | st.sampled_from(
    [b64(PNG), b64(BIG), f"data:image/png;base64,{b64(BIG)}", "http://inside.test/a.png", "https://cdn.test/a.png",
     "![x](https://cdn.test/a.png)", "image_generation.completed", "image_edit.partial_image", "error", "SAFETY"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
).map(lambda value: json.dumps(value).encode())
EVENTS = st.lists(
    st.builds(
        lambda end, body: b"data: " + body + end, st.sampled_from([b"\n\n", b"\r\n\r\n", b"\n", b""]), JSON
    )
    | st.sampled_from([b": ping\n\n", b"event: error\n", b"data: [DONE]\n\n", b"event: x.completed\n"]),
    max_size=6,
).map(b"".join)
LINKED = st.sampled_from(
    [
        (200, PNG, {"content_type": "image/png"}), (200, b"<html>", {"content_type": "text/html"}), (404, b"", {}),
        (302, b"", {"location": "http://inside.test/"}), (500, b"", {}), (200, b"", {}),
    ]
)  # fmt: skip


@given(
    way=st.sampled_from(WAYS),
    status=st.sampled_from([200, 200, 200, 200, 202, 204, 303, 400, 403, 429, 451, 500, 502, 504, 524, 599]),
    body=JSON | EVENTS | st.binary(max_size=200),
    cut=st.integers(0, 600),
    breaks=st.booleans(),
    encoding=st.sampled_from(["", "", "gzip", "deflate", "br"]),
    linked=LINKED,
)
@settings(deadline=None, max_examples=300)
def test_nothing_whatever(tmp_path_factory, way, status, body, cut, breaks, encoding, linked):
    data = body[:cut] if cut < 400 else body
    data = gzip.compress(data) if encoding == "gzip" else data

    def chunks():
        yield from (data[start : start + 7] for start in range(0, len(data), 7))
        if breaks:
            raise httpx.ReadError("reset")

    answer = httpx.Response(
        status, content=chunks(), headers={"Content-Encoding": encoding} if encoding else {}
    )
    link_status, link_body, headers = linked
    outcome(
        way,
        tmp_path_factory.mktemp("call"),
        answer,
        link=lambda asked: reply(link_body, link_status, **headers),
    )
