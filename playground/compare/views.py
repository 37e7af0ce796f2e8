"""Comparing: the page, the figures and the picture of a difference, a mark, and the sheet to take along."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from playground.accounts.requests import Request
from playground.compare.asked import Asked
from playground.compare.comparison import MOST, Comparison, Pair
from playground.compare.difference import draw, measure
from playground.compare.ready import others_for, ready_runs
from playground.compare.sheet import draw_sheet
from playground.compare.small import BusyError, NoSmallVersionError
from playground.gallery import marks
from playground.gallery.filters import number
from playground.runs.models import Output
from playground.runs.serving import A_YEAR_SECONDS


def _later_when_busy(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answered(request: Request, *args: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *args, **named)
        except BusyError:
            words = _("Too much is being compared at this moment. Try again in some seconds.")
            return HttpResponse(words, status=503, content_type="text/plain", headers={"Retry-After": "10"})

    return answered


def _comparison(request: Request, asked: Asked) -> Comparison:
    if asked.run and not asked.ids:
        return Comparison.of_run(request.workspace, asked.run)
    return Comparison.of(request.workspace, asked.ids)


@require_safe
@_later_when_busy
def index(request: Request) -> HttpResponse:
    """What was asked for, side by side; with fewer than two pictures, how to pick them."""
    asked = Asked.read(request.GET)
    comparison = _comparison(request, asked)
    context: dict[str, Any] = {"comparison": comparison, "most": MOST}
    if not comparison.is_one:
        return render(request, "compare/pick.html", context | _to_choose_from(request, comparison))
    pair = comparison.pair(asked.pair)
    apart = _apart(pair) if asked.mode == "difference" else None
    context |= {"asked": asked, "pair": pair, "apart": apart, "surround": asked.surround}
    return render(request, "compare/index.html", context)


def _to_choose_from(request: Request, comparison: Comparison) -> dict[str, Any]:
    if not comparison.pictures:
        return {"runs": ready_runs(request.workspace)}
    only = comparison.pictures[0]
    return {"only": only, "others": others_for(request.workspace, only.output)}


@require_safe
@_later_when_busy
def difference(request: Request) -> HttpResponse:
    """How two pictures differ, as the page swaps it in."""
    comparison = Comparison.of(request.workspace, Asked.read(request.GET).ids[:2])
    if not comparison.is_one:
        raise Http404
    pair = comparison.pair()
    return render(request, "compare/_difference.html", {"pair": pair, "apart": _apart(pair)})


def _apart(pair: Pair) -> dict[str, Any]:
    """The figures and the address of the picture, the same for both orders; neither where a file is missing."""
    one, other = pair.first.output, pair.second.output
    ids = sorted((one.pk, other.pk))
    try:
        return {"figures": measure(one, other), "src": reverse("compare:difference-picture", args=ids)}
    except NoSmallVersionError:
        return {}


@require_GET
@_later_when_busy
def difference_picture(request: Request, one: int, other: int) -> HttpResponse:
    """Where two pictures differ. Pictures never change, so a browser may keep it."""
    outputs = Output.objects.of(request.workspace).kept()
    pair = [get_object_or_404(outputs, pk=pk) for pk in (one, other)]
    etag = f'"{pair[0].sha256[:32]}-{pair[1].sha256[:32]}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        known["ETag"] = etag
        return known
    try:
        answer = HttpResponse(draw(*pair), content_type="image/webp")
    except NoSmallVersionError as error:
        raise Http404 from error
    answer["ETag"] = etag
    return _as_picture(answer, f"private, max-age={A_YEAR_SECONDS}, immutable")


@require_GET
@_later_when_busy
def sheet(request: Request) -> HttpResponse:
    """The comparison as one picture, to be kept."""
    comparison = _comparison(request, Asked.read(request.GET))
    if not comparison.is_one:
        raise Http404
    answer = HttpResponse(draw_sheet(comparison), content_type="image/png")
    labels = re.sub(r"[^0-9A-Za-z-]+", "", "-".join(picture.label for picture in comparison.pictures))
    answer["Content-Disposition"] = f'attachment; filename="compare-{labels[:80]}.png"'
    return _as_picture(answer, "private, no-store")  # costs and marks on it may change


def _as_picture(answer: HttpResponse, caching: str) -> HttpResponse:
    answer["Cache-Control"] = caching
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@require_POST
def pick(request: Request) -> HttpResponse:
    """Make one of the pictures a favourite (`star:17`), or not any more (`unstar:17`); stay at the comparison."""
    act, _sep, value = request.POST.get("pick", "").partition(":")
    reached = 0
    if act in ("star", "unstar"):
        reached = marks.favour(request.workspace, [number(value)], is_favourite=act == "star")
    if request.headers.get("X-Requested-With"):
        return HttpResponse(status=204 if reached else 404)
    return redirect(reverse("compare:index") + Asked.read(request.POST).address)
