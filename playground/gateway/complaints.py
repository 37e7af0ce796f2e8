"""What an error body says, and which kind of failure its words mean.

The vendor advises not to rely on `type` and `code`, and one line sends refused parameters as 429, so words
come first: safety before parameters, balance before busy.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from playground.gateway.errors import ErrorKind

_SAFETY = re.compile(
    r"moderation|safety|content[ _-]?polic|content[ _-]?filter|guardrail"
    r"|policy violation|violat\w* .{0,40}polic|违规|敏感|内容审核|安全(?:系统|策略|审核)"
    r"|prohibited[ _]content|\b(?:image_)?recitation\b|\bblocklist\b|\bspii\b"
)
# The name of the parameter "moderation" is no verdict.
_MENTION_OF_MODERATION = re.compile(
    r"(?:parameter|field|argument|value)[^.]{0,20}['\"`]?moderation['\"`]?"
    r"|^['\"`]?moderation['\"`]? (?:must|is not)"
)
_KEY_TYPE = re.compile(r"billing[ _-]?mode|per-call|按次|计费|no available channel|无可用渠道")
_BALANCE = re.compile(r"quota|balance|insufficient(?![ _]?(?:permission|scope|privilege))|额度|余额|欠费")
# Google's words for "busy", which name a quota and mean no money.
_MENTION_OF_QUOTA = re.compile(r"resource has been exhausted.{0,30}quota")
_UPLOAD_TOO_LARGE = re.compile(r"write_response_body_failed")
_TRANSPARENT = re.compile(r"transparent background|background.{0,30}transparent")
_SIZE = re.compile(r"invalid size|divisible by 16|invalid value.{0,20}size")
_TOO_MANY = re.compile(r"too many (?:input )?images|maximum (?:of )?16")
_MASK = re.compile(r"\bmask\b|invalid_mask")
_IMAGE = re.compile(r"invalid_image|alpha channel|image file|unsupported image|decode.{0,20}image")
_MODEL = re.compile(
    r"model_not_found|(?:unknown|invalid|unsupported) model"
    r"|model .{0,80}(?:does not exist|not found)|模型不存在"
)
# Words that say "parameter" even where the status says "busy".
_PARAMETER = re.compile(
    r"unknown[ _]parameter|unrecognized request argument|unsupported[ _]parameter|"
    r"invalid[ _](?:value|parameter)|must be (?:one of|an? )|parameter validation"
    r"|(?:field|parameter)s? .{0,60}not (?:supported|allowed)"
    r"|not a valid|参数"
)
_NAMED = (
    re.compile(r"(?:parameter|field|argument|param)s?[:\s]*['\"`‘“]([\w.\[\]-]{1,60})", re.I),
    re.compile(r"(?:parameter|field|argument)[:\s]+([a-z]+_[a-z_]+)", re.I),
    re.compile(r"^['\"`]?([a-z_]{1,40})['\"`]? must be ", re.I),
)


@dataclass(frozen=True)
class Complaint:
    """An error body, as far as it could be read.

    `is_readable`: it was the provider's own form, an "error" with a message. A proxy's {"message": ...} is not.
    """

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""
    is_readable: bool = False

    @property
    def words(self) -> str:
        return f"{self.message} {self.code} {self.type}".lower()


def complaint_of(body: object) -> Complaint:
    """From JSON of any shape: {"error": {...}}, {"error": "..."}, {"message": "..."} or the error itself."""
    own = body.get("error") if isinstance(body, dict) else None
    inner = own or body
    if isinstance(inner, str):
        return Complaint(message=inner[:20_000], is_readable=bool(own and inner.strip()))
    if not isinstance(inner, dict):
        return Complaint()
    texts = {name: _text(inner.get(name)) for name in ("message", "code", "type", "param")}
    if not texts["message"]:
        texts["message"] = _text(inner.get("detail")) or _text(inner.get("msg"))
    return Complaint(**texts, is_readable=bool(own and texts["message"]))


def kind_of_words(
    complaint: Complaint, sent_fields: Collection[str], *, is_busy: bool
) -> tuple[ErrorKind | None, str]:
    """`is_busy`: the status alone says "later", so only unmistakable words say "parameter"."""
    words = complaint.words
    if _SAFETY.search(_MENTION_OF_MODERATION.sub("", words)) and complaint.param != "moderation":
        return ErrorKind.MODERATION, ""
    by_subject = _by_subject(words, complaint.param)
    if by_subject is not None and not is_busy:
        return by_subject, _field(complaint, sent_fields)
    if _PARAMETER.search(words) or (complaint.param and not is_busy):
        kind = ErrorKind.INVALID_SIZE if _SIZE.search(words) else ErrorKind.REFUSED_PARAMETER
        field = _field(complaint, sent_fields)
        return kind, field
    if _KEY_TYPE.search(words) and not is_busy:
        return ErrorKind.WRONG_KEY_TYPE, ""
    if _UPLOAD_TOO_LARGE.search(words):
        return ErrorKind.TOO_LARGE, ""
    if _BALANCE.search(_MENTION_OF_QUOTA.sub("", words)):
        return ErrorKind.BALANCE, ""
    field = "" if is_busy else _mentioned(words, sent_fields)
    return (ErrorKind.REFUSED_PARAMETER, field) if field else (None, "")


def _by_subject(words: str, param: str) -> ErrorKind | None:
    """Parameters whose refusal has a sentence of its own."""
    if _TRANSPARENT.search(words):
        return ErrorKind.TRANSPARENT_REFUSED
    if _SIZE.search(words):
        return ErrorKind.INVALID_SIZE
    if _TOO_MANY.search(words):
        return ErrorKind.TOO_MANY_IMAGES
    if param == "mask" or _MASK.search(words):
        return ErrorKind.INVALID_MASK
    if _IMAGE.search(words):
        return ErrorKind.INVALID_IMAGE
    if param == "model" or _MODEL.search(words):
        return ErrorKind.UNKNOWN_MODEL
    return None


def _field(complaint: Complaint, sent_fields: Collection[str]) -> str:
    """The name of the field that was refused, "" when it is not told."""
    if complaint.param:
        return complaint.param[:60]
    for pattern in _NAMED:
        match = pattern.search(complaint.message)
        if match:
            return match[1]
    return _mentioned(complaint.words, sent_fields)


def _mentioned(words: str, sent_fields: Collection[str]) -> str:
    found = (name for name in sorted(sent_fields) if re.search(rf"\b{re.escape(name)}\b", words))
    return next(found, "")


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()[:20_000]
