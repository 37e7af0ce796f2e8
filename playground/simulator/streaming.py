"""`stream: true` on the official models: server-sent events with partial pictures, then the finished one.

The partial pictures come while the drawing goes on, each at its share of the time. Names and fields of the events are
those of OpenAI's SDK: image_generation.* and image_edit.*, `.partial_image` and `.completed`.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from aiohttp import web

from playground.catalog import Endpoint
from playground.simulator import answers, delivering, sending
from playground.simulator.answers import Segments
from playground.simulator.calls import Call
from playground.simulator.delivering import Holding
from playground.simulator.errors import JsonObject
from playground.simulator.plan import Job
from playground.simulator.sending import ClientGone
from playground.simulator.state import Simulator

EVENT_TYPE = "text/event-stream; charset=utf-8"
STREAM_ERROR: JsonObject = {
    "type": "error",
    "error": {
        "message": "The server had an error while processing your request.",
        "type": "image_generation_server_error",
        "code": "server_error",
        "param": None,
    },
}


async def send(
    sim: Simulator, request: web.Request, call: Call, job: Job, holding: Holding, seconds: float
) -> web.StreamResponse:
    """Send every event, spread over `seconds`; raises ClientGone when the client leaves in between."""
    headers = {
        **sim.id_headers(call.request_id, call.model),
        "Content-Type": EVENT_TYPE,
        "Cache-Control": "no-cache",
    }
    response = web.StreamResponse(headers=headers)
    call.status = 200
    try:
        await response.prepare(request)
        await _Stream(sim, request, response, call, job, holding).run(seconds)
    except ConnectionError as error:
        raise ClientGone from error
    return response


class _Stream:
    """The events of one call, and the ways in which they break off."""

    def __init__(
        self,
        sim: Simulator,
        request: web.Request,
        response: web.StreamResponse,
        call: Call,
        job: Job,
        holding: Holding,
    ) -> None:
        self.sim, self.request, self.response = sim, request, response
        self.call, self.job, self.holding = call, job, holding
        self.named = {directive.name: directive for directive in holding}

    async def run(self, seconds: float) -> None:
        partials = self.job.wanted.partial_images
        left = await self._allowed_bytes()
        for index in (*range(partials), None):
            await asyncio.sleep(seconds / (partials + 1))
            if await self._broken(self.call.partials):
                return
            if sending.is_gone(self.request):
                raise ClientGone
            left = await self._write(await self._event(index), left)
            if left is not None and left <= 0:
                return sending.close(self.request)
            self.call.partials += index is not None
        await self.response.write_eof()

    async def _broken(self, sent: int) -> bool:
        """Whether a directive ends the stream here; where there are fewer pictures, before the last event."""
        reached = min(self.job.wanted.partial_images, sent)
        for name, end in (
            ("stream-cut", self._cut),
            ("stream-hang", self._hang),
            ("stream-error", self._error),
        ):
            if name in self.named and reached >= min(self.named[name].count, self.job.wanted.partial_images):
                await end()
                return True
        return False

    async def _cut(self) -> None:
        sending.close(self.request)

    async def _hang(self) -> None:
        await sending.wait_until_gone(self.request, self.sim.stopping)

    async def _error(self) -> None:
        await self._write([b"event: error\ndata: " + json.dumps(STREAM_ERROR).encode() + b"\n\n"], None)
        await self.response.write_eof()

    async def _event(self, index: int | None) -> Segments:
        """One event: a partial picture, less blurred each time, or the finished one for None."""
        wanted = self.job.wanted
        kind = "image_edit" if wanted.endpoint is Endpoint.EDITS else "image_generation"
        name = f"{kind}.completed" if index is None else f"{kind}.partial_image"
        blur = 0 if index is None else wanted.partial_images - index
        picture = await delivering.picture(self.sim, replace(self.job.order, blur=blur), self.holding)
        body = answers.event(self.job, name, int(self.sim.now()), index)
        return [f"event: {name}\ndata: ".encode(), *answers.fill(body, [picture]), b"\n\n"]

    async def _allowed_bytes(self) -> int | None:
        """How much of the stream may go out before `cut` ends it; None without that directive."""
        if "cut" not in self.named:
            return None
        events = [await self._event(index) for index in (*range(self.job.wanted.partial_images), None)]
        return int(sum(map(answers.length, events)) * self.named["cut"].share)

    async def _write(self, segments: Segments, left: int | None) -> int | None:
        for piece in answers.pieces(segments):
            await sending.write(self.request, self.response, piece if left is None else piece[: max(0, left)])
            left = None if left is None else left - len(piece)
        return left
