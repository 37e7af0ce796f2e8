"""The one way to public pages: from an address to its link, or to one answer for every address that leads nowhere.

Every public view is wrapped in `public` or `door`. They find the link by the hash of its token, let nobody past a
password, and put the headers on every answer. Unknown, malformed, expired and ended addresses, and numbers that a link
does not have, all get `gone`: one page, to the byte.

These views take no CSRF token: their pages send no referrer, so browsers send `Origin: null` with forms, which Django
refuses. What may be posted must be harmless when somebody else makes a browser post it.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt

from playground.sharing.knocking import ALL_GUESSES, GUESSES, MISSES, caller
from playground.sharing.models import Link
from playground.sharing.polls import asked_of
from playground.sharing.visits import place_of

NO_ROBOTS = "noindex, nofollow, noarchive"
UNLOCKED_COOKIE = "unlocked"
UNLOCKED_SECONDS = 12 * 3600
_signer = signing.TimestampSigner(salt="sharing.unlocked")

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """For a view that takes the request and the open link, and shows something."""

    def shown(request: HttpRequest, link: Link, **values: object) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or not is_unlocked(request, link):
            raise Http404
        return view(request, link, **values)

    return door(wraps(view)(shown))


def door(view: View) -> View:
    """For one that is reached without the password too, and may be posted to."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, token: str = "", **values: object) -> HttpResponseBase:
        link = Link.objects.open().filter(token_hash=Link.hash_of(token)).first()
        if link is None:
            return _with_headers(_missed(request))
        link.token = token
        try:
            link.asked = asked_of(request, link)
            return _with_headers(view(request, link, **values), link)
        except Http404:
            return _with_headers(gone(request))

    return answer


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "sharing/gone.html", status=404)


def _missed(request: HttpRequest) -> HttpResponse:
    """The same for everybody who has no link, and at some point only after a while. Who has one never waits."""
    who = caller(request)
    if MISSES.is_reached(who) or not MISSES.take(who):
        return too_many(request, MISSES.within.seconds)
    return gone(request)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "sharing/too_many.html", {"minutes": seconds // 60}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _with_headers(response: HttpResponseBase, link: Link | None = None) -> HttpResponseBase:
    response["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "private, no-store")
    if not (link and may_be_indexed(link)):
        response["X-Robots-Tag"] = NO_ROBOTS
    return response


def may_be_indexed(link: Link) -> bool:
    return link.is_indexed and not link.password


# -- Passwords -------------------------------------------------------------------------------------------------------


def is_unlocked(request: HttpRequest, link: Link) -> bool:
    """Whether this browser may look: there is no password, or it said this one."""
    if not link.password:
        return True
    try:
        proof = _signer.unsign(request.COOKIES.get(UNLOCKED_COOKIE, ""), max_age=UNLOCKED_SECONDS)
    except signing.BadSignature:
        return False
    return constant_time_compare(proof, _proof(link))


def unlock(link: Link, response: HttpResponseBase) -> None:
    """Let this browser look until it is closed: for twelve hours at most, and while the password is the same."""
    response.set_cookie(
        UNLOCKED_COOKIE, _signer.sign(_proof(link)), path=place_of(link), httponly=True, samesite="Lax",
        secure=settings.HTTPS,
    )  # fmt: skip


def _proof(link: Link) -> str:
    """Another one for each address and each password."""
    return salted_hmac("sharing.proof", f"{link.token_hash} {link.password}", algorithm="sha256").hexdigest()


def try_password(request: HttpRequest, link: Link) -> bool | None:
    """Whether the posted password is right; None where too many were tried, and this one was not looked at."""
    who = caller(request)
    limits = ((GUESSES, (link.pk, who)), (ALL_GUESSES, (link.pk,)))
    if any(limit.is_reached(*key) for limit, key in limits):
        return None
    if not all(limit.take(*key) for limit, key in limits):
        return None
    if not check_password(request.POST.get("password", "")[:200], link.password):
        return False
    GUESSES.forgive(link.pk, who)
    ALL_GUESSES.give_back(link.pk)  # many people who know it are no danger
    return True
