"""Streams of events: previews as they come, then the picture; and everything that can go wrong on the way."""

import json
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway import (
    Billed,
    EmptyAnswerError,
    ErrorKind,
    Gateway,
    OutcomeUnknownError,
    Partial,
    ProviderError,
    Retry,
)
from playground.gateway.incoming import Incoming
from playground.gateway.reading import read
from tests.gateway.wire import (
    BASE,
    BIG,
    PNG,
    b64,
    connection,
    gateway,
    hold,
    noise,
    picture,
    raw_server,
    request,
)

USAGE = {"input_tokens": 24, "output_tokens": 296, "total_tokens": 320}
PREVIEWS = [noise((20 + index, 20)) for index in range(3)]


def event(kind: str, body: object, name: bool = True, end: str = "\n") -> bytes:
    head = f"event: {kind}{end}" if name else ""
    return f"{head}data: {json.dumps(body)}{end}{end}".encode()


def preview(index: int, data: bytes | None = None, **options) -> bytes:
    kind = "image_generation.partial_image"
    shown = {
        "type": kind,
        "b64_json": b64(data or PREVIEWS[index]),
        "partial_image_index": index,
        "size": "1024x1024",
    }
    return event(kind, shown, **options)


def finished(data: bytes = BIG, kind: str = "image_generation.completed", **options) -> bytes:
    return event(kind, {"type": kind, "b64_json": b64(data), "size": "1024x1024", "usage": USAGE}, **options)


def failed(message: str, **more: object) -> bytes:
    return event("error", {"type": "error", "error": {"message": message, **more}})


def streamed(*pieces: bytes, breaks: bool = False, content_type: str = "text/event-stream") -> httpx.Response:
    def chunks():
        yield from pieces
        if breaks:
            raise httpx.ReadError("reset")

    return httpx.Response(
        200, content=chunks(), headers={"Content-Type": content_type, "x-request-id": "r-1"}
    )


def send(answer: httpx.Response, into: Path, on_partial=None):
    asked = request("gpt-image-2", stream=True, partial_images=2)
    with closing(gateway(lambda _: answer)) as ours:
        return ours.send(connection(), asked, base_url=BASE, into=into, on_partial=on_partial)


def failure_of(answer: httpx.Response, into: Path) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        send(answer, into)
    assert set(into.iterdir()) == set(caught.value.kept)
    return caught.value


class TestAStream:
    def test_previews_then_the_picture(self, tmp_path):
        answer = send(streamed(preview(0), preview(1), finished()), tmp_path)
        assert [one.path.read_bytes() for one in answer.pictures] == [BIG]
        assert [one.path.read_bytes() for one in answer.partials] == PREVIEWS[:2]
        assert (answer.usage, answer.request_id) == (USAGE, "r-1")
        assert answer.reported == {"size": "1024x1024"}
        assert len(list(tmp_path.iterdir())) == 3

    def test_a_preview_is_handed_over_before_the_next_event_comes(self, tmp_path):
        told: list[tuple[int, bytes]] = []
        when: list[int] = []

        def chunks():
            for piece in (preview(0), preview(1), finished()):
                when.append(len(told))
                yield piece

        send(
            httpx.Response(200, content=chunks()),
            tmp_path,
            lambda partial: told.append((partial.index, partial.path.read_bytes())),
        )
        assert told == [(0, PREVIEWS[0]), (1, PREVIEWS[1])]
        assert when == [0, 1, 2]

    def test_whoever_cannot_show_a_preview_still_gets_the_picture(self, tmp_path):
        def refuse(partial: Partial) -> None:
            raise RuntimeError("no screen")

        answer = send(streamed(preview(0), preview(1), finished()), tmp_path, refuse)
        assert (len(answer.pictures), len(answer.partials)) == (1, 2)

    @pytest.mark.parametrize("kind", ["image_generation.completed", "image_edit.completed"])
    @pytest.mark.parametrize("previews", [[], [preview(0)]])
    def test_fewer_previews_than_asked_for(self, tmp_path, kind, previews):
        answer = send(streamed(*previews, finished(kind=kind)), tmp_path)
        assert (len(answer.pictures), len(answer.partials)) == (1, len(previews))

    def test_a_picture_so_small_that_it_stays_in_the_skeleton(self, tmp_path):
        answer = send(streamed(preview(0, PNG), finished(PNG)), tmp_path)
        assert [one.path.read_bytes() for one in (*answer.partials, *answer.pictures)] == [PNG, PNG]

    @pytest.mark.parametrize("data", [b"no picture at all" * 100, b""])
    def test_a_preview_that_is_no_picture_is_passed_over(self, tmp_path, data):
        answer = send(streamed(preview(0, data or b"\0"), finished()), tmp_path)
        assert answer.partials == ()
        assert len(list(tmp_path.iterdir())) == 1

    def test_nobody_fills_the_disk_with_previews(self, tmp_path):
        answer = send(streamed(*[preview(0)] * 50, finished()), tmp_path)
        assert len(answer.partials) == 8
        assert len(list(tmp_path.iterdir())) == 9

    def test_what_comes_behind_the_picture_is_not_waited_for(self, tmp_path):
        def chunks():
            yield finished()
            raise AssertionError("nobody should have read on")

        assert send(httpx.Response(200, content=chunks()), tmp_path).pictures

    def test_a_whole_answer_as_one_event(self, tmp_path):
        body = {"created": 1, "data": [{"b64_json": b64(BIG)}], "usage": USAGE}
        answer = send(streamed(b"data: " + json.dumps(body).encode() + b"\n\ndata: [DONE]\n\n"), tmp_path)
        assert (len(answer.pictures), answer.usage) == (1, USAGE)


class TestHowItIsWritten:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_kind_of_line_end(self, tmp_path, end):
        answer = send(streamed(preview(0, end=end), finished(end=end)), tmp_path)
        assert (len(answer.pictures), len(answer.partials)) == (1, 1)

    def test_the_type_may_stand_in_the_data_or_in_the_name_alone(self, tmp_path):
        named = event("image_generation.partial_image", {"b64_json": b64(PREVIEWS[0])})
        last = event("image_generation.completed", {"b64_json": b64(BIG)})
        for number, pieces in enumerate([[named, last], [preview(0, name=False), finished(name=False)]]):
            answer = send(streamed(*pieces), tmp_path / str(number))
            assert (len(answer.pictures), len(answer.partials)) == (1, 1)

    def test_what_nobody_knows_is_passed_over(self, tmp_path):
        noise_between = (
            b"\xef\xbb\xbf: keep-alive\n\nid: 7\nretry: 100\n\n"
            b'event: image_generation.queued\ndata: {"position": 3, "message": "drawing"}\n\n'
            b"data\n\ndata: [DONE]\n\nnonsense without end of any use " + b"x" * 5000 + b"\n\n"
            b'data: {"deep": [1, 2\ndata: , 3]}\n\ndata: "words"\n\n'
        )
        assert (
            len(send(streamed(noise_between, preview(0), noise_between, finished()), tmp_path).pictures) == 1
        )

    def test_data_of_several_lines(self, tmp_path):
        body = json.dumps({"type": "image_generation.completed", "b64_json": b64(PNG)}, indent=1)
        lines = "".join(f"data: {line}\n" for line in body.splitlines())
        assert send(streamed(f"{lines}\n".encode()), tmp_path).pictures

    def test_a_last_event_without_its_empty_line(self, tmp_path):
        assert send(streamed(finished().rstrip()), tmp_path).pictures

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
    def test_a_stream_under_another_name(self, tmp_path, content_type):
        assert send(streamed(preview(0), finished(), content_type=content_type), tmp_path).partials

    @pytest.mark.parametrize("content_type", ["application/json", "text/event-stream"])
    @pytest.mark.parametrize("start", [b"", b"\n\n ", b"\xef\xbb\xbf"])
    def test_a_provider_that_does_not_stream_at_all(self, tmp_path, content_type, start):
        body = json.dumps({"data": [{"b64_json": b64(BIG)}], "usage": USAGE}).encode()
        answer = send(streamed(start + body, content_type=content_type), tmp_path)
        assert (len(answer.pictures), answer.partials, answer.usage) == (1, (), USAGE)

    @given(st.lists(st.integers(1, 4000), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
    @settings(deadline=None, max_examples=60)
    def test_it_does_not_matter_where_it_is_cut(self, tmp_path_factory, steps, end):
        into = tmp_path_factory.mktemp("cut")
        whole = preview(0, end=end) + b": ping" + end.encode() * 2 + finished(end=end)
        incoming = Incoming(into, read)
        for step in [*steps, len(whole)]:
            piece, whole = whole[:step], whole[step:]
            incoming.feed(piece)
        found = incoming.finish()
        assert len(found.sources) == len(incoming.partials) == 1
        assert found.usage == USAGE


class TestBrokenOff:
    @pytest.mark.parametrize("breaks", [True, False])
    @pytest.mark.parametrize("rest", [b"", finished()[:3000], b"event: image_generation.completed\ndata: {"])
    def test_after_a_preview_it_may_have_been_billed_and_the_preview_is_kept(self, tmp_path, rest, breaks):
        error = failure_of(streamed(preview(0), rest, breaks=breaks), tmp_path)
        assert isinstance(error, OutcomeUnknownError)
        assert (error.kind, error.billed, error.retry) == (
            ErrorKind.CONNECTION_BROKEN,
            Billed.UNKNOWN,
            Retry.NEVER,
        )
        assert [path.read_bytes() for path in error.kept] == [PREVIEWS[0]]
        assert error.request_id == "r-1"

    def test_before_anything_came(self, tmp_path):
        error = failure_of(streamed(b": ping\n\n", breaks=True), tmp_path)
        assert (error.kind, error.billed, error.kept) == (ErrorKind.CONNECTION_BROKEN, Billed.UNKNOWN, ())

    def test_a_stream_in_which_nothing_was_said(self, tmp_path):
        error = failure_of(streamed(b": ping\n\ndata: [DONE]\n\n"), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.UNREADABLE_ANSWER, Billed.UNKNOWN)
        assert "ping" in error.provider_message

    @pytest.mark.parametrize("cut", [-1, -2, -30])
    @pytest.mark.parametrize("name", [True, False])
    def test_a_picture_that_arrived_whole_is_a_success(self, tmp_path, cut, name):
        answer = send(streamed(preview(0), finished(name=name)[:cut], breaks=True), tmp_path)
        assert [one.path.read_bytes() for one in answer.pictures] == [BIG]
        assert len(answer.partials) == 1

    def test_a_preview_is_never_taken_for_the_picture(self, tmp_path):
        error = failure_of(streamed(preview(0)[:-1], breaks=True), tmp_path)
        assert error.kind is ErrorKind.CONNECTION_BROKEN
        assert [path.read_bytes() for path in error.kept] == [PREVIEWS[0]]
        assert failure_of(streamed(preview(1)[:-30], breaks=True), tmp_path / "b").kept == ()


class TestErrors:
    def test_a_refusal_in_the_stream_is_what_it_says(self, tmp_path):
        said = failed("Your request was rejected by the safety system.", code="moderation_blocked")
        error = failure_of(streamed(preview(0), said, finished()), tmp_path)
        assert isinstance(error, EmptyAnswerError)
        assert (error.kind, error.billed, error.retry) == (ErrorKind.MODERATION, Billed.UNKNOWN, Retry.NEVER)
        assert "safety system" in error.provider_message

    @pytest.mark.parametrize(
        "piece",
        [
            event("error", {"message": "The server had an error", "code": "server_error"}),
            event("error", {"error": {"message": "The server had an error"}}, name=False),
            event("error", {"type": "error", "message": "The server had an error"}, name=False),
            b'{"error": {"message": "The server had an error"}}',
        ],
    )
    def test_a_failure_in_any_spelling(self, tmp_path, piece):
        error = failure_of(streamed(piece), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.UNKNOWN)
        assert "The server had an error" in error.provider_message

    def test_bytes_that_are_no_picture_are_kept(self, tmp_path):
        error = failure_of(streamed(finished(b"nonsense" * 300)), tmp_path)
        assert error.kind is ErrorKind.NOT_A_PICTURE
        assert len(error.kept) == 1


class TestLimits:
    def test_no_picture_is_ever_whole_in_memory(self, tmp_path):
        large = noise((1500, 1400))
        body = finished(large)
        pieces = [preview(0), *(body[start : start + 65536] for start in range(0, len(body), 65536))]
        answer = streamed(*pieces)
        tracemalloc.start()
        try:
            found = send(answer, tmp_path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert found.pictures[0].byte_size == len(large) > 8_000_000
        assert peak < 2_000_000

    @pytest.mark.parametrize(
        "piece",
        [b": ping\n\n", b"data: {}\n\n", b"data: x", b"event: " + b"x" * 999, b"\n", b" ", preview(0)],
    )
    def test_an_endless_stream_is_cut_off(self, tmp_path, piece):
        def endless():
            while True:
                yield piece * (8000 // len(piece) + 1)

        ours = Gateway(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=endless())),
            max_answer_bytes=300_000,
        )
        with closing(ours), pytest.raises(ProviderError) as caught:
            ours.send(connection(), request("gpt-image-2", stream=True), base_url=BASE, into=tmp_path)
        assert (caught.value.kind, caught.value.billed) == (ErrorKind.ANSWER_TOO_LARGE, Billed.UNKNOWN)
        assert set(tmp_path.iterdir()) == set(caught.value.kept)

    def test_pings_do_not_prolong_the_call(self, tmp_path):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

        def ping(peer) -> None:
            peer.sendall(head + preview(0))
            for _ in range(500):
                peer.sendall(b": ping\n\n")
                hold_for_a_moment(peer)

        began = time.monotonic()
        with raw_server(ping) as server, closing(Gateway()) as ours:
            asked = request("gpt-image-2", timeout_seconds=0.5, stream=True)
            with pytest.raises(ProviderError) as caught:
                ours.send(connection(server.url), asked, base_url=server.url, into=tmp_path)
        assert (caught.value.kind, len(caught.value.kept)) == (ErrorKind.TIMED_OUT, 1)
        assert time.monotonic() - began < 3

    def test_a_connection_that_stays_open_behind_the_picture_holds_nobody(self, tmp_path):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        began = time.monotonic()
        stays = lambda peer: (peer.sendall(head + finished()), hold(peer))  # noqa: E731
        with raw_server(stays) as server, closing(Gateway()) as ours:
            asked = request("gpt-image-2", timeout_seconds=4, stream=True)
            answer = ours.send(connection(server.url), asked, base_url=server.url, into=tmp_path)
        assert answer.pictures[0].byte_size == len(BIG)
        assert time.monotonic() - began < 3


def hold_for_a_moment(peer) -> None:
    peer.settimeout(0.02)
    try:
        peer.recv(1)
    except TimeoutError:
        return


ODDMENTS = st.sampled_from(
    [
        b"data: ", b"data:", b"event: error\n", b"event: image_generation.completed\n", b"\n", b"\r\n", b"\r", b"\n\n",
        b"{", b"}", b'"', b"[DONE]", b': c\n', b'{"type": "image_generation.partial_image", "b64_json": "', b'"}',
        b'{"type": "error", "error": 7}', b'{"error": {"message": "no"}}', b64(PNG).encode(), b64(BIG)[:2500].encode(),
        b'{"type": "x.completed", "b64_json": "', b'{"data": [{"url": "', b'"}]}', b"\xff\xfe", b"\\u00", b"null",
        preview(0), finished(PNG)[:-2],
    ]
)  # fmt: skip


@given(st.lists(ODDMENTS | st.binary(max_size=20), max_size=30), st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_stream_whatever_raises_anything_but_a_provider_error(tmp_path_factory, pieces, breaks):
    into = tmp_path_factory.mktemp("stream")
    try:
        answer = send(streamed(*pieces, breaks=breaks), into)
        assert answer.pictures or answer.text
        assert {one.path for one in (*answer.pictures, *answer.partials)} == set(into.iterdir())
    except ProviderError as error:
        assert set(into.iterdir()) == set(error.kept)
        assert error.sentence


def test_a_picture_of_a_stream_is_what_its_bytes_are(tmp_path):
    answer = send(
        streamed(preview(0, picture("WEBP", (40, 30))), finished(picture("JPEG", (400, 300)))), tmp_path
    )
    assert [one.format for one in (*answer.partials, *answer.pictures)] == ["webp", "jpeg"]
