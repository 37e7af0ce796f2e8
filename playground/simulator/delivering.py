"""From a drawn job to its answer: which body, which pictures in it, and how directives bend both."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from playground.catalog import Endpoint
from playground.simulator import answers, chat, gemini, sending
from playground.simulator.calls import Call
from playground.simulator.directives import Directive
from playground.simulator.errors import JsonObject
from playground.simulator.orders import Order
from playground.simulator.plan import Job
from playground.simulator.state import Simulator
from playground.simulator.wanted import Wanted

Holding = tuple[Directive, ...]


def bent(wanted: Wanted, holding: Holding) -> Wanted:
    """The request as directives change its answer's form."""
    for directive in holding:
        if directive.name in ("raw", "prefixed"):
            wanted = replace(wanted, prefixed=directive.name == "prefixed", form="b64_json")
        elif directive.name == "both":
            wanted = replace(wanted, both_forms=True)
        elif directive.name == "pictures":
            wanted = replace(wanted, pictures=max(1, directive.count))
        elif directive.name == "partials":
            wanted = replace(wanted, partial_images=min(wanted.partial_images, directive.count))
        elif directive.name.startswith("url-") and wanted.model.family != "official":
            wanted = replace(wanted, form="url")
    return wanted


async def deliver(
    sim: Simulator, request: web.Request, call: Call, job: Job, holding: Holding
) -> web.StreamResponse:
    """Send the pictures in the form asked for. Raises ClientGone when the client leaves in between."""
    named = {directive.name: directive for directive in holding}
    body, orders = _body(sim, request, call, job, holding)
    if "object" in named and isinstance(data := body.get("data"), list):
        body["data"] = data[0]
    pictures = []
    if answers.has_places(body):
        pictures = [await picture(sim, order, holding) for order in orders]
    call.status = 200
    return await sending.send(
        request,
        answers.fill(body, pictures),
        headers=sim.id_headers(call.request_id, call.model),
        share=named["cut"].share if "cut" in named else 1.0,
        over_seconds=named["drip"].seconds if "drip" in named else 0.0,
    )


async def picture(sim: Simulator, order: Order, holding: Holding) -> bytes:
    """The bytes of a picture, or garbage where a directive says so."""
    if any(directive.name == "garbage" for directive in holding):
        return answers.GARBAGE
    encoded, _ = await sim.easel.picture(order)
    return encoded


def _body(
    sim: Simulator, request: web.Request, call: Call, job: Job, holding: Holding
) -> tuple[JsonObject, tuple[Order, ...]]:
    """The body with places for pictures, and the orders of those pictures."""
    created, wanted = int(sim.now()), job.wanted
    if wanted.endpoint is None:
        drafts = next((d.count for d in holding if d.name == "drafts"), 0)
        if wanted.words_only:
            return gemini.without_picture(job, "STOP", answers.WEAK_INTENT), ()
        return gemini.answer(job, drafts)
    if wanted.endpoint is Endpoint.CHAT:
        return _chat(sim, request, call, job, holding), job.orders
    if wanted.model.family == "official":
        return answers.official(job, created), job.orders
    links = wanted.form == "url" or wanted.both_forms
    urls = [_link(sim, request, call, order, holding) for order in job.orders] if links else []
    return answers.reverse(job, created, urls, wanted.form == "b64_json" or wanted.both_forms), job.orders


def _chat(sim: Simulator, request: web.Request, call: Call, job: Job, holding: Holding) -> JsonObject:
    created = int(sim.now())
    if job.wanted.words_only:
        return chat.completion(job, created, answers.WEAK_INTENT)
    shape = next((directive.text for directive in holding if directive.name == "chat"), "markdown")
    if shape == "data-url":
        return chat.completion(job, created, f"![image]({answers.place(0, True)})")
    links = [_link(sim, request, call, order, holding) for order in job.orders]
    if shape == "images":
        return {"created": created, "data": [{"url": link} for link in links]}
    return chat.completion(job, created, chat.content(shape, links))


def _link(sim: Simulator, request: web.Request, call: Call, order: Order, holding: Holding) -> str:
    for directive in holding:
        if directive.name == "url-to":
            return directive.text
    about_links = tuple(d for d in holding if d.name.startswith("url-") or d.name == "garbage")
    return f"http://{request.host}{sim.links.make(order, about_links, sim.now(), call)}"
