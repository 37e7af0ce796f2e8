"""The simulator's own pages, for tests and for people: what was called, what shall go wrong.

GET    /_sim            what this is, its quirks and directives
GET    /_sim/calls      the call log; ?after=ID &limit=N &model=NAME
DELETE /_sim/calls      forget calls, counts and armed faults (also POST /_sim/reset)
GET    /_sim/keys       the keys, as their last characters, with type and what is left on them
POST   /_sim/keys       {"key": "sk-a:per-call:5.00"}: add a key, or change one, until the next reset
POST   /_sim/faults     {"fault": "503", "count": 3, "model": "gpt-image-2"}: arm a fault for coming calls
"""

from __future__ import annotations

from aiohttp import web

from playground.simulator import directives, keys, quirks
from playground.simulator.errors import Refusal, unknown_path, wrong_method
from playground.simulator.state import Simulator, read_json


async def handle(sim: Simulator, request: web.Request) -> web.StreamResponse:
    try:
        return await _route(sim, request)
    except Refusal as refused:
        return web.json_response(refused.body(""), status=refused.status, headers=refused.headers)


async def _route(sim: Simulator, request: web.Request) -> web.StreamResponse:
    asked = (request.method, request.path)
    if asked == ("GET", "/_sim"):
        return web.json_response(about(sim))
    if asked == ("GET", "/_sim/calls"):
        return web.json_response(_calls(sim, request))
    if asked in (("DELETE", "/_sim/calls"), ("POST", "/_sim/reset"), ("DELETE", "/_sim/reset")):
        sim.reset()
        return web.json_response({"reset": True})
    if asked == ("POST", "/_sim/faults"):
        return await _arm(sim, request)
    if asked == ("GET", "/_sim/keys"):
        return web.json_response({"keys": [key.as_json() for key in sim.keys]})
    if asked == ("POST", "/_sim/keys"):
        return await _set_key(sim, request)
    allowed = {
        "/_sim": "GET",
        "/_sim/calls": "GET, DELETE",
        "/_sim/reset": "POST, DELETE",
        "/_sim/faults": "POST",
        "/_sim/keys": "GET, POST",
    }
    if request.path in allowed:
        raise wrong_method(request.method, request.path, allowed[request.path])
    raise unknown_path(request.method, request.path)


def about(sim: Simulator) -> dict[str, object]:
    options = sim.options
    return {
        "simulator": True,
        "speed": options.speed,
        "seed": options.seed,
        "key_required": not sim.keys.takes_any,
        "quirks_on": sorted(options.quirks),
        "quirks": {quirk.name: quirk.effect for quirk in quirks.QUIRKS},
        "practice_keys": dict(keys.practice_rows()),
        "directives": {kind.name: kind.effect for kind in directives.DIRECTIVES},
    }


def _calls(sim: Simulator, request: web.Request) -> dict[str, object]:
    limit = request.query.get("limit")
    return sim.log.report(
        after=_number(request.query.get("after", "0"), "after"),
        limit=None if limit is None else _number(limit, "limit"),
        model=request.query.get("model"),
    )


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Refusal(400, f"{name} must be a whole number.", param=name)
    return int(text)


async def _set_key(sim: Simulator, request: web.Request) -> web.StreamResponse:
    spec = (await read_json(request)).get("key")
    if not isinstance(spec, str):
        raise Refusal(400, "key must be a text such as sk-a:per-call:5.00.", param="key")
    try:
        key = keys.parse(spec)
    except keys.KeySpecError as error:
        raise Refusal(400, str(error), param="key") from error
    sim.keys.set(key)
    return web.json_response(key.as_json())


async def _arm(sim: Simulator, request: web.Request) -> web.StreamResponse:
    fields = await read_json(request)
    fault, count, model = fields.get("fault"), fields.get("count"), fields.get("model")
    if not isinstance(fault, str):
        raise Refusal(400, "fault must be a text such as 503.", param="fault")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise Refusal(400, "count must be a whole number above 0.", param="count")
    if model is not None and not isinstance(model, str):
        raise Refusal(400, "model must be a text.", param="model")
    try:
        sim.faults.arm(fault, count=count, model=model)
    except directives.UnknownDirectiveError as error:
        raise Refusal(400, str(error), param="fault") from error
    return web.json_response({"armed": fault, "count": count, "model": model})
