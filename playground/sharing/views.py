"""Links as their owners make, see, change and end them."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts.requests import Request
from playground.runs.models import Output
from playground.runs.models.output import OutputQuerySet
from playground.sharing import contents, links, polls
from playground.sharing.forms import LinkForm
from playground.sharing.links import Made, Subject
from playground.sharing.listed import entries_of, entry_of, name_of, only_here
from playground.sharing.models import Link

THUMBS = 6


def _link(request: Request, pk: int) -> Link:
    return get_object_or_404(Link.objects.of(request.workspace).with_sources(), pk=pk)


@require_safe
def index(request: Request) -> HttpResponse:
    """Every link, with what it shows and how often it was looked at."""
    is_open, is_closed = entries_of(request.workspace)
    context = {"open_links": is_open, "closed_links": is_closed, "kept_days": links.ENDED_KEPT.days}
    return render(request, "sharing/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The form for a link to what is named; a selection of pictures comes as a post. Nothing is made yet."""
    if request.method == "POST" and "o" not in request.POST:
        messages.warning(request, _("Nothing was picked: pick pictures first, then share them."))
        return redirect("gallery:index")
    data = request.POST if request.method == "POST" else request.GET
    subject = links.subject_of(request.workspace, data)
    form = LinkForm(offers_votes=polls.fits(subject.kind, _shown(request, subject)))
    return _form(request, form, subject)


@never_cache
@require_POST
def create(request: Request) -> HttpResponse:
    """Make it, and show its address, this once."""
    subject = links.subject_of(request.workspace, request.POST)
    form = LinkForm(request.POST, offers_votes=polls.fits(subject.kind, _shown(request, subject)))
    if not form.is_valid():
        return _form(request, form, subject, status=422)
    made = links.make(
        request.workspace, subject, person=request.person, key=form.key, fields=form.fields_of_link
    )
    return _made(request, made)


def _shown(request: Request, subject: Subject) -> OutputQuerySet:
    """The pictures that a link to it would show now."""
    if subject.outputs:
        return Output.objects.filter(pk__in=[output.pk for output in subject.outputs]).with_story()
    return contents.candidates(Link(workspace=request.workspace, **subject.fields)).with_story()


def _form(request: Request, form: LinkForm, subject: Subject, status: int = 200) -> HttpResponse:
    probe = Link(workspace=request.workspace, **subject.fields)
    shown = _shown(request, subject)
    context = {
        "form": form, "subject": subject, "name": name_of(probe),
        "outputs": (subject.outputs or shown)[:THUMBS], "count": min(shown.count(), contents.MOST),
        "is_simulated": shown.filter(generation__simulated=True).exists(),
        "key": request.POST.get("submission_key") or uuid.uuid4(), "only_here": only_here(),
    }  # fmt: skip
    return render(request, "sharing/new.html", context, status=status)


def _made(request: Request, made: Made) -> HttpResponse:
    context: dict[str, Any] = {"entry": entry_of(made.link), "only_here": only_here(), "key": uuid.uuid4()}
    if made.token:
        context["address"] = request.build_absolute_uri(reverse("public:page", args=[made.token]))
    return render(request, "sharing/made.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    """What it shows, to whom and for how long; its address stays."""
    link = _link(request, pk)
    data = request.POST if request.method == "POST" else None
    form = LinkForm(data, link=link, offers_votes=polls.fits(link.kind, polls.outputs_of(link)))
    if form.is_bound and form.is_valid():
        links.change(link, form.fields_of_link, with_new=form.cleaned_data["with_new"])
        messages.success(request, _("Changed. Visitors see it so from now on, at the same address."))
        return redirect("sharing:index")
    context = {
        "form": form, "link": link, "entry": entry_of(link), "come_since": contents.come_since(link),
        "key": uuid.uuid4(), "votes": polls.votes_of(link),
    }  # fmt: skip
    return render(request, "sharing/change.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_POST
def rotate(request: Request, pk: int) -> HttpResponse:
    """A new address in place of the one that is known; shown this once."""
    link = _link(request, pk)
    return _made(request, links.rotate(link, key=_key(request.POST)))


def _key(data: QueryDict) -> uuid.UUID:
    try:
        return uuid.UUID(data.get("submission_key", ""))
    except ValueError:
        return uuid.uuid4()


@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """At once, with a way back."""
    link = _link(request, pk)
    links.end(link)
    messages.success(
        request,
        _("Ended: its address shows nothing any more."),
        extra_tags=reverse("sharing:reopen", args=[link.pk]),
    )
    return redirect("sharing:index")


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    """Take the end back: the same address shows the same again."""
    links.reopen(_link(request, pk))
    messages.success(request, _("Open again, at the same address."))
    return redirect("sharing:index")
