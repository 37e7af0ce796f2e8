"""What people do with pictures that they picked: every act takes the ids of a selection, and is a plain form post."""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.models import Workspace
from playground.accounts.requests import Request
from playground.gallery import bin, marks
from playground.gallery.cells import Cells, drawn, rows_of
from playground.gallery.filters import Filter, number
from playground.gallery.models import Picture
from playground.runs.asking import answer

BIN_SHOWS = 200
MOST_COMPARED = 100  # in an address; its page says how many it shows
Act = Callable[[Workspace, Sequence[int], str], int]


def selected(request: Request) -> list[int]:
    """The ids of a selection, as its form posts them."""
    return [pk for pk in map(number, request.POST.getlist("o")[: marks.MOST_AT_ONCE]) if pk]


ACTS: dict[str, Act] = {
    "favourite": lambda workspace, ids, _value: marks.favour(workspace, ids),
    "unfavourite": lambda workspace, ids, _value: marks.favour(workspace, ids, is_favourite=False),
    "rate": lambda workspace, ids, value: marks.rate(workspace, ids, number(value)),
    "tag": marks.tag,
    "untag": lambda workspace, ids, value: marks.untag(workspace, ids, number(value)),
    "collect": marks.collect,
    "take-out": lambda workspace, ids, value: marks.take_out(workspace, ids, number(value)),
}


@require_POST
def act(request: Request) -> HttpResponse:
    """`act` is a name, name:value (`rate:4`), or name:id for one picture alone (`star:17`).

    What is typed for an act comes in the field of its name.
    """
    name, _sep, value = request.POST.get("act", "").partition(":")
    ids = selected(request)
    if name in ("star", "unstar"):
        name, ids = name.replace("star", "favourite"), [number(value)]
    value = value or request.POST.get(name, "")
    if name == "compare":
        return redirect(f"{reverse('compare:index')}?o={','.join(map(str, ids[:MOST_COMPARED]))}")
    if name == "bin":
        _to_the_bin(request, ids)
    elif name in ACTS:
        reached = ACTS[name](request.workspace, ids, value)
        if request.headers.get("X-Requested-With"):
            return HttpResponse(status=204 if reached else 404)
        _say(request, reached)
    return redirect(_back(request))


def _say(request: Request, reached: int) -> None:
    if not reached:
        messages.warning(request, _("Nothing was changed: pick pictures first, and say what to put on them."))
        return
    words = ngettext("%(count)s picture was changed.", "%(count)s pictures were changed.", reached)
    messages.success(request, words % {"count": reached})


def _to_the_bin(request: Request, ids: Sequence[int]) -> None:
    count, moment = bin.put(request.workspace, ids)
    if not count:
        messages.warning(request, _("Nothing is in the bin that was not: pick pictures first."))
        return
    words = ngettext(
        "%(count)s picture is in the bin, for %(days)s days.",
        "%(count)s pictures are in the bin, for %(days)s days.",
        count,
    )
    undo = f"{reverse('gallery:take-back')}?{urlencode({'at': moment.isoformat()})}"
    messages.success(request, words % {"count": count, "days": bin.KEPT.days}, extra_tags=undo)


def _back(request: Request) -> str:
    """Where the person was: the same filter, at the same place. Never an address from the form itself."""
    picture = number(request.POST.get("picture", ""))
    if picture and Picture.objects.of(request.workspace).shown().filter(pk=picture).exists():
        return reverse("gallery:picture", args=[picture]) + posted_filter(request).address()
    return reverse("gallery:index") + posted_filter(request).address(at=number(request.POST.get("at", "")))


def posted_filter(request: Request) -> Filter:
    """The filter that a form brings along, as the page's address had it."""
    return Filter.read(QueryDict(request.POST.get("filter", "").removeprefix("?")))


@require_safe
def bin_page(request: Request) -> HttpResponse:
    """What can be taken back, the latest first."""
    binned = Picture.objects.of(request.workspace).binned().order_by("-binned_at", "-pk")
    keys = list(binned.values_list("pk", flat=True)[: BIN_SHOWS + 1])
    rows = answer(rows_of(request.workspace, keys[:BIN_SHOWS]))
    frames = drawn(Cells(Filter()).of(rows[key] for key in keys[:BIN_SHOWS] if key in rows), is_binned=True)
    context = {"frames": frames, "and_more": len(keys) > BIN_SHOWS, "days": bin.KEPT.days}
    return render(request, "gallery/bin.html", context)


@require_POST
def take_back(request: Request) -> HttpResponse:
    """Those that are picked; with `at` in the address, all that one act put there."""
    ids = selected(request)
    if moment := _moment(request.GET.get("at", "")):
        ids = bin.put_at(request.workspace, moment)
    count = bin.take_back(request.workspace, ids)
    words = ngettext("%(count)s picture is back.", "%(count)s pictures are back.", count)
    messages.success(request, words % {"count": count})
    return redirect("gallery:index" if moment else "gallery:bin")


def _moment(raw: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found if found.tzinfo else None


@require_POST
def empty_bin(request: Request) -> HttpResponse:
    """Erase now what would be erased in time."""
    count = bin.erase_now(request.workspace)
    words = ngettext("%(count)s picture was erased.", "%(count)s pictures were erased.", count)
    left = Picture.objects.of(request.workspace).binned().exists()
    more = _("What is left is younger than an hour, or used: a run or another picture was made from it.")
    messages.success(request, f"{words % {'count': count}} {more if left else ''}".strip())
    return redirect("gallery:bin")
