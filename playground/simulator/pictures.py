"""Drawing in threads, the cache that keeps a crowd of calls cheap, and the picture links with their life.

A link holds the order, not the bytes: it is drawn when it is fetched, and drawn alike when it is fetched again.
When `CROWD` drawings wait already, a call gets a stand-in: the newest picture of the same words, model, size and
format, or one of their scene without words, with its own seed noted inside, so that no two files are equal.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from playground.simulator import drawing
from playground.simulator.calls import Call
from playground.simulator.directives import Directive
from playground.simulator.orders import Order
from playground.simulator.plates import scene_of

CROWD = 8
CACHE_BYTES = 64 * 1024 * 1024
LINKS_KEPT = 100_000
T = TypeVar("T")


class Easel:
    """Turns orders into bytes, a few at a time."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="drawing")
        self._cache: OrderedDict[Order, bytes] = OrderedDict()
        self._cached_bytes = 0
        self._newest: dict[Order, Order] = {}
        self._pending: dict[Order, asyncio.Future[bytes]] = {}

    async def picture(self, order: Order, origin: Order | None = None) -> tuple[bytes, Order]:
        """The encoded picture and the order that was really drawn; `origin` names that order when it is known."""
        real = origin or self._stand_in(order)
        encoded = await self._drawn(real)
        if real == order:
            return encoded, real
        return drawing.tagged(encoded, order.seed) or encoded, real

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Do other work on pictures in the drawing threads, so that it waits its turn."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _stand_in(self, order: Order) -> Order:
        if order.plain:
            return _subject(replace(order, words="", sources=(), base=0, mask=None))
        if order in self._cache or len(self._pending) < CROWD or order.format == "webp":
            return order
        return self._newest.get(_subject(order)) or _subject(
            replace(order, words=scene_of(order.words), wordless=True)
        )

    async def _drawn(self, order: Order) -> bytes:
        if order in self._cache:
            self._cache.move_to_end(order)
            return self._cache[order]
        if order not in self._pending:
            self._pending[order] = asyncio.ensure_future(self._draw(order))
        return await asyncio.shield(self._pending[order])

    async def _draw(self, order: Order) -> bytes:
        try:
            encoded = await asyncio.get_running_loop().run_in_executor(self._pool, drawing.draw, order)
            self._keep(order, encoded)
            return encoded
        finally:
            del self._pending[order]

    def _keep(self, order: Order, encoded: bytes) -> None:
        self._cache[order] = encoded
        self._newest[_subject(order)] = order
        self._cached_bytes += len(encoded)
        while self._cached_bytes > CACHE_BYTES:
            old, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= len(dropped)
            if self._newest.get(_subject(old)) == old:
                del self._newest[_subject(old)]


@dataclass
class Link:
    """One picture link. `origin` is what was drawn when it was first fetched; `fetches` counts downloads."""

    order: Order
    made: float
    faults: tuple[Directive, ...]
    call: Call
    origin: Order | None = None
    fetches: int = 0


class Links:
    """The links that were given out, oldest first."""

    def __init__(self, life_hours: float) -> None:
        self._life_seconds = life_hours * 3600
        self._links: OrderedDict[str, Link] = OrderedDict()

    def make(self, order: Order, faults: tuple[Directive, ...], now: float, call: Call) -> str:
        """The path of a new link; downloads are noted at the call that made it."""
        extension = {"jpeg": "jpg"}.get(order.format, order.format)
        path = f"/r2cdn2/{uuid.uuid4()}.{extension}"
        self._links[path] = Link(order, now, faults, call)
        while len(self._links) > LINKS_KEPT:
            self._links.popitem(last=False)
        return path

    def find(self, path: str) -> Link | None:
        return self._links.get(path)

    def is_expired(self, link: Link, now: float) -> bool:
        given = (directive.seconds for directive in link.faults if directive.name == "url-life")
        return now - link.made >= next(given, self._life_seconds)


def _subject(order: Order) -> Order:
    """The order without what differs from call to call."""
    return replace(order, seed=0)
