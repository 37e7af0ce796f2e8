"""A real socket with a server behind it that does everything wrong. Each call arrives at most once."""

import json
import socket
import ssl
import struct
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from playground.gateway import (
    Answer,
    Billed,
    ErrorKind,
    Gateway,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
    Retry,
)
from tests.gateway.wire import BIG, KEY, b64, connection, hold, raw_server, request

BODY = json.dumps({"created": 1, "data": [{"b64_json": b64(BIG)}]}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
PAUSE = (
    threading.Event()
)  # never set: waiting for it is a pause that the end of the test does not have to sit out


@pytest.fixture
def ours():
    with closing(Gateway()) as gateway:
        yield gateway


def call(gateway: Gateway, url: str, into: Path, seconds: float = 10, on_sent=None) -> Answer:
    asked = request(timeout_seconds=seconds)
    return gateway.send(connection(url), asked, base_url=url, into=into, on_sent=on_sent)


def failure(gateway: Gateway, url: str, into: Path, seconds: float = 10, on_sent=None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call(gateway, url, into, seconds, on_sent)
    assert list(into.iterdir()) == []
    return caught.value


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def trickle(peer: socket.socket, start: bytes, drop: bytes) -> None:
    """Send a byte now and then until the client has had enough."""
    peer.sendall(start)
    for _ in range(500):
        PAUSE.wait(0.02)
        peer.sendall(drop)


def test_a_good_answer(ours, tmp_path):
    with raw_server(lambda peer: peer.sendall(HEAD + BODY)) as server:
        answer = call(ours, server.url, tmp_path)
    assert answer.pictures[0].path.read_bytes() == BIG
    assert len(server.requests) == 1
    assert f"Authorization: Bearer {KEY}".encode() in server.requests[0]


class TestOutcomeUnknown:
    """Something left, nothing usable came back: may have been billed, never repeated."""

    CASES = {
        "closed": (lambda peer: None, ErrorKind.CONNECTION_BROKEN),
        "reset": (reset, ErrorKind.CONNECTION_BROKEN),
        "not http": (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"), ErrorKind.CONNECTION_BROKEN),
        "random bytes": (lambda peer: peer.sendall(bytes(range(256)) * 9), ErrorKind.CONNECTION_BROKEN),
        "half a head": (lambda peer: peer.sendall(b"HTTP/1.1 200 O"), ErrorKind.CONNECTION_BROKEN),
        "endless head": (
            lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000),
            ErrorKind.CONNECTION_BROKEN,
        ),
        "half a body": (
            lambda peer: peer.sendall(HEAD + BODY[: len(BODY) // 2]),
            ErrorKind.CONNECTION_BROKEN,
        ),
        "broken chunks": (
            lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            ErrorKind.CONNECTION_BROKEN,
        ),
        "two lengths": (
            lambda peer: peer.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"
            ),
            ErrorKind.CONNECTION_BROKEN,
        ),
        "a page": (
            lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
            ErrorKind.UNREADABLE_ANSWER,
        ),
        "nothing": (
            lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            ErrorKind.UNREADABLE_ANSWER,
        ),
    }

    @pytest.mark.parametrize(("behave", "kind"), CASES.values(), ids=CASES)
    def test_it_is_unknown_and_was_sent_once(self, ours, tmp_path, behave, kind):
        with raw_server(behave) as server:
            error = failure(ours, server.url, tmp_path)
        assert (error.kind, error.billed, error.retry) == (kind, Billed.UNKNOWN, Retry.NEVER)
        assert isinstance(error, OutcomeUnknownError)
        assert len(server.requests) == 1
        assert error.timings is not None
        assert error.timings.connect_seconds is not None

    SLOW = {
        "silence": hold,
        "a slow head": lambda peer: trickle(peer, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        "a slow body": lambda peer: trickle(peer, HEAD, b" "),
        "a body that stops": lambda peer: (peer.sendall(HEAD + BODY[:99]), hold(peer)),
        "endless interim answers": lambda peer: trickle(peer, b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    }

    @pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
    def test_the_time_limit_is_for_the_whole_call(self, ours, tmp_path, behave):
        began = time.monotonic()
        with raw_server(behave) as server:
            error = failure(ours, server.url, tmp_path, seconds=0.4)
            took = time.monotonic() - began
            ours.close()
        assert (error.kind, error.billed, error.retry) == (ErrorKind.TIMED_OUT, Billed.UNKNOWN, Retry.NEVER)
        assert len(server.requests) == 1
        assert 0.35 <= took < 3

    def test_a_slow_error_body_does_not_hold_the_call(self, ours, tmp_path):
        head = b"HTTP/1.1 401 No\r\nContent-Length: 9999\r\n\r\n{"
        with raw_server(lambda peer: trickle(peer, head, b" ")) as server:
            assert failure(ours, server.url, tmp_path, seconds=0.4).kind is ErrorKind.BAD_KEY


class TestNotSent:
    def check(self, error: ProviderError, kind: ErrorKind = ErrorKind.CANNOT_CONNECT) -> None:
        assert isinstance(error, NotSentError)
        assert (error.kind, error.billed) == (kind, Billed.NO)

    def test_nobody_listens(self, ours, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        error = failure(ours, f"http://127.0.0.1:{port}", tmp_path)
        self.check(error)
        assert error.retry is Retry.NEXT_BASE_URL

    def test_no_tls_where_tls_is_expected(self, ours, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer_plainly() -> None:
                peer, _ = server.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

            thread = threading.Thread(target=answer_plainly, daemon=True)
            thread.start()
            error = failure(ours, f"https://127.0.0.1:{server.getsockname()[1]}", tmp_path)
            thread.join(5)
        self.check(error)

    def test_a_host_that_accepts_and_never_shakes_hands(self, ours, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"https://127.0.0.1:{server.getsockname()[1]}"
            self.check(failure(ours, url, tmp_path, seconds=0.3))

    def test_a_host_name_that_dns_cannot_spell(self, ours, tmp_path):
        self.check(failure(ours, "http://" + "a" * 70, tmp_path), ErrorKind.BAD_ADDRESS)


class TestOnSent:
    def test_it_is_called_once_before_the_request_leaves(self, ours, tmp_path):
        arrived_before: list[int] = []
        with raw_server(lambda peer: peer.sendall(HEAD + BODY)) as server:
            call(ours, server.url, tmp_path, on_sent=lambda: arrived_before.append(len(server.requests)))
        assert arrived_before == [0]

    @pytest.mark.parametrize("exception", [RuntimeError, OSError, UnicodeError, ProviderError])
    def test_when_it_raises_nothing_leaves(self, ours, tmp_path, exception):
        stop = exception(ErrorKind.BUSY) if exception is ProviderError else exception("stop")

        def refuse() -> None:
            raise stop

        with raw_server(lambda peer: peer.sendall(HEAD + BODY)) as server, pytest.raises(exception) as caught:
            call(ours, server.url, tmp_path, on_sent=refuse)
        assert caught.value is stop
        assert [data for data in server.requests if data.strip()] == []
        assert list(tmp_path.iterdir()) == []

    def test_it_is_not_called_when_there_is_no_connection(self, ours, tmp_path):
        calls: list[int] = []
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        failure(ours, f"http://127.0.0.1:{port}", tmp_path, on_sent=lambda: calls.append(1))
        assert calls == []


class TestTheClient:
    def test_moments_come_in_order(self, ours, tmp_path):
        def behave(peer: socket.socket) -> None:
            PAUSE.wait(0.05)
            peer.sendall(HEAD)
            PAUSE.wait(0.05)
            peer.sendall(BODY)

        with raw_server(behave) as server:
            timings = call(ours, server.url, tmp_path).timings
        assert 0 < timings.connect_seconds < timings.first_byte_seconds < timings.done_seconds < 5
        assert timings.first_byte_seconds >= 0.05
        assert timings.done_seconds >= 0.1

    def test_proxies_from_the_environment_are_not_used(self, tmp_path, monkeypatch):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with raw_server(lambda peer: peer.sendall(HEAD + BODY)) as server, closing(Gateway()) as fresh:
            assert call(fresh, server.url, tmp_path).pictures

    def test_no_certificate_no_connection(self, tmp_path):
        assert Gateway  # the context checks names and chains; nothing in here switches that off
        with closing(Gateway()) as fresh:
            context = fresh._client._transport._pool._ssl_context
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname

    def test_no_call_rides_on_a_connection_that_another_call_has_used(self, ours, tmp_path):
        """A server may be closing it at that moment, and then nobody knows whether the second call arrived."""

        def behave(peer: socket.socket) -> None:
            peer.sendall(HEAD + BODY)
            hold(peer)  # a second request on this connection would get no answer

        with raw_server(behave) as server:
            for number in range(3):
                assert call(ours, server.url, tmp_path / str(number)).pictures
        assert len(server.requests) == 3
