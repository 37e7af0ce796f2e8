"""What visitors see. Every view is behind `public`, and takes the link that it found."""

from urllib.parse import quote

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse

from playground.accounts.requests import whole_number
from playground.runs.models import Output
from playground.runs.preparing import THUMBNAIL_WIDTH
from playground.runs.serving import as_picture, serve
from playground.runs.setups import SUFFIX
from playground.runs.storage import thumbnail_name
from playground.sharing import bare, cards, contents, visits
from playground.sharing.access import (
    door,
    is_unlocked,
    may_be_indexed,
    public,
    too_many,
    try_password,
    unlock,
)
from playground.sharing.knocking import GUESSES
from playground.sharing.models import Item, Link
from playground.sharing.pages import One, Page
from playground.sharing.setup import as_address, setup_of
from playground.sharing.shown import references_of, tag_of

# Asked for again each time, so that a link that is ended shows nothing more; what has not changed is not sent again.
KEPT = "private, no-cache"
CARD_WIDTH = 640


def with_slash(request: HttpRequest, token: str) -> HttpResponse:
    """Addresses lose their last sign when they are sent about. Nothing is looked up for it."""
    response = HttpResponseRedirect(f"{quote(token)}/")
    response["Referrer-Policy"], response["Cache-Control"] = "no-referrer", "private, no-store"
    return response


@public
def nowhere(request: HttpRequest, link: Link, rest: str = "") -> HttpResponse:
    """Whatever else begins like the address of a link."""
    raise Http404


@door
def page(request: HttpRequest, link: Link) -> HttpResponseBase:
    """What the link shows; where it has a password, the question for it."""
    if not is_unlocked(request, link):
        return _ask(request, link)
    if request.method not in ("GET", "HEAD"):
        return redirect("public:page", link.token)
    shown = Page(link, whole_number(request, "page"))
    if shown.leaf > shown.leaves:
        raise Http404
    context = _around(request, link, shown)
    if shown.count == 1:
        return _one(request, link, contents.items_of(link).get(), context)
    template = "sharing/conversation.html" if shown.is_conversation else "sharing/sheet.html"
    return _welcomed(request, link, render(request, template, context))


def _ask(request: HttpRequest, link: Link) -> HttpResponse:
    if request.method != "POST":
        return render(request, "sharing/locked.html")
    is_right = try_password(request, link)
    if is_right is None:
        return too_many(request, GUESSES.within.seconds)
    if not is_right:
        return render(request, "sharing/locked.html", {"is_wrong": True}, status=422)
    response = redirect("public:page", link.token)
    unlock(link, response)
    return response


@public
def one(request: HttpRequest, link: Link, number: int) -> HttpResponse:
    """One of its pictures, large."""
    item = _item(link, number)
    shown = Page(link)
    return _one(request, link, item, _around(request, link, shown))


def _one(request: HttpRequest, link: Link, item: Item, context: dict[str, object]) -> HttpResponse:
    shown: Page = context["page"]  # type: ignore[assignment]
    context |= {"one": One(shown, link, item)}
    if link.shows_prompts and item.output:
        context["at_home"] = as_address(setup_of(item.output, link))
    return _welcomed(request, link, render(request, "sharing/one.html", context))


def _around(request: HttpRequest, link: Link, shown: Page) -> dict[str, object]:
    """The page, and what a messenger is told of it; nothing of what a password protects."""
    told = {"page": shown, "may_be_indexed": may_be_indexed(link), "asked": link.asked}
    told["needs_cookie"] = "vote" in request.GET and not visits.number_of(request)
    if link.password or not shown.count:
        return told
    card = reverse("public:card", args=[link.token])
    return told | {
        "card": request.build_absolute_uri(card),
        "whole_address": request.build_absolute_uri(shown.home),
        "card_width": cards.WIDTH,
        "card_height": cards.HEIGHT,
    }


def _welcomed(request: HttpRequest, link: Link, response: HttpResponse) -> HttpResponse:
    visits.welcome(request, response, link)
    return response


def _item(link: Link, number: int) -> Item:
    item = contents.items_of(link).filter(position=number).first()
    if item is None:
        raise Http404
    return item


def _output(link: Link, number: int) -> Output:
    """Asked for with each picture of a page: the picture's row, and nothing of its story."""
    items = contents.shown(Item.objects.filter(link=link, position=number)).select_related("output")
    item = items.first()
    if item is None or item.output is None:
        raise Http404
    return item.output


@public
def small(request: HttpRequest, link: Link, number: int, width: int) -> HttpResponseBase:
    """A small version, encoded here: without a word of where it came from."""
    output = _output(link, number)
    if width not in output.thumbnails:
        raise Http404
    visits.note(request, link)
    name = thumbnail_name(output.sha256, width)
    tag = tag_of(link, name)
    return serve(request, name, "image/webp", f"picture-{number}.webp", etag=tag, kept=KEPT)


@public
def brought(request: HttpRequest, link: Link, number: int, place: int) -> HttpResponseBase:
    """A picture that went along, small."""
    found = [each for each in references_of(link, _output(link, number)) if each.number == place]
    if not found:
        raise Http404
    name = thumbnail_name(found[0].upload.sent_sha256, THUMBNAIL_WIDTH)
    tag = tag_of(link, name)
    return serve(request, name, "image/webp", f"picture-{number}-from-{place}.webp", etag=tag, kept=KEPT)


@public
def original(request: HttpRequest, link: Link, number: int) -> HttpResponseBase:
    """The picture in full, for a visitor's disk; what was written into it, only where all of that is shown."""
    if not link.shows_originals:
        raise Http404
    output = _output(link, number)
    name = f"picture-{number}.{'jpg' if output.format == 'jpeg' else output.format}"
    kind, tag = f"image/{output.format}", tag_of(link, f"{output.file} {link.shows}")
    response = serve(request, output.file, kind, name, download=True, etag=tag, kept=KEPT)
    if response.status_code != 200 or {"prompts", "models"} <= set(link.shows):
        return response
    return _bare(response, output)


def _bare(whole: HttpResponseBase, output: Output) -> HttpResponseBase:
    """The same answer with less in it. A file that is not what it says it is isn't given away at all."""
    try:
        less = bare.Bare.of(whole.file_to_stream, output.format)  # type: ignore[attr-defined]
    except bare.NotBareError as error:
        whole.close()
        raise Http404 from error
    response = StreamingHttpResponse(less, content_type=whole["Content-Type"])
    response["Content-Disposition"] = whole["Content-Disposition"]
    response["Content-Length"] = str(less.length)
    return as_picture(response, etag=whole["ETag"], kept=KEPT)


@public
def setup(request: HttpRequest, link: Link, number: int) -> HttpResponse:
    """The set-up as a file, for a visitor's own Darkroom."""
    if not link.shows_prompts:
        raise Http404
    response = HttpResponse(setup_of(_output(link, number), link).to_json(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="picture-{number}{SUFFIX}"'
    return response


@public
def card(request: HttpRequest, link: Link) -> HttpResponse:
    """What messengers show beside the address. There is none where a password is asked for."""
    found = contents.items_of(link)[: cards.MOST]
    if link.password or not found:
        raise Http404
    outputs = [item.output for item in found if item.output]
    drawn = cards.draw([thumbnail_name(each.sha256, _width(each)) for each in outputs])
    response = HttpResponse(drawn, content_type="image/jpeg")
    response["Content-Disposition"] = 'inline; filename="card.jpg"'
    return response


def _width(output: Output) -> int:
    fitting = [width for width in output.thumbnails if width >= CARD_WIDTH] or output.thumbnails[-1:]
    return int(fitting[0])
