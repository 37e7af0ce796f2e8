"""Addresses that people type (base URLs) and addresses that a provider hands out (picture links)."""

from __future__ import annotations

import re

import httpx

from playground.gateway.errors import BaseUrlError

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_HAS_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")

# Only at the end: a relay may have a /v1 of its own in the middle of its address.
_OUR_PART = re.compile(
    r"/v1(?:beta)?(?:/images(?:/generations|/edits)?|/chat(?:/completions)?|/models(?:/[^/]*)?)?$"
)


def normalise_base_url(text: str) -> tuple[str, str]:
    """(base URL without /v1, endpoint and trailing slash, remark about what was mended or "").

    Raises BaseUrlError, with a sentence for the person who typed it.
    """
    typed = text.strip()
    if not typed:
        raise BaseUrlError("Enter the provider's base address, such as https://api.apiyi.com.")
    url = _parsed(typed if _HAS_SCHEME.match(typed) else f"https://{typed}")
    _check(url)
    path = _root(re.sub(r"/+", "/", url.path).rstrip("/"))
    cleaned = str(url.copy_with(path=path or "/", query=None, fragment=None)).rstrip("/")
    return cleaned, _remark(typed, cleaned)


def _root(path: str) -> str:
    """The path without the version, and without the endpoint that people paste along with it."""
    while (shorter := _OUR_PART.sub("", path).rstrip("/")) != path:
        path = shorter
    return path


def _parsed(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise BaseUrlError("This is not a web address.") from error


def _check(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise BaseUrlError("The base address must begin with https:// (or http://) and a host name.")
    if not _HOST.fullmatch(url.raw_host.decode("ascii")) or not 0 < (url.port or 443) < 65536:
        raise BaseUrlError("The base address has no proper host name or port.")
    if url.userinfo:
        raise BaseUrlError("Leave user name and password out of the base address; the key has its own field.")
    if url.query or url.fragment:
        raise BaseUrlError("The base address must not have a “?” or “#” part.")
    # Cloudflare's hosts give up after about 100 s, and the picture is charged all the same (vendor's
    # base-URL FAQ).
    if url.host.lower().startswith("api-cf."):
        raise BaseUrlError(
            "This host gives up after about 100 seconds, too soon for pictures, "
            "and they are charged all the same. "
            "Use https://api.apiyi.com, https://vip.apiyi.com or https://b.apiyi.com."
        )


def _remark(typed: str, cleaned: str) -> str:
    if typed.rstrip("/") == cleaned or typed.rstrip("/") == f"{cleaned}/v1":
        return ""
    return f"Using {cleaned}; /v1 is added by itself."
