"""The state of one running simulator, and the small things that every handler needs."""

from __future__ import annotations

import asyncio
import json
import secrets
import string
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

from aiohttp import web

from playground.catalog import UnknownModelError, default
from playground.simulator import errors, quirks
from playground.simulator.calls import Call, CallLog
from playground.simulator.errors import JsonObject
from playground.simulator.faults import Faults
from playground.simulator.keys import PER_CALL, Key, KeyRing
from playground.simulator.options import Options
from playground.simulator.pictures import Easel, Links
from playground.simulator.plan import Planner
from playground.simulator.shelf import Shelf
from playground.simulator.wanted import Wanted

REQUEST_ID_HEADERS = ("request-id", "x-request-id")


class Simulator:
    """Made inside a running event loop. Handlers share one."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.log = CallLog()
        self.planner = Planner(options.seed)
        self.faults = Faults(options.faults, Random(options.seed))
        self.links = Links(options.link_hours)
        self.easel = Easel(options.drawing_threads)
        self.shelf = Shelf()
        self.keys = KeyRing(options.key_specs, takes_any=not (options.key or options.keys))
        self.stopping = asyncio.Event()

    def reset(self) -> None:
        self.keys.reset()
        self.log.reset()
        self.faults.reset()
        self.planner.reset()

    def now(self) -> float:
        return self.options.clock()

    def today(self) -> date:
        return datetime.fromtimestamp(self.now(), UTC).date()

    def new_request_id(self) -> str:
        """Fourteen digits of time, eleven of sequence, eight letters, as the gateway writes them."""
        stamp = datetime.fromtimestamp(self.now(), UTC).strftime("%Y%m%d%H%M%S")
        letters = "".join(secrets.choice(string.ascii_letters) for _ in range(8))
        return f"{stamp}{secrets.randbelow(10**11):011d}{letters}"

    def authorise(self, request: web.Request, call: Call) -> Key:
        """The key of a request; raises Refusal where it is missing or wrong."""
        secret = _secret(request)
        if not secret:
            raise errors.missing_token()
        call.key_ending = Key(secret).ending
        key = self.keys.find(secret)
        if key is None:
            raise errors.invalid_token()
        return key

    def allow(self, key: Key, wanted: Wanted) -> None:
        """Raises Refusal where the type of the key does not serve the model."""
        model = wanted.model
        wants_per_call = "vip-wants-per-call-key" in wanted.quirks and model.family == "vip"
        if key.type not in model.key_types or (wants_per_call and key.type != PER_CALL):
            raise errors.wrong_key_type(model.id, quirks.status(wanted.quirks, "key-type", 403))

    def bill(self, call: Call, key: Key, usd: Decimal) -> None:
        """Charge a call to its key, once."""
        if self.log.bill(call, usd):
            key.charge(usd)

    def id_headers(self, request_id: str, model_id: str | None) -> dict[str, str]:
        """The request id under the model's own header name; under both where no model is known."""
        try:
            names = default().get(model_id or "").request_id_headers[:1]
        except UnknownModelError:
            names = REQUEST_ID_HEADERS
        return dict.fromkeys(names, request_id)


def _secret(request: web.Request) -> str:
    """The key of `Authorization: Bearer`, which every endpoint takes, or of the native Gemini header."""
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.casefold() == "bearer" and secret.strip():
        return secret.strip()
    native = request.path.startswith("/v1beta/")
    return (request.headers.get("x-goog-api-key") or request.query.get("key") or "").strip() if native else ""


async def read_json(request: web.Request) -> JsonObject:
    """The body as a JSON object; raises Refusal for anything else."""
    if request.content_type != "application/json":
        raise errors.unsupported_content_type(request.headers.get("Content-Type", ""), "application/json")
    raw = await request.read()
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise errors.malformed_json() from error
    if not isinstance(body, dict):
        raise errors.malformed_json()
    return body


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
