"""Talking to a provider: a typed request in, one normalised answer or one kind of error out.

    gateway = Gateway()                                     # one for each process
    answer = gateway.send(connection, request, base_url=connection.base_urls[0], into=folder)

No Django, no database, no setting: whoever calls decides when to send and what to remember.
"""

from playground.gateway.addresses import normalise_base_url
from playground.gateway.answer import Answer, Partial, Picture, Timings
from playground.gateway.client import Gateway
from playground.gateway.errors import (
    ELSEWHERE,
    BaseUrlError,
    Billed,
    EmptyAnswerError,
    ErrorKind,
    InvalidRequestError,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
    RejectedError,
    Retry,
)
from playground.gateway.request import Attachment, Call, Connection, FilePart, ImageRequest, Message, Woven
from playground.gateway.results import left_behind
from playground.gateway.retries import Try, next_try
from playground.gateway.wire_openai import image_intent
from playground.gateway.wires import build

__all__ = [
    "ELSEWHERE",
    "Answer",
    "Attachment",
    "BaseUrlError",
    "Billed",
    "Call",
    "Connection",
    "EmptyAnswerError",
    "ErrorKind",
    "FilePart",
    "Gateway",
    "ImageRequest",
    "InvalidRequestError",
    "Message",
    "NotSentError",
    "OutcomeUnknownError",
    "Partial",
    "Picture",
    "ProviderError",
    "RejectedError",
    "Retry",
    "Timings",
    "Try",
    "Woven",
    "build",
    "image_intent",
    "left_behind",
    "next_try",
    "normalise_base_url",
]
