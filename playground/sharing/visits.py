"""Counting visitors: each browser once a day, and only one that loads a picture, which previews in messengers do not.

The browser is known by a random number in a cookie that goes nowhere but to this link. Nothing else is noted.
"""

import re
import secrets
from urllib.parse import unquote

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from playground.sharing.models import Link, Visit

COOKIE = "visit"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{22}")


def place_of(link: Link) -> str:
    """The path that cookies of this link are sent to."""
    return unquote(reverse("public:page", args=[link.token]))


def welcome(request: HttpRequest, response: HttpResponseBase, link: Link) -> None:
    """Give the browser its number."""
    if not number_of(request):
        response.set_cookie(
            COOKIE, secrets.token_urlsafe(16), path=place_of(link), httponly=True, samesite="Lax",
            secure=settings.HTTPS,
        )  # fmt: skip


def note(request: HttpRequest, link: Link) -> None:
    """Count the browser, if it has a number and was not counted today."""
    visitor, today = number_of(request), timezone.localdate()
    if not visitor or Visit.objects.filter(link=link, day=today, visitor=visitor).exists():
        return
    _visit, is_new = Visit.objects.get_or_create(link=link, day=today, visitor=visitor)
    if is_new:
        Link.objects.filter(pk=link.pk).update(views=F("views") + 1, last_seen_at=timezone.now())


def number_of(request: HttpRequest) -> str:
    """The browser's, if it has one that may be of this installation."""
    raw = request.COOKIES.get(COOKIE, "")
    return raw if _NUMBER.fullmatch(raw) else ""
