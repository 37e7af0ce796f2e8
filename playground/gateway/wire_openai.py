"""The wire of the OpenAI image API, as its relays speak it: generations and chat in JSON, edits as a form.

How answers are read is `reading`: they come in many shapes, told by what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.catalog import PICTURE_FIELD, SHAPE, Endpoint, Parameter, prompt_sent
from playground.gateway.reading import read
from playground.gateway.request import Attachment, Call, FilePart, ImageRequest, Message, Value, Woven

__all__ = ["INTENT", "build", "image_intent", "read"]

INTENT = "Generate image: "


def image_intent(prompt: str) -> str:
    """The prompt with the words first that keep a chat model from answering in words (vendor's advice)."""
    return prompt if _has_intent(prompt) else INTENT + prompt


def build(request: ImageRequest) -> Call:
    """The call for a request that was checked."""
    settings = _settings(request)
    sent = frozenset(settings)
    if request.endpoint is Endpoint.CHAT:
        body = {"model": request.model.id, "messages": _messages(request), **settings}
        return Call("POST", request.endpoint.path, body, settings=sent)
    fields: dict[str, Value] = {"model": request.model.id, "prompt": _prompt(request), **settings}
    if request.endpoint is Endpoint.EDITS:
        form = {name: _text(value) for name, value in fields.items()}
        return Call("POST", request.endpoint.path, form=form, files=tuple(_files(request)), settings=sent)
    return Call("POST", request.endpoint.path, fields, settings=sent)


def _settings(request: ImageRequest) -> dict[str, Value]:
    """The fields beside model, words and pictures."""
    settings: dict[str, Value] = {}
    for name, parameter in request.model.parameters[request.endpoint].items():
        value = None if parameter.kind == "structure" else _value(parameter, request.parameters.get(name))
        if name != SHAPE and value is not None:
            settings[name] = value
    return settings


def _value(parameter: Parameter, asked: Value | None) -> Value | None:
    """None means: leave the field out, which is not the same as sending null or an empty text."""
    if parameter.send == "never":
        return None
    if asked is None or asked == "":
        return parameter.value if parameter.send == "always" else None
    return asked


def _text(value: Value) -> str:
    """As a form spells it: all its values are text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _prompt(request: ImageRequest) -> str:
    """Size words go to the start; only the words that ask for a picture come before them."""
    shape, prompt = request.parameters.get(SHAPE), request.prompt
    start = prompt[: len(prompt) - len(_without_intent(prompt))]
    words = prompt_sent(request.model, prompt[len(start) :], str(shape) if shape else None)
    return start + words


def _has_intent(prompt: str) -> bool:
    return prompt.lstrip().casefold().startswith(INTENT.strip().casefold())


def _without_intent(prompt: str) -> str:
    return prompt.lstrip()[len(INTENT.strip()) :].lstrip() if _has_intent(prompt) else prompt


def _files(request: ImageRequest) -> Iterator[FilePart]:
    """The pictures in order, for the order is their numbering; then the mask."""
    field = request.model.parameters[Endpoint.EDITS][PICTURE_FIELD]
    name = str(request.parameters.get(PICTURE_FIELD) or field.value or field.name)
    for number, reference in enumerate(request.references, 1):
        yield FilePart(name, f"image-{number}.{_ending(reference)}", reference)
    if request.mask is not None:
        yield FilePart("mask", "mask.png", request.mask)


def _ending(attachment: Attachment) -> str:
    return attachment.media_type.rpartition("/")[2]


def _messages(request: ImageRequest) -> list[Mapping[str, object]]:
    """The turns before, then the prompt with its pictures: only the last message's pictures count (vendor)."""
    now = Message("user", _prompt(request), request.references)
    return [{"role": turn.role, "content": _content(turn)} for turn in (*request.messages, now)]


def _content(turn: Message) -> object:
    if not turn.pictures:
        return turn.text
    if turn.role == "assistant":  # as the provider itself wrote it
        parts: list[str | Attachment] = [turn.text] if turn.text else []
        for picture in turn.pictures:
            parts += ["\n\n" if parts else "", "![image](", *_address(picture), ")"]
        return Woven(tuple(parts))
    pictures = [
        {"type": "image_url", "image_url": {"url": Woven(tuple(_address(each)))}} for each in turn.pictures
    ]
    return [{"type": "text", "text": turn.text}, *pictures]


def _address(picture: Attachment | str) -> Iterator[str | Attachment]:
    if isinstance(picture, Attachment):
        yield f"data:{picture.media_type};base64,"
    yield picture
