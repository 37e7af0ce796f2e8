"""Putting an answer on the wire: whole, cut, bit by bit, never ending, or not at all."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping

from aiohttp import web

from playground.simulator.answers import Segments, length, pieces

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"
DRIPS = 20
GONE_CHECK_SECONDS = 0.05
SENT: web.RequestKey[int] = web.RequestKey("sent", int)
"""How many bytes of an answer's body were written so far, also when it broke off."""


class ClientGone(Exception):
    """Nobody is there any more to read the answer."""


def is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def send(
    request: web.Request,
    segments: Segments,
    *,
    status: int = 200,
    content_type: str = JSON_TYPE,
    headers: Mapping[str, str] | None = None,
    share: float = 1.0,
    over_seconds: float = 0.0,
) -> web.StreamResponse:
    """Send a body of known length: `share` of it (then the connection closes), spread `over_seconds`.

    Raises ClientGone when the client has left before all was sent.
    """
    total = length(segments)
    response = web.StreamResponse(status=status, headers={**(headers or {}), "Content-Type": content_type})
    response.content_length = total
    try:
        await response.prepare(request)
        await _write(request, response, segments, allowed=int(total * share), over_seconds=over_seconds)
        if share < 1:
            close(request)
        else:
            await response.write_eof()
    except ConnectionError as error:
        raise ClientGone from error
    return response


async def write(request: web.Request, response: web.StreamResponse, piece: bytes) -> None:
    """Write and count."""
    await response.write(piece)
    request[SENT] = request.get(SENT, 0) + len(piece)


async def _write(
    request: web.Request,
    response: web.StreamResponse,
    segments: Segments,
    *,
    allowed: int,
    over_seconds: float,
) -> None:
    step = max(1, allowed // DRIPS) if over_seconds else 0
    for piece in pieces(segments):
        piece = piece[:allowed]
        allowed -= len(piece)
        if not step:
            await write(request, response, piece)
            continue
        for start in range(0, len(piece), step):
            await asyncio.sleep(over_seconds / DRIPS)
            await write(request, response, piece[start : start + step])


async def send_endless(
    request: web.Request,
    headers: Mapping[str, str],
    start: bytes,
    filler: bytes,
    stopping: asyncio.Event,
    content_type: str = JSON_TYPE,
) -> web.StreamResponse:
    """Send filler until the client leaves (raises ClientGone) or the server stops."""
    response = web.StreamResponse(headers={**headers, "Content-Type": content_type})
    try:
        await response.prepare(request)
        await write(request, response, start)
        while not stopping.is_set():
            await write(request, response, filler)
            await asyncio.sleep(0)
    except ConnectionError as error:
        raise ClientGone from error
    return response


async def wait_until_gone(request: web.Request, stopping: asyncio.Event) -> None:
    """Say nothing until the client leaves (raises ClientGone) or the server stops, which closes the connection."""
    while not stopping.is_set():
        if is_gone(request):
            raise ClientGone
        await asyncio.sleep(GONE_CHECK_SECONDS)
    close(request)


def close(request: web.Request) -> None:
    """Close in good order: what was written still arrives, then the end of the stream."""
    if request.transport is not None:
        request.transport.close()


def reset(request: web.Request) -> None:
    """Break the connection: the client sees a reset."""
    transport = request.transport
    if transport is None:
        return
    bare = transport.get_extra_info("socket")
    if bare is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
