"""The HTTP clients: one pool, exact time-outs, an end to every call, and nothing that repeats one.

httpx bounds each read, so a server that sends one byte a minute could hold a call for ever. The streams
here also obey a deadline for the whole call: inside `with until(moment)` every connect, read and write of
this thread ends by then.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from playground.gateway.spill import MalformedError

# No limit on connections: the number of calls in flight is the queue's decision. None is kept for a second call:
# a request on a connection that the server is closing at that moment fails without anyone knowing whether it
# arrived. A new connection costs a fraction of a second, a wrong "may have been charged" costs a person's trust.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=0)

_DECODED_SLICE_BYTES = 64 * 1024

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def until(moment: float | None) -> Iterator[None]:
    """Every network step of this thread ends by this moment of `time.monotonic()`."""
    token = _deadline.set(moment)
    try:
        yield
    finally:
        _deadline.reset(token)


def _bounded(timeout: float | None, too_late: type[Exception]) -> float | None:
    moment = _deadline.get()
    if moment is None:
        return timeout
    left = moment - time.monotonic()
    if left <= 0:
        raise too_late("the time for the whole call is over")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A network stream that obeys the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        bounded = _bounded(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, bounded))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        bounded = _bounded(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, bounded, local_address, socket_options))


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's transport on streams that obey the deadline. httpx has no argument for that, so its pool is
    replaced."""

    def __init__(self) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            http1=True,
            http2=False,
            retries=0,
            network_backend=_Backend(),
        )


def http_client(transport: httpx.BaseTransport) -> httpx.Client:
    """No redirects, no proxies from the environment (they repeat calls), no cookies shared between keys."""
    client = httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
    )
    # "identity" because a compressed picture is no smaller, and a small body cannot then unpack to a huge
    # one.
    client.headers = httpx.Headers({"User-Agent": "darkroom-playground", "Accept-Encoding": "identity"})
    return client


def body_of(response: httpx.Response) -> Iterator[bytes]:
    """The decoded body in slices of at most 64 KB, also when the server compresses although it was asked
    not to.

    Whoever reads applies the size limit to these slices, so that a compressed bomb ends where a plain one
    would.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return response.iter_raw()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _inflated(response.iter_raw())
    raise MalformedError(f"content encoding {encoding[:40]!r}")


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=47)  # 47: gzip or zlib, by its header
    for chunk in chunks:
        is_full = False  # a full slice means that more may wait inside, even when all input is consumed
        while (chunk or is_full) and not inflater.eof:
            try:
                slice_ = inflater.decompress(chunk, _DECODED_SLICE_BYTES)
            except zlib.error as error:
                raise MalformedError("broken compression") from error
            yield slice_
            chunk, is_full = inflater.unconsumed_tail, len(slice_) == _DECODED_SLICE_BYTES
    if not inflater.eof:
        raise MalformedError("compressed answer is not complete")
