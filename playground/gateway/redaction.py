"""What a provider says, made fit for people, logs and the database: no key, no picture data, not long."""

from __future__ import annotations

import re

MAX_CHARACTERS = 500

_HIDDEN = "[hidden]"
_BEARER = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+")
# Providers like to quote a key back, whole or with stars in the middle.
_SECRET = re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_*.\-]{4,}")
_DATA = re.compile(r"(?:data:[\w./+-]{0,60};base64,)?[A-Za-z0-9+/_-]{120,}={0,2}")
_TAG = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)>|$)|<!--.*?(?:-->|$)|<[^>]*(?:>|$)", re.I | re.S
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def redact(text: str, key: str = "") -> str:
    """One line of at most 500 characters without keys, picture data, markup or control characters."""
    text = _hidden(text[: MAX_CHARACTERS * 40], key)
    text = _DATA.sub("[data]", text)
    if text.lstrip()[:1] == "<":
        text = _TAG.sub(" ", text)
    text = _BLANK.sub(" ", text).strip()
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


def without_secrets(text: str, key: str = "") -> str:
    """The text in full, with its line ends, without keys and control characters."""
    lines = (_BLANK.sub(" ", line).rstrip() for line in _hidden(text, key).splitlines())
    return "\n".join(lines).strip()


def _hidden(text: str, key: str) -> str:
    if len(key) >= 4:
        text = text.replace(key, _HIDDEN)
    return _SECRET.sub(_HIDDEN, _BEARER.sub(f"Bearer {_HIDDEN}", text))


def clean_header(text: str | None) -> str:
    """A header's value as it may be stored: printable ASCII, at most 200 characters."""
    return "".join(character for character in text or "" if " " <= character <= "~")[:200].strip()


def clean_token(text: str | None) -> str | None:
    """A request id as it may be stored: printable ASCII, at most 200 characters; None when nothing is
    left."""
    kept = "".join(character for character in text or "" if "!" <= character <= "~")[:200]
    return kept or None
