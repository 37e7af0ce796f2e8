"""One POST and its answer, with everything that is learnt on the way.

`Watch` is told by the transport what happens on the wire; `receive` streams an answer into files.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from playground.gateway.answer import Timings
from playground.gateway.blobs import TooLargeError
from playground.gateway.errors import ProviderError
from playground.gateway.events import StreamEndedError
from playground.gateway.incoming import Incoming
from playground.gateway.reading import Found
from playground.gateway.redaction import clean_header, clean_token
from playground.gateway.spill import MalformedError
from playground.gateway.transport import body_of, until

# An error has few words. Reading more of it, or for longer, helps nobody.
MAX_ERROR_BYTES = 64 * 1024
MAX_ERROR_SECONDS = 15.0
REQUEST_ID_HEADERS = ("request-id", "x-request-id")
# What a provider's support, or the owner of a proxy on the way, asks for. None of them is a secret.
TELLING_HEADERS = (
    "date", "server", "via", "content-type", "content-encoding", "content-length", "retry-after",
    "cf-ray", "x-oneapi-request-id", "openai-processing-ms", "x-ratelimit-remaining-requests",
)  # fmt: skip

_ID_IN_WORDS = re.compile(r"\(request id:\s*([^)\s]{1,200})\)", re.I)


class Watch:
    """What the wire said so far: moments in seconds since the beginning, and whether anything may have left.

    Given to the transport as its trace. `on_sent` runs just before the first byte may leave; if it raises,
    nothing leaves, and `stopped_by` remembers why.
    """

    def __init__(self, on_sent: Callable[[], None] | None, total_seconds: float) -> None:
        self.began = time.monotonic()
        self.ends = self.began + total_seconds
        self.total_seconds = total_seconds
        self.has_left = False
        self.status: int | None = None
        self.request_id: str | None = None
        self.stopped_by: BaseException | None = None
        self.headers: dict[str, str] = {}
        self._on_sent = on_sent
        self._connected: float | None = None
        self._first_byte: float | None = None
        self._done: float | None = None

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        """The transport's trace: event names are httpcore's."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._connected = self._now()
        elif event.endswith("send_request_headers.started"):
            self._leave()
        elif event.endswith("receive_response_headers.complete"):
            self._first_byte = self._now()

    def answered(self, response: httpx.Response, id_headers: Iterable[str]) -> None:
        self._first_byte = self._first_byte or self._now()
        self.status = response.status_code
        for name in (*id_headers, *REQUEST_ID_HEADERS):
            self.request_id = self.request_id or clean_token(response.headers.get(name))
        said = ((name, clean_header(response.headers.get(name))) for name in TELLING_HEADERS)
        self.headers = {name: value for name, value in said if value}

    def done(self) -> None:
        self._done = self._now()

    @property
    def timings(self) -> Timings:
        return Timings(self._connected, self._first_byte, self._done)

    def complete(self, error: ProviderError) -> ProviderError:
        """The error with what is known of the exchange."""
        said = _ID_IN_WORDS.search(error.provider_message)
        error.status = error.status or self.status
        error.request_id = self.request_id or (clean_token(said[1]) if said else None)
        error.timings = self.timings
        error.headers = self.headers
        return error

    def _leave(self) -> None:
        if self._on_sent is not None:
            try:
                self._on_sent()
            except BaseException as error:
                self.stopped_by = error
                raise
        self.has_left = True

    def _now(self) -> float:
        return time.monotonic() - self.began


def receive(response: httpx.Response, incoming: Incoming, *, ends: float) -> Found:
    """Stream an answer into files and read what is left of it.

    A picture that has arrived whole is paid for, so it is returned even when the connection breaks, or
    nonsense comes, right behind it. Otherwise raises httpx errors, TooLargeError, MalformedError,
    StreamEndedError and DiskError.
    """
    try:
        for chunk in body_of(response):
            if time.monotonic() > ends:
                raise httpx.ReadTimeout("the time for the whole call is over")
            if incoming.feed(chunk):
                break
        return incoming.finish()
    except (httpx.HTTPError, httpx.StreamError, TooLargeError, MalformedError, StreamEndedError):
        salvaged = incoming.salvage()
        if salvaged is None:
            raise
        return salvaged


def beginning_of(response: httpx.Response, *, ends: float) -> bytes:
    """The first bytes of an error body: whatever of it can be had."""
    kept = bytearray()
    with until(min(ends, time.monotonic() + MAX_ERROR_SECONDS)):
        try:
            for chunk in body_of(response):
                kept += chunk[: MAX_ERROR_BYTES - len(kept)]
                if len(kept) >= MAX_ERROR_BYTES or time.monotonic() > ends:
                    break
        except (httpx.HTTPError, httpx.StreamError, MalformedError):
            pass  # the status has been read, and a body that broke off is simply not readable
    return bytes(kept)
