"""The HTTP side: one catch-all route, so that unknown paths and methods are answered as the gateway answers them.

POST /v1/images/generations   draw
POST /v1/images/edits         draw after pictures
POST /v1/chat/completions     talk, and draw
POST /v1beta/models/NAME:generateContent   draw, in the words of Gemini
GET  /v1/models[/ID]          what there is
GET  /r2cdn2/...              picture links
/_sim/...                     the call log and the faults: control.py
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from aiohttp import web

from playground.catalog import Endpoint, Model, default
from playground.simulator import control, errors, gemini, links, work
from playground.simulator.calls import Call
from playground.simulator.errors import JsonObject
from playground.simulator.options import Options
from playground.simulator.state import Simulator
from playground.simulator.wanted import is_retired

SIMULATOR: web.AppKey[Simulator] = web.AppKey("simulator", Simulator)
POSTED = {
    Endpoint.GENERATIONS.path: (Endpoint.GENERATIONS, work.generations),
    Endpoint.EDITS.path: (Endpoint.EDITS, work.edits),
    Endpoint.CHAT.path: (Endpoint.CHAT, work.completions),
}


def make_app(options: Options) -> web.Application:
    """The application; its state lives under the key SIMULATOR once it has started."""
    app = web.Application(client_max_size=int(options.max_body_megabytes * 1_000_000))

    async def start(app: web.Application) -> None:
        app[SIMULATOR] = Simulator(options)

    async def stop(app: web.Application) -> None:
        app[SIMULATOR].stopping.set()

    async def clean(app: web.Application) -> None:
        app[SIMULATOR].easel.close()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    app.on_cleanup.append(clean)
    app.on_response_prepare.append(_open_to_browsers)
    app.router.add_route("*", "/{path:.*}", dispatch)
    return app


async def _open_to_browsers(request: web.Request, response: web.StreamResponse) -> None:
    """Any page may call and read everything here, errors and links too: there is nothing to protect."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "request-id, x-request-id, retry-after"


async def dispatch(request: web.Request) -> web.StreamResponse:
    sim, path = request.app[SIMULATOR], request.path
    if request.method == "OPTIONS":
        return _preflight(request)
    if path == "/_sim" or path.startswith("/_sim/"):
        return await control.handle(sim, request)
    if path.startswith("/r2cdn2/") and request.method in ("GET", "HEAD"):
        return await links.fetch(sim, request)
    return await _api(sim, request)


def _preflight(request: web.Request) -> web.Response:
    """What a browser asks before it sends a key or JSON from another page."""
    asked = request.headers.get(
        "Access-Control-Request-Headers", "authorization, content-type, x-goog-api-key"
    )
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": asked,
        "Access-Control-Max-Age": "86400",
    }
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return web.Response(status=204, headers=headers)


async def _api(sim: Simulator, request: web.Request) -> web.StreamResponse:
    if gemini.named(request.path) and request.method == "POST":
        return await work.logged(sim, request, None, lambda call: work.native(sim, request, call))
    endpoint, handler = POSTED.get(request.path, (None, None))
    if endpoint and handler and request.method == "POST":
        found = handler
        return await work.logged(sim, request, endpoint, lambda call: found(sim, request, call))
    return await work.logged(sim, request, endpoint, lambda call: _read(sim, request, call))


async def _read(sim: Simulator, request: web.Request, call: Call) -> web.StreamResponse:
    """Everything that is not a drawing: the list of models, and the errors of wrong addresses."""
    path, method = request.path, request.method
    if path in POSTED or gemini.named(path):
        raise errors.wrong_method(method, path, "POST")
    if path == "/v1/models" or path.startswith("/v1/models/"):
        if method not in ("GET", "HEAD"):
            raise errors.wrong_method(method, path, "GET")
        sim.authorise(request, call)
        return web.json_response(_models(sim, path), headers=sim.id_headers(call.request_id, None))
    raise errors.unknown_path(method, path)


def _models(sim: Simulator, path: str) -> JsonObject:
    known = {model.id: model for model in (*default().models, gemini.model())}
    alive = [model for model in known.values() if not is_retired(model, sim.today())]
    if path == "/v1/models":
        return {"object": "list", "data": [_card(model) for model in alive]}
    name = path.removeprefix("/v1/models/")
    for model in alive:
        if name in (model.id, *model.aliases):
            return _card(model)
    raise errors.unknown_model_page(name)


def _card(model: Model) -> JsonObject:
    created = int(datetime.combine(model.since, time(), UTC).timestamp())
    return {"id": model.id, "object": "model", "created": created, "owned_by": "simulator"}
