"""Finding out about a provider: what it says for free, and what shape its answers have.

    listing = models(connection, "https://api.example")     # one GET of /v1/models, which no provider bills
    gateway = Gateway(transport=witness := Witness())       # what a call's answer looked like on the wire

`models` never raises for what an address answers: whatever is wrong is a `Verdict`. The key goes to the connection's
own base URLs only, and across no redirect.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx

from playground.gateway.addresses import normalise_base_url
from playground.gateway.complaints import complaint_of
from playground.gateway.errors import BaseUrlError
from playground.gateway.redaction import redact
from playground.gateway.request import Connection
from playground.gateway.spill import MalformedError
from playground.gateway.transport import DeadlineTransport, body_of, http_client, until

PATH = "/v1/models"
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 12.0
MAX_LIST_BYTES = 4_000_000  # a relay with thousands of models stays far below
MAX_MODELS = 20_000


class Verdict(StrEnum):
    """What became of the question. The values are translated, so they never change."""

    FINE = "fine"
    BAD_ADDRESS = "bad_address"
    KEY_UNSENDABLE = "key_unsendable"
    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not_trusted"  # its TLS certificate
    TOO_SLOW = "too_slow"
    BAD_KEY = "bad_key"
    FORBIDDEN = "forbidden"
    WRONG_PATH = "wrong_path"
    REDIRECTED = "redirected"
    WEB_PAGE = "web_page"
    NOT_A_LIST = "not_a_list"
    FAILED = "failed"


@dataclass(frozen=True)
class Listing:
    """What one address answered. `models` are the ids that it lists, empty unless the verdict is FINE."""

    base_url: str
    verdict: Verdict
    models: tuple[str, ...] = ()
    status: int | None = None
    seconds: float = 0.0
    provider_message: str = ""


@dataclass(frozen=True)
class _Reply:
    status: int
    content_type: str
    body: bytes


def models(connection: Connection, base_url: str, *, transport: httpx.BaseTransport | None = None) -> Listing:
    """Ask one address for its models. Another `transport` is for tests.

    A base URL that is not the connection's is a ValueError: a mistake of ours, and the key stays here.
    """
    if base_url not in connection.base_urls:
        raise ValueError("this base URL is not one of the connection's")
    began = time.monotonic()
    try:
        base, _ = normalise_base_url(base_url)
    except BaseUrlError as error:
        return Listing(base_url, Verdict.BAD_ADDRESS, provider_message=str(error))
    if not connection.key or not all("!" <= character <= "~" for character in connection.key):
        return Listing(base_url, Verdict.KEY_UNSENDABLE)
    try:
        with (
            http_client(transport or DeadlineTransport()) as client,
            until(began + TOTAL_SECONDS),
        ):
            reply = _get(client, base + PATH, connection.key, ends=began + TOTAL_SECONDS)
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        httpx.StreamError,
        MalformedError,
        UnicodeError,
        OSError,
    ) as error:
        return Listing(base_url, _why_no_answer(error), seconds=time.monotonic() - began)
    return _read(base_url, reply, connection.key, time.monotonic() - began)


def _get(client: httpx.Client, url: str, key: str, *, ends: float) -> _Reply:
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    with client.stream("GET", url, headers=headers, timeout=timeout) as response:
        body = bytearray()
        for chunk in body_of(response):
            body += chunk[: MAX_LIST_BYTES - len(body)]
            if len(body) >= MAX_LIST_BYTES or time.monotonic() > ends:
                break
        return _Reply(response.status_code, response.headers.get("content-type", "").lower(), bytes(body))


def _why_no_answer(error: Exception) -> Verdict:
    if isinstance(error, httpx.TimeoutException):
        return Verdict.UNREACHABLE if isinstance(error, httpx.ConnectTimeout) else Verdict.TOO_SLOW
    if isinstance(error, httpx.ConnectError):
        return Verdict.NOT_TRUSTED if _is_about_certificates(error) else Verdict.UNREACHABLE
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return Verdict.BAD_ADDRESS
    return Verdict.NOT_A_LIST if isinstance(error, MalformedError) else Verdict.FAILED


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "certificate" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


_BY_STATUS: Mapping[int, Verdict] = {
    401: Verdict.BAD_KEY,
    403: Verdict.FORBIDDEN,
    404: Verdict.WRONG_PATH,
    405: Verdict.WRONG_PATH,
}


def _read(base_url: str, reply: _Reply, key: str, seconds: float) -> Listing:
    parsed = _json(reply.body)
    said = redact(complaint_of(parsed).message, key)
    ids = _ids(parsed)
    is_page = "html" in reply.content_type or reply.body.lstrip()[:1] == b"<"
    if 300 <= reply.status < 400:
        verdict = Verdict.REDIRECTED
    elif reply.status in _BY_STATUS:
        verdict = _BY_STATUS[reply.status]
    elif reply.status >= 400:
        verdict = Verdict.FAILED
    elif ids is None:
        verdict = Verdict.WEB_PAGE if is_page else Verdict.NOT_A_LIST
    else:
        verdict = Verdict.FINE
    found = (ids or ()) if verdict is Verdict.FINE else ()
    return Listing(base_url, verdict, found, reply.status, round(seconds, 3), said)


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None


def _ids(parsed: object) -> tuple[str, ...] | None:
    """The ids of {"data": [{"id": ...}]}; None for anything else."""
    data = parsed.get("data") if isinstance(parsed, dict) else None
    if not isinstance(data, list):
        return None
    names = (each.get("id") if isinstance(each, dict) else each for each in data[:MAX_MODELS])
    return tuple(dict.fromkeys(name[:200] for name in names if isinstance(name, str) and name))


class Witness(httpx.BaseTransport):
    """Hands calls on as they are, and notes of the last answer what its readers make no difference of.

        witness = Witness()
        gateway = Gateway(transport=witness)
        ...
        witness.shape        # after a call: was the picture a link or base64, with a prefix, in a stream?

    For one thread: each call that is to be looked at has a witness, and a gateway, of its own.
    """

    def __init__(self, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or DeadlineTransport()
        self.shape = Shape()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.shape = Shape()
        response = self._inner.handle_request(request)
        self.shape = Shape(content_type=response.headers.get("content-type", "")[:100].lower())
        sieve = _Sieve()
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101  # a synchronous transport's
        response.stream = _Overheard(response.stream, sieve, lambda: self._note(sieve))
        return response

    def close(self) -> None:
        self._inner.close()

    def _note(self, sieve: _Sieve) -> None:
        self.shape = sieve.shape(self.shape.content_type)


@dataclass(frozen=True)
class Shape:
    """How an answer looked on the wire. `forms` are url and b64_json, as far as they were seen; `is_prefixed` is None
    where no base64 came; `previews` counts the partial pictures of a stream."""

    content_type: str = ""
    forms: tuple[str, ...] = ()
    is_prefixed: bool | None = None
    is_stream: bool = False
    previews: int = 0


class _Sieve:
    """Keeps of an answer its words, and of every long run of letters only the beginning: pictures fall through."""

    KEPT_OF_A_RUN = 120
    KEPT_BYTES = 64 * 1024

    def __init__(self) -> None:
        self._kept = bytearray()
        self._run = 0  # how long the run is that the last chunk ended in

    def feed(self, chunk: bytes) -> None:
        if len(self._kept) >= self.KEPT_BYTES:
            return
        for piece in _RUNS.findall(chunk):
            if piece[0] in _RUN_BYTES:
                self._kept += piece[: max(self.KEPT_OF_A_RUN - self._run, 0)]
                self._run += len(piece)
            else:
                self._kept += piece
                self._run = 0

    def shape(self, content_type: str) -> Shape:
        text = self._kept.decode("utf-8", errors="replace")
        inline = re.search(r'"b64_json"\s*:\s*"(data:)?.', text)
        has_link = re.search(r'"url"\s*:\s*"https?:', text)
        forms = [name for name, seen in (("b64_json", inline), ("url", has_link)) if seen]
        return Shape(
            content_type=content_type,
            forms=tuple(forms),
            is_prefixed=bool(inline[1]) if inline else None,
            is_stream="event-stream" in content_type,
            previews=len(re.findall(r'"type"\s*:\s*"[\w.]+\.partial_image"', text)),
        )


_RUN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_RUNS = re.compile(rb"[A-Za-z0-9+/=]+|[^A-Za-z0-9+/=]+")


class _Overheard(httpx.SyncByteStream):
    """A stream that is listened to while somebody else reads it."""

    def __init__(self, stream: httpx.SyncByteStream, sieve: _Sieve, done: Callable[[], None]) -> None:
        self._stream, self._sieve, self._done = stream, sieve, done

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._sieve.feed(chunk)
            yield chunk

    def close(self) -> None:
        self._done()
        self._stream.close()
