"""Sending one paid call, exactly once.

`Gateway.send` returns an Answer or raises a ProviderError. It never retries the call, follows no redirect,
touches no database, and gives the key to nothing but the connection's own base URLs. Downloading a picture
link is free, so that (and only that) is tried again in here.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from playground.catalog import timeout_seconds
from playground.gateway.addresses import normalise_base_url
from playground.gateway.answer import Answer, Picture
from playground.gateway.blobs import MAX_PICTURE_BYTES, DiskError, TooLargeError
from playground.gateway.bodies import content_of
from playground.gateway.errors import BaseUrlError, Billed, ErrorKind, ProviderError, failure
from playground.gateway.events import OnPartial, StreamEndedError
from playground.gateway.exchange import Watch, beginning_of, receive
from playground.gateway.failures import from_exception, from_status
from playground.gateway.hosts import Resolver, system_resolver
from playground.gateway.incoming import Incoming
from playground.gateway.links import LinkError, LinkFetcher
from playground.gateway.reading import Found, Link
from playground.gateway.redaction import redact
from playground.gateway.request import Call, Connection, ImageRequest
from playground.gateway.results import collect, is_words, link_failed, no_picture, picture_of, words_of
from playground.gateway.spill import MAX_BODY_BYTES, MalformedError
from playground.gateway.transport import DeadlineTransport, http_client, until
from playground.gateway.wires import build, wire_of

# Room for one picture of the greatest size must be there before a picture is bought.
MIN_FREE_BYTES = MAX_PICTURE_BYTES


@dataclass(frozen=True)
class _Order:
    """One call as it goes out."""

    connection: Connection
    request: ImageRequest
    call: Call
    base: str

    @property
    def host(self) -> str:
        return httpx.URL(self.base).host


class Gateway:
    """One for each process: pooled clients, safe to use from hundreds of threads at once.

    The arguments are for tests: another wire, another resolver, another way to wait, a lower limit.
    """

    def __init__(
        self,
        *,
        transport: httpx.BaseTransport | None = None,
        link_transport: httpx.BaseTransport | None = None,
        resolver: Resolver = system_resolver,
        sleep: Callable[[float], None] = time.sleep,
        max_answer_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._client = http_client(transport or DeadlineTransport())
        # Links have a client of their own: no key can ever be in it.
        self._link_client = http_client(link_transport or DeadlineTransport())
        self._links = LinkFetcher(self._link_client, resolver, sleep)
        self._max_answer_bytes = max_answer_bytes

    def send(
        self,
        connection: Connection,
        request: ImageRequest,
        *,
        base_url: str,
        into: Path,
        on_sent: Callable[[], None] | None = None,
        on_links: Callable[[Sequence[str]], None] | None = None,
        on_partial: OnPartial | None = None,
    ) -> Answer:
        """Exactly one HTTP call. Pictures end up as files in `into`, a folder of this call alone.

        `on_links` is called with the picture links of the answer before any is fetched: who remembers them can
        fetch the pictures even if this process dies meanwhile. `on_partial` is called with each preview of a
        streamed answer once it is saved in `into`, while the call goes on; what it raises is logged and ends
        nothing.

        `on_sent` is called in this thread just before the first byte of the request may leave; if it raises,
        nothing leaves and its exception passes through. Raises ProviderError for whatever goes wrong;
        afterwards `into` holds nothing but the error's `kept`. A base URL that is not the connection's is a
        ValueError: a mistake of ours, and the key stays here.
        """
        if base_url not in connection.base_urls:
            raise ValueError("this base URL is not one of the connection's")
        order = _Order(connection, request, build(request), _base(base_url))
        _check_key(connection.key)
        _make_room(into)
        watch = Watch(on_sent, request.timeout_seconds or _patience(request))
        read, kept = wire_of(request.model).read, set[Path]()
        incoming = Incoming(into, read, max_body_bytes=self._max_answer_bytes, on_partial=on_partial)
        try:
            found = self._exchange(order, incoming, watch)
            links = [source.url for source in found.sources if isinstance(source, Link)]
            if on_links and links:
                on_links(links)
            answer = self._answer(order, found, incoming, watch, into)
            kept.update(picture.path for picture in (*answer.pictures, *answer.partials))
            return answer
        except ProviderError as error:
            error.kept += tuple(picture.path for picture in incoming.partials)
            kept.update(error.kept)
            watch.complete(error)
            raise
        finally:
            incoming.discard(keep=kept)

    def fetch(self, connection: Connection, link: str, *, into: Path) -> Picture:
        """Fetch a picture link again: free, and possible while the link lives (about 24 hours)."""
        _make_room(into)
        try:
            blob = self._links.fetch(link, into=into, trusted=connection.trusted_hosts)
        except LinkError as error:
            raise link_failed([link], str(error)) from error
        except DiskError as error:
            raise failure(ErrorKind.NOT_SAVED, links=[link]) from error
        picture = picture_of(blob)
        if picture is None:
            raise failure(ErrorKind.NOT_A_PICTURE, billed=Billed.YES, links=[link], kept=[blob.path])
        return replace(picture, link=link)

    def close(self) -> None:
        """Close the pools; calls in flight in other threads break."""
        self._client.close()
        self._link_client.close()

    def _exchange(self, order: _Order, incoming: Incoming, watch: Watch) -> Found:
        """Send, and read what comes; every failure as a ProviderError."""
        key = order.connection.key
        try:
            with until(watch.ends), self._open(order, watch) as response:
                watch.answered(response, order.request.model.request_id_headers)
                if not response.is_success:
                    raise _refusal(order, response, watch)
                found = receive(response, incoming, ends=watch.ends)
        except TooLargeError as error:
            raise failure(ErrorKind.ANSWER_TOO_LARGE) from error
        except MalformedError as error:
            said = redact(incoming.beginning(), key)
            raise failure(ErrorKind.UNREADABLE_ANSWER, provider_message=said) from error
        except StreamEndedError as error:
            raise failure(ErrorKind.CONNECTION_BROKEN) from error
        except DiskError as error:
            raise failure(ErrorKind.NOT_SAVED) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError, OSError) as error:
            if error is watch.stopped_by:
                raise
            seconds = watch.total_seconds
            raise from_exception(error, has_left=watch.has_left, host=order.host, seconds=seconds) from error
        watch.done()
        return found

    @contextmanager
    def _open(self, order: _Order, watch: Watch) -> Iterator[httpx.Response]:
        connect = order.request.model.timing.connect_timeout_seconds
        with content_of(order.call) as content:
            headers = {**content.pop("headers", {}), "Authorization": f"Bearer {order.connection.key}"}
            with self._client.stream(
                order.call.method,
                order.base + order.call.path,
                **content,
                headers=headers,
                timeout=httpx.Timeout(watch.total_seconds, connect=connect, pool=connect),
                extensions={"trace": watch},
            ) as response:
                yield response

    def _answer(self, order: _Order, found: Found, incoming: Incoming, watch: Watch, into: Path) -> Answer:
        connection, status = order.connection, watch.status or 0
        try:
            collected = collect(found.sources, self._links, into=into, trusted=connection.trusted_hosts)
            if collected.used_links:
                watch.done()
            if not collected.pictures and not is_words(found, collected):
                raise no_picture(
                    found,
                    collected,
                    status=status,
                    sent_fields=order.call.settings,
                    key=connection.key,
                    host=order.host,
                )
        except ProviderError as error:
            error.usage = found.usage
            raise
        for path in collected.useless:
            path.unlink(missing_ok=True)
        return Answer(
            pictures=tuple(collected.pictures),
            status=status,
            timings=watch.timings,
            bytes_received=incoming.bytes_received,
            usage=found.usage,
            request_id=watch.request_id,
            text=words_of(found, connection.key),
            reported=found.reported,
            unfetched_links=tuple(collected.unfetched),
            partials=incoming.partials,
            headers=watch.headers,
        )


def _refusal(order: _Order, response: httpx.Response, watch: Watch) -> ProviderError:
    return from_status(
        response.status_code,
        response.headers,
        beginning_of(response, ends=watch.ends),
        sent_fields=order.call.settings,
        key=order.connection.key,
        host=order.host,
        switches=_switches(order.request),
    )


def _switches(request: ImageRequest) -> Collection[str]:
    """The fields of this request that are sent only because somebody switched them on."""
    known = request.model.parameters[request.endpoint]
    return {name for name in request.parameters if name in known and known[name].send == "opt_in"}


def _patience(request: ImageRequest) -> float:
    return timeout_seconds(request.model, request.parameters, len(request.references))


def _base(base_url: str) -> str:
    try:
        return normalise_base_url(base_url)[0]
    except BaseUrlError as error:
        raise failure(ErrorKind.BAD_ADDRESS, values={"reason": str(error)}) from error


def _check_key(key: str) -> None:
    """A header takes printable ASCII. Anything else would fail deep inside the client, naming the key."""
    if not key or not all("!" <= character <= "~" for character in key):
        raise failure(ErrorKind.KEY_UNSENDABLE)


def _make_room(into: Path) -> None:
    """Refuse to buy a picture that could not be saved."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=into):
            free = shutil.disk_usage(into).free
    except OSError as error:
        raise failure(ErrorKind.NO_ROOM) from error
    if free < MIN_FREE_BYTES:
        raise failure(ErrorKind.NO_ROOM)
