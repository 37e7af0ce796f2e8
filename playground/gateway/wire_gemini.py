"""The wire of Google's generateContent, as Nano Banana speaks it: everything in JSON, pictures as base64.

A size is sent as a ratio and a tier. An answer is a list of parts: text in any place, drafts before the
picture, and refusals with status 200 and a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.catalog import AUTO, Size
from playground.gateway import reading
from playground.gateway.reading import Found, Link, Source, numbers, source_of, tidied
from playground.gateway.request import Attachment, Call, ImageRequest, Woven
from playground.gateway.spill import Spill

__all__ = ["build", "read"]

_OWN_KEYS = ("candidates", "promptFeedback", "usageMetadata")
# Reasons that leave the words of the answer what they are: an answer in words. Any other is a refusal.
_HARMLESS = ("", "STOP", "MAX_TOKENS", "NO_IMAGE", "IMAGE_OTHER", "OTHER", "FINISH_REASON_UNSPECIFIED")


def build(request: ImageRequest) -> Call:
    """The call for a request that was checked. The model's name stands in the path, at the host's root."""
    parts = [{"text": request.prompt}, *map(_inline, request.references)]
    body = {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": _image_config(request)},
    }
    path = f"/v1beta/models/{request.model.id}:generateContent"
    return Call("POST", path, body, settings=frozenset(("aspectRatio", "imageSize")))


def _inline(attachment: Attachment) -> Mapping[str, object]:
    return {"inlineData": {"mimeType": attachment.media_type, "data": Woven((attachment,))}}


def _image_config(request: ImageRequest) -> dict[str, str]:
    """Auto leaves the ratio out; the tier is always sent, for what comes without it is the smallest."""
    rule, asked = request.model.sizes, str(request.parameters.get("size") or AUTO)
    choice = None if asked == AUTO else rule.choice(Size.parse(asked))
    if choice is None:
        return {"imageSize": rule.default_tier}
    return {"aspectRatio": choice.ratio, "imageSize": choice.tier}


def read(body: Mapping[str, object], spill: Spill) -> Found:
    """The last picture of the answer, or why there is none. Takes any parsed JSON and never raises."""
    if not any(key in body for key in _OWN_KEYS):
        return reading.read(body, spill)  # an error, or a relay that answers in another tongue
    parts = list(_parts(body))
    pictures = [source for part in parts if (source := _picture(part, spill)) is not None]
    words = [part["text"] for part in parts if isinstance(part.get("text"), str) and not part.get("thought")]
    text = tidied("\n".join(map(str, words))) or None
    reason, said = _reason(body)
    is_words = text is not None and reason in _HARMLESS
    refusal = (
        None if pictures or is_words else {"message": said or text or reason, "code": reason or "no_image"}
    )
    return Found(
        sources=tuple(pictures[-1:]),
        text=text,
        usage=numbers(body.get("usageMetadata")),
        reported=_reported(body),
        complaint=refusal,
    )


def _candidates(body: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    candidates = body.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else []:
        if isinstance(candidate, dict):
            yield candidate


def _parts(body: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for candidate in _candidates(body):
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else []:
            if isinstance(part, dict):
                yield part


def _picture(part: Mapping[str, object], spill: Spill) -> Source | None:
    for name in ("inlineData", "inline_data"):
        inline = part.get(name)
        data = inline.get("data") if isinstance(inline, dict) else None
        if isinstance(data, str) and data:
            return source_of(data, spill)
    linked = part.get("fileData")
    url = linked.get("fileUri") if isinstance(linked, dict) else None
    return Link(url) if isinstance(url, str) and url.startswith("http") else None


def _reason(body: Mapping[str, object]) -> tuple[str, str]:
    """The code of why it ended (of the answer, or of the prompt's refusal) and the words for it."""
    feedback = body.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        return _short(feedback["blockReason"]), _short(feedback.get("blockReasonMessage"))
    for candidate in _candidates(body):
        if candidate.get("finishReason"):
            return _short(candidate["finishReason"]), _short(candidate.get("finishMessage"))
    return "", ""


def _reported(body: Mapping[str, object]) -> dict[str, str]:
    names = {"model": "modelVersion", "response_id": "responseId"}
    return {name: _short(body.get(key))[:100] for name, key in names.items() if _short(body.get(key))}


def _short(value: object) -> str:
    return value[:4000] if isinstance(value, str) else ""
