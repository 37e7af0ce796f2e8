"""Everything that can go wrong with one call, in one tree.

    ProviderError                 has .kind, .billed, .retry, .sentence and what was seen on the wire
        NotSentError              the provider cannot have received it; never billed
            InvalidRequestError   our own check refused it before any socket was opened; has .problems
        RejectedError             the provider read it and said no; not billed
        OutcomeUnknownError       the request left and no usable word came back; may have been billed
        EmptyAnswerError          the provider says that it succeeded, yet there is nothing to show
    BaseUrlError                  a base URL that nobody should be allowed to save (a ValueError)

The class answers "did it leave, and was it answered?"; the kind answers "what is it?"; `billed` answers
"did it cost money?"; `retry` answers "may the machine try again by itself?". The table RULES holds the
usual answers for each kind, and whether it lies with the channel, so that another model may well answer.
Nothing here ever contains the provider's key: messages go through `redact` before they get here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.catalog import Problem
    from playground.gateway.answer import Timings


class Billed(StrEnum):
    """Could this call have cost money?"""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Retry(StrEnum):
    """What the machine may do by itself. A person may always press "try again"."""

    NEVER = "never"
    NEXT_BASE_URL = "next_base_url"  # it did not leave: another address at once, then waits
    BACKOFF = "backoff"  # the provider failed and said so: at most two more tries
    WAIT = "wait"  # the provider is busy: Retry-After, or 2, 4, 8 seconds


class ErrorKind(StrEnum):
    """What happened. The values are stored and translated, so they never change."""

    # Did not leave.
    INVALID_REQUEST = "invalid_request"
    BAD_ADDRESS = "bad_address"
    KEY_UNSENDABLE = "key_unsendable"
    CANNOT_CONNECT = "cannot_connect"
    NO_FREE_CONNECTION = "no_free_connection"
    NO_ROOM = "no_room"
    # Refused.
    MODERATION = "moderation"
    INVALID_SIZE = "invalid_size"
    TRANSPARENT_REFUSED = "transparent_refused"
    REFUSED_PARAMETER = "refused_parameter"
    INVALID_IMAGE = "invalid_image"
    INVALID_MASK = "invalid_mask"
    TOO_MANY_IMAGES = "too_many_images"
    UNKNOWN_MODEL = "unknown_model"
    BAD_KEY = "bad_key"
    WRONG_KEY_TYPE = "wrong_key_type"
    FORBIDDEN = "forbidden"
    BALANCE = "balance"
    WRONG_ADDRESS = "wrong_address"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    UPSTREAM_ERROR = "upstream_error"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    # Outcome unknown.
    TIMED_OUT = "timed_out"
    CONNECTION_BROKEN = "connection_broken"
    GATEWAY_TIMEOUT = "gateway_timeout"
    UNREADABLE_ANSWER = "unreadable_answer"
    ANSWER_TOO_LARGE = "answer_too_large"
    # Answered, but useless.
    NO_IMAGE = "no_image"
    NOT_A_PICTURE = "not_a_picture"
    PICTURE_LINK_FAILED = "picture_link_failed"
    NOT_SAVED = "not_saved"


class ProviderError(Exception):
    """One call did not end with a picture.

    `values` fills the sentence (and its translations). `provider_message` is what the provider said: at
    most 500 characters, with keys and picture data taken out. `links` are picture links that could not be
    fetched yet (they live about 24 hours, and fetching again is free). `kept` are files left in the call's
    folder because they were paid for.
    """

    def __init__(
        self,
        kind: ErrorKind,
        *,
        billed: Billed | None = None,
        retry: Retry | None = None,
        values: Mapping[str, str | int] | None = None,
        status: int | None = None,
        request_id: str | None = None,
        provider_message: str = "",
        timings: Timings | None = None,
        retry_after_seconds: float | None = None,
        usage: Mapping[str, object] | None = None,
        links: Sequence[str] = (),
        kept: Sequence[Path] = (),
    ) -> None:
        rule = RULES[kind]
        self.kind = kind
        self.billed = rule.billed if billed is None else billed
        self.retry = rule.retry if retry is None else retry
        self.values: Mapping[str, str | int] = dict(values or {})
        self.status = status
        self.request_id = request_id
        self.provider_message = provider_message
        self.timings = timings
        self.retry_after_seconds = retry_after_seconds
        self.usage = usage
        self.links = tuple(links)
        self.kept = tuple(kept)
        self.headers: Mapping[str, str] = {}
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """What happened and what to do, in plain English."""
        return RULES[self.kind].sentence.format_map(_Blanks(self.values))


class NotSentError(ProviderError):
    """The provider cannot have received the request."""


class InvalidRequestError(NotSentError):
    """The catalog says that the provider would refuse this; nothing was opened."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        said = " ".join(problem.message for problem in self.problems)
        super().__init__(ErrorKind.INVALID_REQUEST, values={"problems": said})


class RejectedError(ProviderError):
    """The provider read the request and said no.

    `refused_field` names a switch of ours (a field that is sent only on request, because sources disagree on
    it) that the provider refused: the call was free, so it may be sent once more without that field.
    """

    refused_field: str | None = None


class OutcomeUnknownError(ProviderError):
    """The request left, and nothing that can be trusted came back."""


class EmptyAnswerError(ProviderError):
    """The provider answered "success" without a picture that can be shown, and without words."""


class BaseUrlError(ValueError):
    """This base URL cannot be used; the message says why, for the person who typed it."""


class _Blanks(dict[str, "str | int"]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True)
class Rule:
    """The usual answers for one kind. `elsewhere`: nothing is wrong with the request, so another model may take it."""

    error: type[ProviderError]
    billed: Billed
    retry: Retry
    sentence: str
    elsewhere: bool = False


def _not_sent(sentence: str, retry: Retry = Retry.NEVER, *, elsewhere: bool = False) -> Rule:
    return Rule(NotSentError, Billed.NO, retry, sentence, elsewhere)


def _refused(sentence: str, retry: Retry = Retry.NEVER, *, elsewhere: bool = False) -> Rule:
    return Rule(RejectedError, Billed.NO, retry, sentence, elsewhere)


def _unknown(sentence: str) -> Rule:
    return Rule(OutcomeUnknownError, Billed.UNKNOWN, Retry.NEVER, sentence)


def _empty(sentence: str, billed: Billed) -> Rule:
    return Rule(EmptyAnswerError, billed, Retry.NEVER, sentence)


RULES: Mapping[ErrorKind, Rule] = {
    ErrorKind.INVALID_REQUEST: _not_sent("This was not sent: {problems}"),
    ErrorKind.BAD_ADDRESS: _not_sent("The provider's base address cannot be used: {reason}"),
    ErrorKind.KEY_UNSENDABLE: _not_sent(
        "The API key is missing or has characters that cannot be sent. "
        "Paste it again, without spaces or line ends."
    ),
    ErrorKind.CANNOT_CONNECT: _not_sent(
        "Cannot reach {host}. Nothing was sent and nothing was charged.",
        Retry.NEXT_BASE_URL,
        elsewhere=True,
    ),
    ErrorKind.NO_FREE_CONNECTION: _not_sent(
        "Too many calls are in flight, so this one was not sent. Nothing was charged.", Retry.NEXT_BASE_URL
    ),
    ErrorKind.NO_ROOM: _not_sent(
        "There is no room on this machine to save a picture, so nothing was sent. "
        "Free some disk space, then try again."
    ),
    ErrorKind.MODERATION: _refused(
        "The provider refused this prompt or picture. Change the wording or the reference picture; "
        "sending it again unchanged usually gives the same answer."
    ),
    ErrorKind.INVALID_SIZE: _refused("The provider does not allow this size. Choose another one."),
    ErrorKind.TRANSPARENT_REFUSED: _refused(
        "This model cannot draw a transparent background. Use an opaque one and cut it out afterwards."
    ),
    ErrorKind.REFUSED_PARAMETER: _refused(
        "The provider does not take the setting “{field}” with this value. Leave it out, then try again."
    ),
    ErrorKind.INVALID_IMAGE: _refused("The provider could not read a reference picture."),
    ErrorKind.INVALID_MASK: _refused(
        "The mask was refused. It needs a transparency channel (transparent = change, opaque = keep) "
        "and the pixel size of the first picture."
    ),
    ErrorKind.TOO_MANY_IMAGES: _refused("Too many reference pictures: at most 16."),
    ErrorKind.UNKNOWN_MODEL: _refused(
        "The provider does not know this model, or does not offer it here.", elsewhere=True
    ),
    ErrorKind.BAD_KEY: _refused("The API key is missing or wrong. Check it in the provider's console."),
    ErrorKind.WRONG_KEY_TYPE: _refused(
        "This key may not use this model. A model that is billed by usage needs a usage-priority key.",
        elsewhere=True,
    ),
    ErrorKind.FORBIDDEN: _refused("The provider does not allow this with this key.", elsewhere=True),
    ErrorKind.BALANCE: _refused("The account balance is used up. Top up, then try again.", elsewhere=True),
    ErrorKind.WRONG_ADDRESS: _refused(
        "The base address is wrong: it must be the host alone, with exactly one /v1 after it."
    ),
    ErrorKind.TOO_LARGE: _refused(
        "The request is too large for the provider. Use smaller or fewer pictures."
    ),
    ErrorKind.BUSY: _refused("The channel is busy. Nothing was charged.", Retry.WAIT, elsewhere=True),
    ErrorKind.UPSTREAM_ERROR: _refused(
        "The image service failed. It should not be charged.", Retry.BACKOFF, elsewhere=True
    ),
    ErrorKind.REDIRECTED: _refused(
        "The base address answers with a redirect, which is not followed so that the key stays here. "
        "Enter the final address of the provider."
    ),
    ErrorKind.REFUSED: _refused("The provider refused this request."),
    ErrorKind.TIMED_OUT: _unknown(
        "No complete answer after {seconds} s. The provider may have finished it and charged for it; "
        "the picture cannot be fetched later. Check before trying again."
    ),
    ErrorKind.CONNECTION_BROKEN: _unknown(
        "The connection broke before the answer was complete. This may have been charged. "
        "Check before trying again."
    ),
    ErrorKind.GATEWAY_TIMEOUT: _unknown(
        "A server between here and the provider gave up waiting. This may have been charged. "
        "Check before trying again."
    ),
    ErrorKind.UNREADABLE_ANSWER: _unknown(
        "The answer could not be read. This may have been charged. Check before trying again."
    ),
    ErrorKind.ANSWER_TOO_LARGE: _unknown(
        "The answer was larger than any picture should be and was cut off. This may have been charged."
    ),
    ErrorKind.NO_IMAGE: _empty("The service sent no picture. This may have been charged.", Billed.UNKNOWN),
    ErrorKind.NOT_A_PICTURE: _empty(
        "The service sent something that is not a PNG, JPEG or WebP picture. "
        "It was charged or may have been; what came back is kept.",
        Billed.UNKNOWN,
    ),
    ErrorKind.PICTURE_LINK_FAILED: _empty(
        "The picture is made and paid for, but fetching it from {host} failed. "
        "Fetching it again costs nothing and works for about 24 hours.",
        Billed.YES,
    ),
    ErrorKind.NOT_SAVED: _empty(
        "The picture came back but could not be saved on this machine. It was charged. Check the disk.",
        Billed.YES,
    ),
}

# What lies with the channel and not with the request.
ELSEWHERE = frozenset(kind for kind, rule in RULES.items() if rule.elsewhere)


def failure(
    kind: ErrorKind,
    *,
    billed: Billed | None = None,
    retry: Retry | None = None,
    values: Mapping[str, str | int] | None = None,
    status: int | None = None,
    provider_message: str = "",
    retry_after_seconds: float | None = None,
    links: Sequence[str] = (),
    kept: Sequence[Path] = (),
    error: type[ProviderError] | None = None,
) -> ProviderError:
    """The right class of error for a kind. What the exchange knows (id, timings, usage) is added by the
    caller."""
    return (error or RULES[kind].error)(
        kind,
        billed=billed,
        retry=retry,
        values=values,
        status=status,
        provider_message=provider_message,
        retry_after_seconds=retry_after_seconds,
        links=links,
        kept=kept,
    )
