"""Which wire a model speaks: for each, how a call is built and how its answer is read.

What a model takes is asked of the catalog and nowhere else, so a new model on a known wire needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from playground.catalog import Endpoint, Model, PictureFacts, Problem, check_pictures, check_request
from playground.gateway import wire_gemini, wire_openai
from playground.gateway.errors import InvalidRequestError
from playground.gateway.pictures import examine
from playground.gateway.reading import Reader
from playground.gateway.request import Attachment, Call, ImageRequest, Message

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Wire:
    """A way of speaking: from a request that was checked to a call, and from an answer to what it holds."""

    build: Callable[[ImageRequest], Call]
    read: Reader


WIRES: Mapping[str, Wire] = {
    "openai-images": Wire(wire_openai.build, wire_openai.read),
    "gemini": Wire(wire_gemini.build, wire_gemini.read),
}


def wire_of(model: Model) -> Wire:
    return WIRES[model.wire]


def build(request: ImageRequest, *, on: date | None = None) -> Call:
    """The exact call for a request. Reads the headers of its picture files and nothing else.

    Raises InvalidRequestError with the catalog's problems if it would be refused.
    """
    pictures = [facts_of(reference) for reference in request.references]
    mask = facts_of(request.mask) if request.mask else None
    problems = [
        *check_request(
            request.model, request.endpoint, request.prompt, request.parameters,
            on=on, references=pictures, mask=mask,
        ),
        *_message_problems(request),
    ]  # fmt: skip
    if problems:
        raise InvalidRequestError(problems)
    return wire_of(request.model).build(_truly_typed(request))


def facts_of(attachment: Attachment) -> PictureFacts:
    """What the file itself says; a file that is gone, or no picture, has no format."""
    try:
        size, seen = attachment.path.stat().st_size, examine(attachment.path)
    except OSError:
        return PictureFacts("", 0)
    if seen is None:
        return PictureFacts("", size)
    return PictureFacts(seen.format, size, seen.width, seen.height, seen.has_alpha)


def _truly_typed(request: ImageRequest) -> ImageRequest:
    """The request with the media types that the bytes have."""
    return replace(
        request,
        references=tuple(map(_typed, request.references)),
        mask=_typed(request.mask) if request.mask else None,
        messages=tuple(
            replace(turn, pictures=tuple(map(_typed, turn.pictures))) for turn in request.messages
        ),
    )


_Picture = TypeVar("_Picture", Attachment, Attachment | str)


def _typed(picture: _Picture) -> _Picture:
    if isinstance(picture, str):
        return picture
    return replace(picture, media_type=f"image/{facts_of(picture).format}")


def _message_problems(request: ImageRequest) -> Iterator[Problem]:
    if request.messages and request.endpoint is not Endpoint.CHAT:
        yield Problem("messages_not_taken", "messages", "Earlier turns go along in a conversation only.")
        return
    for message in request.messages:
        if message.role not in ROLES:
            roles = ", ".join(ROLES)
            text = f"A turn is of one of {roles}, not {message.role!r}."
            yield Problem("role_not_known", "messages", text, {"role": message.role, "choices": roles})
        yield from check_pictures(request.model, [facts_of(each) for each in _files(message)])
        for link in message.pictures:
            if isinstance(link, str) and not link.startswith(("https://", "http://")):
                yield Problem("not_a_link", "messages", "A picture of an earlier turn must be a web link.")


def _files(message: Message) -> Iterator[Attachment]:
    return (picture for picture in message.pictures if isinstance(picture, Attachment))
