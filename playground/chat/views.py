"""Editing by conversation: where one is, and saying something there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING, HttpResponseClientRedirect, trigger_client_event

from playground.accounts.connections import NoConnectionError
from playground.accounts.requests import Request, whole_number
from playground.chat import services
from playground.chat.access import base_of, conversation_of, kept_turn_of, place_at, shown_at, turn_of
from playground.chat.forms import TurnForm, initial_after, initial_at_place
from playground.chat.live import News
from playground.chat.models import Turn
from playground.chat.places import Base
from playground.chat.shelf import page_of
from playground.chat.shown import Shown, address_of
from playground.chat.tree import Tree
from playground.costs.budgets import OverBudgetError
from playground.runs import queries, uploads
from playground.runs.models import Output
from playground.runs.preparing import RefusedFileError
from playground.runs.services import TooMuchUnderWayError
from playground.studio.problems import too_much
from playground.studio.redrawing import after_act
from playground.studio.tray import REFERENCES


@require_safe
def index(request: Request) -> HttpResponse:
    """The conversations, the latest first."""
    return render(
        request, "chat/index.html", {"page": page_of(request.workspace, whole_number(request, "page"))}
    )


@require_safe
def new(request: Request) -> HttpResponse:
    """The first thing to say: to nothing, or to pictures. Nothing begins before it is said."""
    base, reference = Base(), whole_number(request, "reference")
    brought = {REFERENCES: [str(reference)]} if reference else {}
    return _show_new(request, _form(request, base, initial=initial_after(None) | brought))


@require_POST
def edit(request: Request, pk: int) -> HttpResponse:
    """Begin a conversation with a picture that was made here."""
    output = get_object_or_404(Output.objects.of(request.workspace).with_story(), pk=pk)
    try:
        kept = uploads.take_output(output)
    except (RefusedFileError, FileNotFoundError):
        messages.error(request, _("This picture can’t be read, so it can’t be changed."))
        return redirect(output)
    return redirect(f"{reverse('chat:new')}?reference={kept.pk}")


@require_safe
def conversation(request: Request, number: int) -> HttpResponse:
    """Where it was left."""
    found = conversation_of(request, number)
    last = found.last_turn_id and found.turns.kept().filter(pk=found.last_turn_id).first()
    return redirect(address_of(found, last.number if last else 0))


@require_safe
def of_run(request: Request, number: int) -> HttpResponse:
    """The turn that this run answers."""
    rows = Turn.objects.select_related("conversation", "run").filter(
        conversation__workspace=request.workspace
    )
    return redirect(get_object_or_404(rows, run__number=number))


@require_safe
def start(request: Request, number: int) -> HttpResponse:
    """The beginning, from which a conversation may go several ways."""
    return _show_at(request, shown_at(request, conversation_of(request, number), None))


@require_safe
def turn(request: Request, number: int, step: int) -> HttpResponse:
    """One turn: its picture, the way to it, and what may be said to it."""
    found = kept_turn_of(request, number, step)
    return _show_at(request, shown_at(request, found.conversation, found))


@require_POST
def say(request: Request) -> HttpResponse:
    """Take the turn that the form describes; the same form again shows the turn that is there."""
    base = base_of(request, request.POST)
    form = _form(request, base, request.POST)
    if not form.is_valid() or base is None:
        return _refused(request, form)
    try:
        taken = services.say(request.workspace, base, form.wish, person=request.person)
    except TooMuchUnderWayError as error:
        form.add_error(None, too_much(error))
    except (NoConnectionError, OverBudgetError) as error:  # it was switched off, or spent, a moment ago
        form.add_error(None, str(error))
    else:
        return _said(request, taken)
    return _refused(request, form)


@require_POST
def estimate(request: Request) -> HttpResponse:
    """Prices, ways and objections for the turn as it stands. Changes nothing."""
    form = _form(request, base_of(request, request.POST), request.POST)
    return render(request, "chat/_estimate.html", {"form": form, "ledger": form.ledger})


@require_POST
def tray(request: Request) -> HttpResponse:
    """One act with the pictures that go along; without HTMX the whole page."""
    base = base_of(request, request.POST)
    redrawn = after_act(request.POST, request.FILES, lambda initial: _form(request, base, initial=initial))
    if not request.htmx:
        return _show_again(request, redrawn.form, refusals=redrawn.refusals)
    return redrawn.announced(render(request, "chat/_tray_answer.html", redrawn.context))


@require_safe
def live(request: Request) -> HttpResponse:
    """What changed since a revision: 204 when nothing did, 286 when nothing can any more."""
    known = whole_number(request, "since")
    revision, is_going_on = queries.pulse(request.workspace)
    if revision == known:
        return HttpResponse(status=204 if is_going_on else HTMX_STOP_POLLING)
    number, step = (whole_number(request, name) for name in ("conversation", "step"))
    found = turn_of(request, number, step) if step else None
    if found and found.removed_at:  # in another tab; what was typed is a draft
        return HttpResponseClientRedirect(found.conversation.get_absolute_url())
    shown = shown_at(request, found.conversation if found else conversation_of(request, number), found)
    news = News(shown, known, revision)
    response = render(request, "chat/_live.html", {"news": news, "shown": shown, "place": shown.place})
    if news.is_about_stage and shown.place.base is not None:
        trigger_client_event(response, "place-changed", after="settle")
    return response


def _form(
    request: Request,
    base: Base | None,
    data: Mapping[str, Any] | None = None,
    *,
    initial: Mapping[str, Any] | None = None,
) -> TurnForm:
    """The form of the one who asks, today."""
    return TurnForm(
        data,
        workspace=request.workspace,
        on=timezone.localdate(),
        base=base,
        person=request.person,
        initial=initial,
    )


def _show_new(
    request: Request, form: TurnForm, status: int = 200, refusals: Sequence[str] = ()
) -> HttpResponse:
    context = {"form": form, "ledger": form.ledger, "refusals": refusals}
    return render(request, "chat/new.html", context, status=status)


def _show_at(
    request: Request,
    shown: Shown,
    form: TurnForm | None = None,
    status: int = 200,
    refusals: Sequence[str] = (),
) -> HttpResponse:
    """The whole page of a place."""
    # The revision first: a change between the two reads is shown twice rather than never.
    revision, is_going_on = queries.pulse(request.workspace)
    form = form or _form(request, shown.place.base, initial=initial_at_place(shown.place))
    context = {
        "shown": shown,
        "place": shown.place,
        "conversation": shown.conversation,
        "form": form,
        "ledger": form.ledger,
        "refusals": refusals,
        "revision": revision,
        "is_live": is_going_on,
    }
    return render(request, "chat/conversation.html", context, status=status)


def _show_again(
    request: Request, form: TurnForm, status: int = 200, refusals: Sequence[str] = ()
) -> HttpResponse:
    """The page on which the form was filled in, with the form as it was left."""
    place = place_at(form.base, request, request.POST)
    if place is None:
        return _show_new(request, form, status, refusals)
    return _show_at(request, Shown(place, Tree.of(place.conversation)), form, status, refusals)


def _refused(request: Request, form: TurnForm) -> HttpResponse:
    """The form as it was typed, with what is wrong at its place; nothing was sent."""
    if not request.htmx:
        return _show_again(request, form, status=422)
    place = place_at(form.base, request, request.POST)
    context = {"form": form, "ledger": form.ledger, "place": place}
    return render(request, "chat/_say.html", context, status=422)


def _said(request: Request, taken: Turn) -> HttpResponse:
    """To the new turn; what was typed has been said."""
    if not request.htmx:
        return redirect(taken)
    return trigger_client_event(HttpResponseClientRedirect(taken.get_absolute_url()), "turn-taken")
