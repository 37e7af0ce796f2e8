"""Fetching a picture link that a provider handed out.

Free, so tried three times. The link is a stranger's word: only http(s), every address of its host checked,
the connection made to the checked address, redirects followed by hand with the same look, limits on size,
type and time, no key and no cookie. The full link is a secret of its owner: messages name the host alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from playground.gateway.blobs import MAX_PICTURE_BYTES, Blob, BlobWriter, TooLargeError
from playground.gateway.hosts import ForbiddenHostError, Resolver, permitted_addresses
from playground.gateway.spill import MalformedError
from playground.gateway.transport import body_of, until

WAITS_SECONDS = (2.0, 4.0, 8.0)  # before the second, third and last try (vendor: 2, 4, 8 s)
CONNECT_SECONDS = 10.0
TRY_SECONDS = 60.0  # the vendor's advice for one download
MAX_REDIRECTS = 3
MAX_LINK_CHARACTERS = 8192
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
# What a picture may be called. Anything else (a login page, an error in JSON) is no picture whatever its
# bytes say.
_TYPES = ("image/", "application/octet-stream", "binary/octet-stream", "application/x-download")


class LinkError(Exception):
    """The link could not be fetched. `may_help`: is another try worth it?"""

    def __init__(self, reason: str, *, may_help: bool) -> None:
        super().__init__(reason)
        self.may_help = may_help


@dataclass(frozen=True)
class LinkFetcher:
    """Downloads links with a client that must have no key in it."""

    client: httpx.Client
    resolver: Resolver
    sleep: Callable[[float], None] = time.sleep
    max_bytes: int = MAX_PICTURE_BYTES

    def fetch(self, link: str, *, into: Path, trusted: Iterable[str] = ()) -> Blob:
        """The bytes of a link in a file. Raises LinkError, and DiskError when the disk does not take them."""
        waits = iter(WAITS_SECONDS)
        while True:
            try:
                with until(time.monotonic() + TRY_SECONDS):
                    return self._follow(link, into, trusted)
            except LinkError as error:
                wait = next(waits, None) if error.may_help else None
                if wait is None:
                    raise
            self.sleep(wait)

    def _follow(self, link: str, into: Path, trusted: Iterable[str]) -> Blob:
        url = _checked(link)
        for _ in range(MAX_REDIRECTS + 1):
            found = self._get(url, into, trusted)
            if isinstance(found, Blob):
                return found
            url = _checked(str(found))
        raise LinkError("too many redirects", may_help=False)

    def _get(self, url: httpx.URL, into: Path, trusted: Iterable[str]) -> Blob | httpx.URL:
        """One GET: the bytes, or where it points to."""
        try:
            response = self._connect(url, self._addresses(url, trusted))
            try:
                return _target(url, response) or self._save(response, into)
            finally:
                response.close()
        except (TooLargeError, MalformedError) as error:
            raise LinkError(str(error), may_help=False) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LinkError(type(error).__name__, may_help=True) from error

    def _addresses(self, url: httpx.URL, trusted: Iterable[str]) -> list[str]:
        try:
            return permitted_addresses(_host(url), _port(url), trusted=trusted, resolver=self.resolver)
        except ForbiddenHostError as error:
            raise LinkError("its host is not on the open internet", may_help=False) from error
        except OSError as error:
            raise LinkError("its host has no address", may_help=True) from error

    def _connect(self, url: httpx.URL, addresses: list[str]) -> httpx.Response:
        """Open the link at one of the checked addresses, with the host's own name for Host and for TLS."""
        for address in addresses[:-1]:
            try:
                return self._open(url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return self._open(url, addresses[-1])

    def _open(self, url: httpx.URL, address: str) -> httpx.Response:
        request = self.client.build_request(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii"), "Accept": "image/*"},
            timeout=httpx.Timeout(TRY_SECONDS, connect=CONNECT_SECONDS),
            extensions={"sni_hostname": _host(url)},
        )
        return self.client.send(request, stream=True)

    def _save(self, response: httpx.Response, into: Path) -> Blob:
        _check_answer(response, self.max_bytes)
        writer = BlobWriter(into, self.max_bytes)
        try:
            for chunk in body_of(response):
                writer.write(chunk)
        except BaseException:
            writer.discard()
            raise
        return writer.close(is_whole=True)


def link_host(link: str) -> str:
    """The host of a link, all of it that a message may show."""
    try:
        return httpx.URL(link[:MAX_LINK_CHARACTERS]).host[:100] or "?"
    except (httpx.InvalidURL, ValueError):
        return "?"


def _checked(link: str) -> httpx.URL:
    try:
        url = httpx.URL(link) if len(link) <= MAX_LINK_CHARACTERS else None
    except (httpx.InvalidURL, ValueError):
        url = None
    if url is None or url.scheme not in _PORTS or not url.host or url.userinfo or _port(url) > 65535:
        raise LinkError("it is not a plain web address", may_help=False)
    return url.copy_with(fragment=None)


def _port(url: httpx.URL) -> int:
    return url.port or _PORTS[url.scheme]


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _target(url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
    """Where a redirect points to; None when it is no redirect."""
    if response.status_code not in _REDIRECTS:
        return None
    try:
        return url.join(response.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError) as error:
        raise LinkError("it redirects to nowhere", may_help=False) from error


def _check_answer(response: httpx.Response, max_bytes: int) -> None:
    status = response.status_code
    if status != 200:
        # 403, 404 and 410 are how a link says that its 24 hours are over.
        raise LinkError(f"status {status}", may_help=status in (408, 425, 429) or status >= 500)
    kind = response.headers.get("content-type", "").strip().lower()
    if kind and not kind.startswith(_TYPES):
        raise LinkError(f"its type is {kind[:40]!r}", may_help=False)
    length = response.headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > max_bytes:
        raise LinkError("it is too large", may_help=False)
