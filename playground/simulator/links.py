"""GET of a picture link: it delivers for its life of 24 hours, then answers 403; a link never given out is 404."""

from __future__ import annotations

from aiohttp import web

from playground.simulator import sending
from playground.simulator.answers import GARBAGE
from playground.simulator.pictures import Link
from playground.simulator.sending import HTML_TYPE, ClientGone
from playground.simulator.state import Simulator

XML_TYPE = "application/xml"
TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


async def fetch(sim: Simulator, request: web.Request) -> web.StreamResponse:
    link = sim.links.find(request.path)
    if link is None:
        return _gone(404, "NoSuchKey")
    link.fetches += 1
    link.call.downloads += request.method == "GET"
    try:
        return await _deliver(sim, request, link)
    except ClientGone:
        return web.Response()


async def _deliver(sim: Simulator, request: web.Request, link: Link) -> web.StreamResponse:
    named = {directive.name: directive for directive in link.faults}
    if "url-404" in named:
        return _gone(404, "NoSuchKey")
    if "url-expired" in named or sim.links.is_expired(link, sim.now()):
        return _gone(403, "ExpiredRequest")
    if "url-500" in named and link.fetches == 1:
        return _gone(500, "InternalError")
    if "url-redirect" in named:
        return web.Response(status=302, headers={"Location": named["url-redirect"].text})
    if "url-html" in named:
        return await sending.send(request, [b"<html><title>R2</title></html>"], content_type=HTML_TYPE)
    if "url-endless" in named:
        filler = b"\0" * 65_536
        start = b"\x89PNG\r\n\x1a\n"
        return await sending.send_endless(request, {}, start, filler, sim.stopping, content_type="image/png")
    return await sending.send(
        request,
        [GARBAGE if "garbage" in named else await _bytes(sim, link)],
        content_type=TYPES["png" if request.path.endswith(".png") else link.order.format],
        headers={"Cache-Control": "public, max-age=86400"},
        share=0.5 if "url-cut" in named and link.fetches == 1 else 1.0,
        over_seconds=named["url-slow"].seconds if "url-slow" in named else 0.0,
    )


async def _bytes(sim: Simulator, link: Link) -> bytes:
    encoded, link.origin = await sim.easel.picture(link.order, link.origin)
    return encoded


def _gone(status: int, code: str) -> web.Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return web.Response(status=status, text=body, content_type=XML_TYPE)
