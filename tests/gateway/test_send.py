"""One call: what it returns, what it raises, what it leaves on disk."""

import gzip
import hashlib
import json
import zlib
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway import (
    Billed,
    EmptyAnswerError,
    ErrorKind,
    InvalidRequestError,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
    Retry,
)
from playground.gateway import blobs as blobs_module
from playground.gateway import client as client_module
from playground.gateway import spill as spill_module
from tests.gateway.wire import BASE, BIG, KEY, PNG, b64, connection, gateway, picture, reply, request, send

USAGE = {"input_tokens": 24, "output_tokens": 196, "total_tokens": 220}


def answer_with(data: bytes, **more: object) -> dict[str, object]:
    return {"created": 1, "data": [{"b64_json": b64(data)}], "usage": USAGE, **more}


def failure_of(answer, into: Path, **options) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        send(answer, into, **options)
    return caught.value


def nobody(asked: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing should have been sent")


class TestAnAnswer:
    @pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
    @pytest.mark.parametrize("size", [(2, 3), (400, 300)])
    def test_the_providers_bytes_are_untouched(self, tmp_path, format, size):
        data = picture(format, size)
        found = send(reply(answer_with(data)), tmp_path).pictures
        assert len(found) == 1
        assert found[0].path.read_bytes() == data
        assert found[0].path.parent == tmp_path
        assert found[0].sha256 == hashlib.sha256(data).hexdigest()
        assert found[0].byte_size == len(data)
        assert (found[0].format, found[0].width, found[0].height) == (format.lower(), *size)

    def test_what_is_beside_the_picture(self, tmp_path):
        body = answer_with(BIG, size="1024x1024", quality="low")
        answer = send(reply(body, request_id="abc-1"), tmp_path)
        assert answer.usage == USAGE
        assert answer.request_id == "abc-1"
        assert answer.reported == {"size": "1024x1024", "quality": "low"}
        assert answer.status == 200
        assert answer.bytes_received == len(json.dumps(body))
        assert answer.pictures[0].has_alpha

    @pytest.mark.parametrize("name", ["request-id", "X-Request-Id", "REQUEST-ID"])
    def test_both_names_of_the_request_id_are_read(self, tmp_path, name):
        assert send(reply(answer_with(PNG), **{name: "r-7"}), tmp_path).request_id == "r-7"

    def test_nothing_but_the_picture_is_left_in_the_folder(self, tmp_path):
        body = answer_with(BIG, thought_signature=b64(b"x" * 5000))
        answer = send(reply(body), tmp_path)
        assert list(tmp_path.iterdir()) == [answer.pictures[0].path]

    def test_the_folder_is_made_when_missing(self, tmp_path):
        assert send(reply(answer_with(PNG)), tmp_path / "a" / "b").pictures[0].path.exists()

    @pytest.mark.parametrize("status", [200, 201, 202])
    def test_every_success_counts(self, tmp_path, status):
        assert send(reply(answer_with(PNG), status), tmp_path).status == status

    @pytest.mark.parametrize(
        ("encoding", "squeeze"),
        [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)],
    )
    def test_a_server_that_compresses_anyway(self, tmp_path, encoding, squeeze):
        body = squeeze(json.dumps(answer_with(BIG)).encode())
        answer = send(reply(body, content_encoding=encoding), tmp_path)
        assert answer.pictures[0].byte_size == len(BIG)

    def test_a_picture_that_arrived_whole_survives_what_breaks_behind_it(self, tmp_path):
        def chunks():
            yield json.dumps(answer_with(BIG)).encode()[:-30]
            raise httpx.ReadError("reset")

        answer = send(httpx.Response(200, content=chunks()), tmp_path)
        assert answer.pictures[0].path.read_bytes() == BIG
        assert answer.usage is None

    def test_nonsense_behind_a_whole_picture_is_forgiven(self, tmp_path):
        body = json.dumps(answer_with(BIG)).encode() + b"<!-- served by cdn -->"
        assert send(reply(body), tmp_path).pictures[0].path.read_bytes() == BIG


class TestTheRequest:
    def test_it_is_json_with_the_key_in_one_header(self, tmp_path):
        seen: list[tuple[httpx.Request, bytes]] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append((asked, asked.read()))
            return reply(answer_with(PNG))

        send(answer, tmp_path, request(prompt="une tasse 茶"))
        asked, body = seen[0]
        assert str(asked.url) == f"{BASE}/v1/images/generations"
        assert asked.headers["Authorization"] == f"Bearer {KEY}"
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["Accept-Encoding"] == "identity"
        assert json.loads(body)["prompt"] == "une tasse 茶"

    def test_a_lone_surrogate_in_the_prompt_breaks_nothing(self, tmp_path):
        assert send(reply(answer_with(PNG)), tmp_path, request(prompt="a \ud800 b")).pictures

    def test_cookies_are_not_kept(self, tmp_path):
        seen: list[httpx.Request] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked)
            return reply(answer_with(PNG), set_cookie="session=1; Path=/")

        ours = gateway(answer)
        for _ in range(2):
            ours.send(connection(), request(), base_url=BASE, into=tmp_path)
        assert "cookie" not in seen[1].headers

    @pytest.mark.parametrize("base", [f"{BASE}/v1", f"{BASE}/", f"{BASE}/v1/v1/"])
    def test_the_base_url_is_mended(self, tmp_path, base):
        seen: list[str] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(str(asked.url))
            return reply(answer_with(PNG))

        gateway(answer).send(connection(base), request(), base_url=base, into=tmp_path)
        assert seen == [f"{BASE}/v1/images/generations"]

    def test_links_are_handed_over_before_any_is_fetched(self, tmp_path):
        told: list[tuple[str, int]] = []
        fetched: list[str] = []

        def link(asked: httpx.Request) -> httpx.Response:
            fetched.append(str(asked.url))
            return httpx.Response(200, stream=httpx.ByteStream(PNG), headers={"Content-Type": "image/png"})

        url = "https://r2cdn.example/a.png"
        ours = gateway(lambda _: reply({"created": 1, "data": [{"url": url}]}), link)
        answer = ours.send(
            connection(), request(), base_url=BASE, into=tmp_path,
            on_links=lambda links: told.extend((each, len(fetched)) for each in links),
        )  # fmt: skip
        assert told == [(url, 0)]
        assert len(answer.pictures) == len(fetched) == 1

    def test_the_key_goes_to_no_other_base_url(self, tmp_path):
        with pytest.raises(ValueError, match="base URL"):
            gateway(nobody).send(connection(), request(), base_url="https://elsewhere.test", into=tmp_path)

    def test_one_call_is_one_call(self, tmp_path):
        seen: list[httpx.Request] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked)
            return reply({"error": {"message": "busy"}}, 503)

        failure_of(answer, tmp_path)
        assert len(seen) == 1


class TestNotSent:
    def test_what_would_be_refused_opens_no_socket(self, tmp_path):
        with pytest.raises(InvalidRequestError) as caught:
            send(nobody, tmp_path, request("gpt-image-2", size="1792x936"))
        assert caught.value.billed is Billed.NO
        assert caught.value.problems

    @pytest.mark.parametrize("key", ["", "sk-\n1", "sk-é", "sk 1", "\0"])
    def test_a_key_that_no_header_can_carry(self, tmp_path, key):
        with pytest.raises(NotSentError) as caught:
            gateway(nobody).send(connection(key=key), request(), base_url=BASE, into=tmp_path)
        assert caught.value.kind is ErrorKind.KEY_UNSENDABLE
        assert not key or key not in str(caught.value)

    @pytest.mark.parametrize("base", ["https://api-cf.apiyi.com", "ftp://x.test", "https://"])
    def test_a_base_url_that_cannot_be_used(self, tmp_path, base):
        with pytest.raises(NotSentError) as caught:
            gateway(nobody).send(connection(base), request(), base_url=base, into=tmp_path)
        assert caught.value.kind is ErrorKind.BAD_ADDRESS

    def test_no_picture_is_bought_that_could_not_be_saved(self, tmp_path, monkeypatch):
        monkeypatch.setattr(client_module, "MIN_FREE_BYTES", 2**62)
        error = failure_of(nobody, tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.NO_ROOM, Billed.NO)

    def test_no_picture_is_bought_without_a_folder(self, tmp_path):
        (tmp_path / "file").write_text("")
        assert failure_of(nobody, tmp_path / "file" / "x").kind is ErrorKind.NO_ROOM


class TestUselessAnswers:
    @pytest.mark.parametrize("body", [{}, {"data": []}, {"data": None}, {"data": [{}]}, {"data": [None, 7]}])
    def test_no_picture(self, tmp_path, body):
        error = failure_of(reply(body), tmp_path)
        assert (error.kind, error.billed, error.retry) == (ErrorKind.NO_IMAGE, Billed.UNKNOWN, Retry.NEVER)
        assert isinstance(error, EmptyAnswerError)

    @pytest.mark.parametrize("data", [b"GIF89a" * 500, b"<svg/>", b"nonsense" * 300])
    def test_what_is_not_a_picture_is_kept(self, tmp_path, data):
        error = failure_of(reply(answer_with(data)), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.NOT_A_PICTURE, Billed.UNKNOWN)
        assert [path.read_bytes() for path in error.kept] == [data]
        assert list(tmp_path.iterdir()) == list(error.kept)

    @pytest.mark.parametrize("text", ["!!!", b64(BIG) + "!", b64(BIG)[:-3] + "é" * 9])
    def test_wrong_base64_is_kept_as_far_as_it_goes(self, tmp_path, text):
        error = failure_of(reply({"data": [{"b64_json": text}]}), tmp_path)
        assert error.kind is ErrorKind.NOT_A_PICTURE
        assert len(error.kept) == 1

    def test_an_error_inside_a_200(self, tmp_path):
        error = failure_of(reply({"error": {"message": f"safety system says no to {KEY}"}}), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.MODERATION, Billed.UNKNOWN)
        assert KEY not in error.provider_message

    def test_a_full_disk(self, tmp_path, monkeypatch):
        def full(self, data: bytes) -> None:
            raise blobs_module.DiskError("no space left on device")

        monkeypatch.setattr(blobs_module.BlobWriter, "write", full)
        for body in (answer_with(BIG), answer_with(PNG)):
            error = failure_of(reply(body), tmp_path)
            assert (error.kind, error.billed) == (ErrorKind.NOT_SAVED, Billed.YES)
            assert list(tmp_path.iterdir()) == []


class TestOutcomeUnknown:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html><title>Hello</title></html>",
            b"{",
            b"[]",
            b"null",
            b'{"data": [{"b64_json": "iVBOR',
            b"\xff\xd8",
        ],
    )
    def test_an_answer_that_cannot_be_read(self, tmp_path, body):
        error = failure_of(reply(body, request_id="r-1"), tmp_path)
        assert (error.kind, error.billed, error.retry) == (
            ErrorKind.UNREADABLE_ANSWER,
            Billed.UNKNOWN,
            Retry.NEVER,
        )
        assert (error.request_id, error.status) == ("r-1", 200)
        assert list(tmp_path.iterdir()) == []

    def test_a_page_instead_of_json_is_quoted(self, tmp_path):
        assert failure_of(reply(b"<html><title>Log in</title></html>"), tmp_path).provider_message == "Log in"

    def test_a_cut_answer_leaves_nothing(self, tmp_path):
        whole = json.dumps(answer_with(BIG)).encode()

        def chunks():
            yield whole[: len(whole) // 2]
            raise httpx.RemoteProtocolError("peer closed connection")

        error = failure_of(httpx.Response(200, content=chunks()), tmp_path)
        assert isinstance(error, OutcomeUnknownError)
        assert error.kind is ErrorKind.CONNECTION_BROKEN
        assert list(tmp_path.iterdir()) == []

    def test_an_endless_answer_is_cut_off(self, tmp_path, monkeypatch):
        monkeypatch.setattr(spill_module, "MAX_SKELETON_BYTES", 20_000)

        def endless():
            yield b"{"
            while True:
                yield b" " * 1000

        error = failure_of(httpx.Response(200, content=endless()), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.ANSWER_TOO_LARGE, Billed.UNKNOWN)

    def test_a_compressed_bomb_is_cut_off(self, tmp_path):
        bomb = gzip.compress(b'{"text": "' + b"boom! " * 8_000_000)
        error = failure_of(reply(bomb, content_encoding="gzip", pieces=1), tmp_path)
        assert error.kind is ErrorKind.ANSWER_TOO_LARGE

    @pytest.mark.parametrize("encoding", ["br", "zstd", "nonsense", "gzip, gzip"])
    def test_an_unknown_compression(self, tmp_path, encoding):
        assert (
            failure_of(reply(b"x", content_encoding=encoding), tmp_path).kind is ErrorKind.UNREADABLE_ANSWER
        )

    def test_broken_compression(self, tmp_path):
        error = failure_of(reply(b"no gzip at all", content_encoding="gzip"), tmp_path)
        assert error.kind is ErrorKind.UNREADABLE_ANSWER

    def test_a_redirect_is_not_followed(self, tmp_path):
        seen: list[str] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked.url.host)
            return reply(b"", 307, location="https://elsewhere.test/v1/images/generations")

        error = failure_of(answer, tmp_path)
        assert error.kind is ErrorKind.REDIRECTED
        assert seen == ["provider.test"]


class TestErrorBodies:
    def test_the_request_id_is_taken_from_the_words_when_no_header_has_it(self, tmp_path):
        error = failure_of(reply({"error": {"message": "no (request id: 2026abc)"}}, 401), tmp_path)
        assert error.request_id == "2026abc"

    def test_an_endless_error_body_is_read_no_further_than_needed(self, tmp_path):
        def endless():
            while True:
                yield b"words " * 1000

        assert failure_of(httpx.Response(400, content=endless()), tmp_path).kind is ErrorKind.REFUSED

    def test_an_error_body_that_breaks_off_is_still_an_error(self, tmp_path):
        def broken():
            yield b'{"error": {"mess'
            raise httpx.ReadError("reset")

        assert failure_of(httpx.Response(401, content=broken()), tmp_path).kind is ErrorKind.BAD_KEY
        error = failure_of(httpx.Response(500, content=broken()), tmp_path)
        assert error.billed is Billed.UNKNOWN

    def test_a_compressed_error_is_read(self, tmp_path):
        body = gzip.compress(json.dumps({"error": {"message": "insufficient balance"}}).encode())
        assert failure_of(reply(body, 429, content_encoding="gzip"), tmp_path).kind is ErrorKind.BALANCE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(b64(PNG)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "b64_json", "url", "error", "message", "code", "param", "usage", "choices"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(
    status=st.sampled_from([200, 200, 200, 204, 301, 400, 403, 429, 451, 500, 502, 504, 524, 599]),
    body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200),
    cut=st.integers(0, 400),
    headers=st.dictionaries(
        st.sampled_from(["Content-Encoding", "Retry-After", "Request-Id", "Location", "Content-Type"]),
        st.text("abcgzip/;0129 -", max_size=12) | st.sampled_from(["gzip", "deflate", "identity"]),
    ),
)
@settings(deadline=None, max_examples=150)
def test_no_answer_whatever_raises_anything_but_a_provider_error(
    tmp_path_factory, status, body, cut, headers
):
    into = tmp_path_factory.mktemp("call")
    refused = lambda asked: reply(b"", 404)  # noqa: E731 (a link that is gone)
    try:
        answer = send(reply(body[:cut] if cut < 300 else body, status, **headers), into, link=refused)
        assert answer.pictures or answer.text
    except ProviderError as error:
        assert set(into.iterdir()) == set(error.kept)
        assert error.sentence
        assert error.timings is not None
