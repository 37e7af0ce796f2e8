"""POST /v1beta/models/gemini-3-pro-image:generateContent: Nano Banana Pro in its own words.

Pictures go inline as base64 without a prefix, sizes are a ratio and a tier, refusals come with status 200. Wrong
requests are refused in Google's form, keys and balances in the gateway's. Facts: the vendor's overview page and
developer guide of 2026.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from playground.catalog import Model, Price, Size, UnknownModelError, default
from playground.simulator import answers, gemini_errors, naming, plan, quirks
from playground.simulator.calls import Facts, loggable
from playground.simulator.errors import JsonObject
from playground.simulator.gemini_errors import GoogleRefusal, invalid
from playground.simulator.gemini_request import (
    BODY_FIELDS,
    MOST_PICTURES,
    SIZES,
    Content,
    read_config,
    read_contents,
    read_image_config,
    read_modalities,
)
from playground.simulator.orders import Order
from playground.simulator.plan import Job
from playground.simulator.sources import facts_of
from playground.simulator.wanted import Fields, Wanted

NAME = "gemini-3-pro-image"
IMAGE_TOKENS, IMAGE_TOKENS_4K, TEXT_AND_MORE, THOUGHTS = 1120, 2000, 120, 120
INPUT_PICTURE_TOKENS = 560
PREFIX, ACTION = "/v1beta/models/", ":generateContent"


@dataclass(frozen=True)
class Asked:
    """A request that was understood; its pictures are not decoded yet. `pictures` are those that are changed."""

    wanted: Wanted
    pictures: tuple[bytes, ...]
    ratio: str | None
    tier: str


def model() -> Model:
    """The catalog's entry, or until it has one what is needed of it: a flat price, 14 references, both kinds of key."""
    try:
        return default().get(NAME)
    except UnknownModelError:
        like = default().models[0]
    since = date(2026, 5, 29)
    return replace(
        like,
        id=NAME,
        label=NAME,
        aliases=(),
        family="gemini",
        since=since,
        until=None,
        endpoints=(),
        prices=(Price(since=since, source="docs", per_call=Decimal("0.09")),),
        limits=replace(like.limits, references=MOST_PICTURES),
        timing=replace(like.timing, typical_seconds=(20, 23)),
        key_types=("per-call", "usage-priority"),
    )


def named(path: str) -> str | None:
    """The model that a path of this endpoint names; None for other paths."""
    if path.startswith(PREFIX) and path.endswith(ACTION):
        return path[len(PREFIX) : -len(ACTION)]
    return None


def check(name: str, fields: Fields, switched_on: frozenset[str]) -> Asked:
    """Read a request; raises GoogleRefusal at the first rule that it breaks."""
    if name != NAME:
        raise gemini_errors.unknown_model(name)
    for field in fields:
        if field not in BODY_FIELDS:
            raise gemini_errors.unknown_name(field, "")
    contents = read_contents(fields.get("contents"))
    last = contents[-1]
    if last.role != "user":
        raise invalid("Please ensure that the last content has the role user.")
    if not last.text.strip() and not last.pictures:
        raise invalid("Unable to submit request because it must have a text parameter.")
    if len(last.pictures) > MOST_PICTURES:
        raise invalid(f"Too many images: {len(last.pictures)} (maximum {MOST_PICTURES}).")
    config = read_config(fields)
    ratio, tier = read_image_config(config)
    shown_model = model()
    wanted = Wanted(
        shown_model,
        None,
        last.text or "a picture",
        quirks.of_model(shown_model, switched_on),
        form="b64_json",
        format="jpeg",
        compression=92,
    )
    modalities = read_modalities(config)
    wanted = replace(wanted, words_only="IMAGE" not in modalities, with_text="TEXT" in modalities)
    return Asked(wanted, last.pictures or _newest(contents[:-1]), ratio, tier)


def sized(asked: Asked, wanted: Wanted) -> Wanted:
    """With the pixels of ratio and tier; without a ratio an edit has the shape of its last picture."""
    ratio = asked.ratio or (_nearest(wanted.references[-1]) if wanted.references else "1:1")
    times = {"1K": 1, "2K": 2, "4K": 4}[asked.tier]
    size = Size(SIZES[ratio].width * times, SIZES[ratio].height * times)
    count = len(wanted.references)
    base = naming.place_of_changed(wanted.prompt, count, default=count - 1) if count else 0
    return replace(wanted, size=size, base=base)


def transcript(value: object) -> list[Facts]:
    """The turns for the call log; nothing where they cannot be read. Blocks to hash the pictures."""
    try:
        contents = read_contents(value)
    except GoogleRefusal:
        return []
    return [
        {
            "role": one.role,
            "text": loggable(one.text),
            "pictures": [facts_of(picture) for picture in one.pictures],
        }
        for one in contents
    ]


def answer(job: Job, drafts: int) -> tuple[JsonObject, tuple[Order, ...]]:
    """The body, with drafts before the finished picture, and the pictures that stand in it."""
    orders = (*(replace(job.order, blur=max(1, 3 - number)) for number in range(drafts)), job.order)
    parts: list[JsonObject] = [{"text": "Here is the picture."}] if job.wanted.with_text else []
    for number in range(len(orders)):
        data = {"mimeType": f"image/{orders[number].format}", "data": answers.place(number, False)}
        parts.append({"inlineData": data})
    parts[-1]["thoughtSignature"] = "c2ltdWxhdGVk"
    return _body(job, [_candidate(parts, "STOP")], _usage(job, drawn=True)), orders


def without_picture(job: Job, reason: str, words: str | None) -> JsonObject:
    """Words instead of a picture (reason STOP), or a refusal, both with status 200."""
    if words is not None:
        return _body(job, [_candidate([{"text": words}], "STOP")], _usage(job, drawn=False))
    if reason == "PROHIBITED_CONTENT":
        return _body(job, None, _usage(job, drawn=False)) | {"promptFeedback": {"blockReason": reason}}
    candidate = _candidate(None, reason)
    candidate["finishMessage"] = f"Unable to show the generated image. finishReason {reason}."
    return _body(job, [candidate], _usage(job, drawn=False))


def _newest(contents: list[Content]) -> tuple[bytes, ...]:
    """The pictures of the newest turn that has any: changes add up."""
    return next((one.pictures for one in reversed(contents) if one.pictures), ())


def _nearest(size: Size) -> str:
    def error(ratio: str) -> float:
        width, _, height = ratio.partition(":")
        return abs(math.log(size.ratio / Fraction(int(width), int(height))))

    return min(SIZES, key=error)


def _candidate(parts: list[JsonObject] | None, reason: str) -> JsonObject:
    return {"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}


def _body(job: Job, candidates: list[JsonObject] | None, usage: JsonObject) -> JsonObject:
    return {
        "candidates": candidates,
        "usageMetadata": usage,
        "modelVersion": job.wanted.model.id,
        "responseId": f"sim{job.order.seed}",
    }


def _usage(job: Job, *, drawn: bool) -> JsonObject:
    text = plan.text_tokens(job.wanted.prompt)
    pictures = INPUT_PICTURE_TOKENS * len(job.wanted.references)
    image = IMAGE_TOKENS_4K if job.size.pixels > plan.LARGEST_2K else IMAGE_TOKENS
    candidates = image + TEXT_AND_MORE if drawn else 0
    details: list[JsonObject] = [{"modality": "TEXT", "tokenCount": text}]
    if pictures:
        details.append({"modality": "IMAGE", "tokenCount": pictures})
    usage: JsonObject = {
        "promptTokenCount": text + pictures,
        "candidatesTokenCount": candidates,
        "thoughtsTokenCount": THOUGHTS,
        "totalTokenCount": text + pictures + candidates + THOUGHTS,
        "promptTokensDetails": details,
    }
    if drawn:
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": image}]
    return usage
