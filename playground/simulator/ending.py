"""How a call with a fault ends: the answers that are not a picture, and the connections that break.

Free endings come before drawing starts (451 after it); the others are billed, as the provider bills them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from playground.catalog import Endpoint
from playground.simulator import answers, chat, errors, gemini, quirks, sending
from playground.simulator.directives import Directive
from playground.simulator.errors import JsonObject, Refusal
from playground.simulator.plan import Job
from playground.simulator.sending import HTML_TYPE, JSON_TYPE
from playground.simulator.state import Simulator
from playground.simulator.wanted import Wanted

TEXT_TYPE = "text/plain; charset=utf-8"
CDN_GIVES_UP_SECONDS = 100.0
GEMINI_REFUSALS = ("moderation", "finish")
QUICK_SECONDS = 2.0
# An answer in words takes this share of the time of a drawing.
TALKING = 0.1
# These change the answer or its timing, and end nothing.
MODIFIERS = frozenset(
    (
        "slow",
        "fast",
        "drip",
        "cut",
        "object",
        "both",
        "raw",
        "prefixed",
        "size",
        "jpeg",
        "webp",
        "garbage",
        "plain",
        "pictures",
        "partials",
        "stream-cut",
        "stream-hang",
        "stream-error",
        "chat",
        "drafts",
    )
)


@dataclass(frozen=True)
class Page:
    """An answer of somebody in between: no JSON error."""

    status: int
    body: str
    content_type: str = HTML_TYPE


def find(holding: tuple[Directive, ...]) -> Directive | None:
    """The first directive that ends the call without a picture."""
    return next((d for d in holding if d.name not in MODIFIERS and not d.name.startswith("url-")), None)


def is_billed(fault: Directive | None, wanted: Wanted) -> bool:
    """Whether a call that ends so is charged."""
    if wanted.words_only or (fault is not None and fault.name == "text"):
        return "words-are-free" not in wanted.quirks
    if fault is None:
        return True
    if fault.name == "451":
        return "image-safety-is-billed" in wanted.quirks
    if wanted.endpoint is None and fault.name in GEMINI_REFUSALS:
        return "gemini-refusals-are-billed" in wanted.quirks
    return bool(fault.kind.billed)


def delay_seconds(fault: Directive, job: Job) -> float:
    """How long the provider takes to come to that end."""
    if fault.name == "524":
        return CDN_GIVES_UP_SECONDS
    if fault.name in ("500", "502", "503", "shell"):
        return 0.1 * job.seconds
    if fault.kind.billed is False and fault.name != "451":
        return QUICK_SECONDS
    return job.seconds


def refusal(fault: Directive, job: Job, request: web.Request) -> Refusal | Page | None:
    """The answer of a fault that is a plain error; None for the rest."""
    if job.wanted.endpoint is None and fault.name in GEMINI_REFUSALS:
        return None
    if fault.name in PAGES:
        return PAGES[fault.name]
    status = partial(quirks.status, job.wanted.quirks)
    makers: Mapping[str, Callable[[], Refusal]] = {
        "429": lambda: _busy(fault.retry_after_seconds),
        "401": errors.invalid_token,
        "404": lambda: errors.unknown_path(request.method, request.path),
        "key-type": lambda: errors.wrong_key_type(job.wanted.model.id, status("key-type", 403)),
        "balance": lambda: errors.no_balance(status("balance", 429)),
        "moderation": lambda: _moderation(status("moderation", 400)),
        "finish": lambda: _moderation(status("moderation", 400)),
    }
    if fault.name in makers:
        return makers[fault.name]()
    return REFUSALS[fault.name]() if fault.name in REFUSALS else None


def _busy(retry_after_seconds: int | None) -> Refusal:
    headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
    return Refusal(
        429,
        "Upstream load is saturated, please try again later",
        type="rate_limit_error",
        param="",
        code="rate_limit_exceeded",
        headers=headers,
    )


def _moderation(status: int) -> Refusal:
    if status == 403:
        return Refusal(403, "Content moderation block: rejected by the safety system.")
    if status == 451:
        return REFUSALS["451"]()
    message = "Your request was rejected by the safety system. safety_violations=[sexual]."
    return Refusal(400, message, type=errors.USER_ERROR, code="moderation_blocked")


REFUSALS: Mapping[str, Callable[[], Refusal]] = {
    "500": lambda: Refusal(
        500,
        "The server had an error while processing your request.",
        type="server_error",
        code="server_error",
    ),
    "503": lambda: Refusal(
        503, "The service is temporarily unavailable.", type="server_error", code="service_unavailable"
    ),
    "shell": lambda: Refusal(500, "Unknown error", type=errors.SHELL_API, param="", code="shell_api_error"),
    "403": lambda: Refusal(
        403,
        "This token's group may not use this model",
        type=errors.SHELL_API,
        param="",
        code="",
        names_request=True,
    ),
    "451": lambda: Refusal(
        451, "The generated image was blocked (image_safety).", type="image_safety", code="image_safety"
    ),
}
PAGES: Mapping[str, Page] = {
    "502": Page(
        502, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    ),
    "504": Page(504, "upstream request timeout", TEXT_TYPE),
    "524": Page(524, "<html><title>api-cf.apiyi.com | 524: A timeout occurred</title></html>"),
    "413": Page(413, errors.too_large_page()),
    "html": Page(
        200, "<html><head><title>Welcome</title></head><body>Please sign in to the network.</body></html>"
    ),
}


async def perform(
    sim: Simulator, request: web.Request, fault: Directive, job: Job, headers: Mapping[str, str]
) -> web.StreamResponse:
    """The endings that are no plain error. Raises ClientGone where the client left first."""
    created = int(sim.now())
    if fault.name == "hang":
        await sending.wait_until_gone(request, sim.stopping)
        return web.Response()
    if fault.name in ("reset", "close"):
        (sending.reset if fault.name == "reset" else sending.close)(request)
        return web.Response()
    if fault.name == "endless":
        start, filler = b'{"created":1,"data":[{"b64_json":"', b"QUJD" * 16_384
        return await sending.send_endless(request, headers, start, filler, sim.stopping)
    if fault.name == "badjson":
        return await sending.send(request, [b'{"created":1795255200,"data":[{"b64_js'], headers=headers)
    body = _without_picture(fault, job, created)
    return await sending.send(request, [json.dumps(body).encode()], content_type=JSON_TYPE, headers=headers)


def _without_picture(fault: Directive, job: Job, created: int) -> JsonObject:
    """A good answer in form that holds words, or nothing, instead of a picture."""
    if job.wanted.endpoint is None:
        reason = {"moderation": "IMAGE_SAFETY", "empty": "NO_IMAGE", "text": "STOP"}.get(
            fault.name, fault.text
        )
        return gemini.without_picture(job, reason, answers.WEAK_INTENT if fault.name == "text" else None)
    if fault.name == "text":
        return answers.words_only(job.wanted.model.id, created)
    return (
        chat.completion(job, created, "")
        if job.wanted.endpoint is Endpoint.CHAT
        else {"created": created, "data": []}
    )
