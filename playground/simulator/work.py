"""One call from its first byte to its last: who asks, what for, what it costs, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from playground.catalog import Endpoint, Size
from playground.simulator import (
    chat,
    checking,
    delivering,
    ending,
    errors,
    gemini,
    naming,
    quirks,
    sending,
    sources,
    streaming,
)
from playground.simulator.calls import Call, without_pictures
from playground.simulator.directives import Directive
from playground.simulator.ending import Page
from playground.simulator.errors import Refusal
from playground.simulator.keys import Key
from playground.simulator.orders import Source
from playground.simulator.plan import Job
from playground.simulator.sending import ClientGone
from playground.simulator.state import Simulator, read_json
from playground.simulator.uploads import read_form
from playground.simulator.wanted import Wanted


async def logged(
    sim: Simulator,
    request: web.Request,
    endpoint: Endpoint | None,
    handle: Callable[[Call], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Run a handler with an entry in the call log (of POSTs only), and turn what it raises into answers."""
    now, request_id = sim.now(), sim.new_request_id()
    call = sim.log.open(time=now, method=request.method, path=request.path, request_id=request_id)
    call.endpoint = endpoint.value if endpoint else None
    outcome = "stopped"
    try:
        response = await _answered(sim, request, call, handle)
        outcome = "answered" if call.status else "broken"
        return response
    except ClientGone:
        outcome = "client-gone"
        return web.Response()
    finally:
        call.bytes_in, call.bytes_out = request.content.total_bytes, request.get(sending.SENT, 0)
        sim.log.close(call, time=sim.now(), outcome=outcome)


async def _answered(
    sim: Simulator, request: web.Request, call: Call, handle: Callable[[Call], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handle(call)
    except Refusal as refused:
        return await send_refusal(sim, request, call, refused)
    except web.HTTPRequestEntityTooLarge:
        return await send_page(sim, request, call, ending.PAGES["413"])


async def send_refusal(
    sim: Simulator, request: web.Request, call: Call, refused: Refusal
) -> web.StreamResponse:
    call.status, call.error = refused.status, refused.message
    body = json.dumps(refused.body(call.request_id), ensure_ascii=False).encode()
    headers = {**_id_headers(sim, call), **refused.headers}
    return await sending.send(request, [body], status=refused.status, headers=headers)


async def send_page(sim: Simulator, request: web.Request, call: Call, page: Page) -> web.StreamResponse:
    call.status = page.status
    headers = _id_headers(sim, call)
    return await sending.send(
        request, [page.body.encode()], status=page.status, content_type=page.content_type, headers=headers
    )


async def generations(sim: Simulator, request: web.Request, call: Call) -> web.StreamResponse:
    """POST /v1/images/generations."""
    key = sim.authorise(request, call)
    fields = await read_json(request)
    call.note(fields)
    wanted = checking.check(fields, Endpoint.GENERATIONS, sim.options.quirks, sim.today())
    sim.allow(key, wanted)
    return await carry_out(sim, request, call, key, wanted)


async def edits(sim: Simulator, request: web.Request, call: Call) -> web.StreamResponse:
    """POST /v1/images/edits."""
    key = sim.authorise(request, call)
    form = await read_form(request)
    call.note(form.fields)
    call.references = len(form.pictures)
    call.reference_files, call.mask_file = await sources.describe(form)
    wanted = checking.check_edit(form, sim.options.quirks, sim.today())
    sim.allow(key, wanted)
    kept, mask = await sources.of_form(sim, form)
    # Without this the bytes of the form would stay in memory for as long as the drawing takes.
    form.pictures.clear()
    mask = mask if wanted.model.limits.mask_megabytes else None
    return await carry_out(sim, request, call, key, replace(wanted, sources=kept, mask=mask))


async def completions(sim: Simulator, request: web.Request, call: Call) -> web.StreamResponse:
    """POST /v1/chat/completions."""
    key = sim.authorise(request, call)
    fields = await read_json(request)
    call.note(fields, without=("messages",))
    call.messages = await asyncio.to_thread(chat.transcript, fields.get("messages"))
    talk = chat.check(fields, sim.options.quirks, sim.today())
    call.prompt, call.references = without_pictures(talk.wanted.prompt), len(talk.addresses)
    sim.allow(key, talk.wanted)
    wanted = replace(talk.wanted, words_only=not talk.wants_picture)
    found = [await sources.of_address(sim, one, newest=True) for one in talk.addresses]
    found += [await sources.of_address(sim, one, newest=False) for one in talk.earlier]
    return await carry_out(sim, request, call, key, chat.sized(_with_pictures(wanted, found)))


async def native(sim: Simulator, request: web.Request, call: Call) -> web.StreamResponse:
    """POST /v1beta/models/NAME:generateContent."""
    key = sim.authorise(request, call)
    fields = await read_json(request)
    name = gemini.named(request.path) or ""
    call.note(fields, without=("contents",))
    call.model, call.endpoint = name, "generate-content"
    call.messages = await asyncio.to_thread(gemini.transcript, fields.get("contents"))
    asked = gemini.check(name, fields, sim.options.quirks)
    call.prompt, call.references = without_pictures(asked.wanted.prompt), len(asked.pictures)
    sim.allow(key, asked.wanted)
    # A picture that cannot be read here (HEIC) is there all the same: a scene stands in for it.
    found = [await sources.of_bytes(sim, data) or sources.stand_in(data) for data in asked.pictures]
    wanted = gemini.sized(asked, _with_pictures(asked.wanted, list(found)))
    return await carry_out(sim, request, call, key, wanted)


def _with_pictures(wanted: Wanted, found: list[tuple[Source, Size] | None]) -> Wanted:
    """With the pictures of a conversation that could be seen, and the one that its words change."""
    seen = [one for one in found if one is not None]
    base = naming.place_of_changed(wanted.prompt, len(seen))
    return replace(
        wanted, sources=tuple(one for one, _ in seen), references=tuple(size for _, size in seen), base=base
    )


async def carry_out(
    sim: Simulator, request: web.Request, call: Call, key: Key, wanted: Wanted
) -> web.StreamResponse:
    """Everything after the checks. From `bill` on the call is charged, whoever still listens."""
    call.model = wanted.model.id
    holding, call.unknown_directives = sim.faults.due(wanted.model.id, wanted.prompt)
    call.fault = ", ".join(directive.name for directive in holding) or None
    job = sim.planner.plan(delivering.bent(wanted, holding), holding, sim.today())
    _note_job(call, job)
    if not key.can_pay(job.usd):
        raise errors.no_balance(quirks.status(wanted.quirks, "balance", 429))
    fault = ending.find(holding)
    if ending.is_billed(fault, job.wanted):
        sim.bill(call, key, job.usd)
    seconds = _drawing_seconds(sim, job, holding, fault)
    call.drawing_seconds = round(seconds, 3)
    if fault is None and job.wanted.stream:
        return await streaming.send(sim, request, call, job, holding, seconds)
    await asyncio.sleep(seconds)
    if fault is not None:
        return await _end(sim, request, call, job, fault)
    if sending.is_gone(request):
        raise ClientGone
    return await delivering.deliver(sim, request, call, job, holding)


def _drawing_seconds(
    sim: Simulator, job: Job, holding: tuple[Directive, ...], fault: Directive | None
) -> float:
    """How long the drawing takes. `slow` is in seconds of the clock on the wall, whatever the speed."""
    named = {directive.name: directive for directive in holding}
    if "slow" in named:
        return named["slow"].seconds
    if "fast" in named:
        return 0.0
    seconds = ending.delay_seconds(fault, job) if fault else job.seconds
    return (ending.TALKING if job.wanted.words_only else 1) * seconds / sim.options.speed


async def _end(
    sim: Simulator, request: web.Request, call: Call, job: Job, fault: Directive
) -> web.StreamResponse:
    answer = ending.refusal(fault, job, request)
    if isinstance(answer, Refusal):
        return await send_refusal(sim, request, call, answer)
    if isinstance(answer, Page):
        return await send_page(sim, request, call, answer)
    call.status = None if fault.name in ("hang", "reset", "close") else 200
    return await ending.perform(sim, request, fault, job, _id_headers(sim, call))


def _note_job(call: Call, job: Job) -> None:
    call.size, call.seed, call.pictures = str(job.size), job.order.seed, len(job.orders)


def _id_headers(sim: Simulator, call: Call) -> dict[str, str]:
    return sim.id_headers(call.request_id, call.model)
