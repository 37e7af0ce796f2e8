"""Which kind of failure is this? By httpx's leaf exceptions, and by what an answer says.

For an answer, in this order: its status; then its words (safety before parameters, balance before busy);
then its code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from playground.gateway.complaints import Complaint, complaint_of, kind_of_words
from playground.gateway.errors import (
    Billed,
    EmptyAnswerError,
    ErrorKind,
    OutcomeUnknownError,
    ProviderError,
    RejectedError,
    Retry,
    failure,
)
from playground.gateway.redaction import redact

# The request cannot have arrived.
_NOT_SENT: Mapping[type[Exception], ErrorKind] = {
    httpx.ConnectError: ErrorKind.CANNOT_CONNECT,
    httpx.ConnectTimeout: ErrorKind.CANNOT_CONNECT,
    httpx.ProxyError: ErrorKind.CANNOT_CONNECT,
    httpx.PoolTimeout: ErrorKind.NO_FREE_CONNECTION,
    httpx.UnsupportedProtocol: ErrorKind.BAD_ADDRESS,
    httpx.InvalidURL: ErrorKind.BAD_ADDRESS,
    httpx.LocalProtocolError: ErrorKind.BAD_ADDRESS,  # a header that HTTP does not allow
    UnicodeError: ErrorKind.BAD_ADDRESS,  # a host name that DNS cannot spell
}
# It left, wholly or in part.
_UNKNOWN: Mapping[type[Exception], ErrorKind] = {
    httpx.ReadTimeout: ErrorKind.TIMED_OUT,
    httpx.WriteTimeout: ErrorKind.TIMED_OUT,
    httpx.DecodingError: ErrorKind.UNREADABLE_ANSWER,
}

# One line sends refused parameters as 429 (vendor).
_STATUSES_OF_A_REFUSED_FIELD = (400, 422, 429)
_FIELD_OF = {ErrorKind.INVALID_SIZE: "size", ErrorKind.TRANSPARENT_REFUSED: "background"}
# The provider's own failures: not billed when it says so in words of its own (vendor's error table).
_OWN_FAILURES = (500, 502, 503)
_TIMEOUT_STATUSES = (408, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530, 598, 599)


def from_exception(error: Exception, *, has_left: bool, host: str, seconds: float) -> ProviderError:
    """The kind by the leaf class. A class that nobody foresaw counts as "may have arrived"."""
    kind = None if has_left else _NOT_SENT.get(_leaf(error, _NOT_SENT))
    if kind is None:
        kind = _UNKNOWN.get(_leaf(error, _UNKNOWN), ErrorKind.CONNECTION_BROKEN)
    values: dict[str, str | int] = {"host": host, "seconds": round(seconds), "reason": type(error).__name__}
    return failure(kind, values=values)


def from_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    sent_fields: Collection[str],
    key: str,
    host: str,
    switches: Collection[str] = (),
) -> ProviderError:
    """An answer whose status is not 2xx. `body` is its beginning; `sent_fields` what the request had beside
    the prompt; `switches` those of them that are opt-in."""
    text = body.decode("utf-8", errors="replace")
    complaint = complaint_of(_json(text))
    said = redact(complaint.message or complaint.code or text, key)
    if 300 <= status < 400:
        # 303 means "done, look there": only then can work have been done before the redirect.
        is_done = status == 303
        return failure(
            ErrorKind.REDIRECTED,
            billed=Billed.UNKNOWN if is_done else None,
            error=OutcomeUnknownError if is_done else None,
            status=status,
            values={"host": host},
        )
    kind, field = _kind(status, complaint, sent_fields)
    error = failure(
        kind,
        status=status,
        provider_message=said,
        values={"host": host, "status": status, **({"field": redact(field, key)} if field else {})},
        retry_after_seconds=retry_after_seconds(headers),
    )
    if isinstance(error, RejectedError) and status in _STATUSES_OF_A_REFUSED_FIELD:
        named = field or _FIELD_OF.get(kind, "")
        error.refused_field = named if named in switches else None
    return error


def from_answer(
    complaint: object, *, status: int, sent_fields: Collection[str], key: str, host: str
) -> ProviderError:
    """An error inside an answer that says "success": the same kinds, but nobody says whether it was
    billed."""
    read = complaint_of(complaint)
    kind, field = kind_of_words(read, sent_fields, is_busy=False)
    return failure(
        kind or ErrorKind.NO_IMAGE,
        error=EmptyAnswerError,
        billed=Billed.UNKNOWN,
        retry=Retry.NEVER,
        status=status,
        provider_message=redact(read.message or read.code, key),
        values={"host": host, **({"field": redact(field, key)} if field else {})},
    )


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Retry-After in seconds: a whole number, or a date; None when absent or nonsense."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _kind(status: int, complaint: Complaint, sent_fields: Collection[str]) -> tuple[ErrorKind, str]:
    if status in _TIMEOUT_STATUSES:
        return ErrorKind.GATEWAY_TIMEOUT, ""
    if status >= 500 and (status not in _OWN_FAILURES or not complaint.is_readable):
        return ErrorKind.UNREADABLE_ANSWER, ""
    if status < 400:
        return ErrorKind.UNREADABLE_ANSWER, ""
    if status >= 500:
        return _own_failure(complaint, sent_fields)
    if status == 451:
        return ErrorKind.MODERATION, ""
    if status == 403 and re.search(r"\bcontent\b", complaint.words):
        return ErrorKind.MODERATION, ""
    by_words, field = kind_of_words(complaint, sent_fields, is_busy=status == 429)
    if by_words is not None and not (status in (401, 404, 413) and by_words is ErrorKind.REFUSED_PARAMETER):
        return by_words, field
    return _BY_STATUS.get(status, ErrorKind.REFUSED), ""


_BY_STATUS = {
    401: ErrorKind.BAD_KEY,
    402: ErrorKind.BALANCE,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.WRONG_ADDRESS,
    405: ErrorKind.WRONG_ADDRESS,
    413: ErrorKind.TOO_LARGE,
    429: ErrorKind.BUSY,
}


_VERDICTS = (
    ErrorKind.MODERATION,
    ErrorKind.BALANCE,
    ErrorKind.REFUSED_PARAMETER,
    ErrorKind.INVALID_SIZE,
    ErrorKind.TOO_LARGE,
)


def _own_failure(complaint: Complaint, sent_fields: Collection[str]) -> tuple[ErrorKind, str]:
    """500, 502, 503 with words: a verdict stays a verdict, everything else may be tried again."""
    kind, field = kind_of_words(complaint, sent_fields, is_busy=True)
    if kind in _VERDICTS:
        return kind, field
    return ErrorKind.UPSTREAM_ERROR, ""


def _leaf(error: Exception, known: Mapping[type[Exception], ErrorKind]) -> type[Exception]:
    """The nearest class of an exception that a table knows."""
    return next((each for each in type(error).__mro__ if each in known), Exception)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
