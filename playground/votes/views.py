"""Voting blind, and what came of it."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts.requests import Request
from playground.gallery.acts import selected
from playground.gallery.facets import SIMULATOR
from playground.votes import ballots, blind, names, voting
from playground.votes.export import as_csv
from playground.votes.forms import SetUpForm, ways, ways_of_queue
from playground.votes.models import Ballot, BallotQuerySet, Round, judge_of
from playground.votes.scoreboard import Scoreboard
from playground.votes.setting_up import Choice, choice_of
from playground.votes.shown import Shown
from playground.votes.tallies import Question, has_votes

LATEST = 12


def _mine(request: Request) -> BallotQuerySet:
    """The ballots of whoever asks; those of others are not there."""
    return Ballot.objects.of(request.workspace).before(judge_of(request.person))


def _ballot(request: Request, pk: int) -> Ballot:
    return get_object_or_404(_mine(request).with_places(), pk=pk)


@require_safe
def index(request: Request) -> HttpResponse:
    """What waits to be judged, and what was."""
    mine, judge = _mine(request), judge_of(request.person)
    context = {
        "waiting": voting.unjudged(request.workspace, judge).count(),
        "begun": mine.open().filter(revealed_at=None).order_by("pk").first(),
        "latest": [Shown(one) for one in mine.answered().with_places().order_by("-voted_at")[:LATEST]],
        "ways": ways_of_queue(),
    }
    return render(request, "votes/index.html", context)


@require_POST
def start(request: Request) -> HttpResponse:
    """Begin with the newest run that waits, and go on with the next ones."""
    form = SetUpForm(request.POST)
    wishes = form.wishes
    round = Round(workspace=request.workspace, judge=judge_of(request.person), from_queue=True, **wishes)
    first = voting.begin(round)
    if first is None:
        messages.info(request, _("No run waits to be judged like this."))
        return redirect("votes:index")
    return redirect(first)


@require_POST
def picked(request: Request) -> HttpResponse:
    """From the gallery's selection to the page where its vote is set up."""
    ids = ",".join(map(str, selected(request)[: ballots.PICKED]))
    return redirect(f"{reverse('votes:new')}?o={ids}")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Set up a vote on a run (`?run=214`) or on chosen pictures (`?o=1,2,3`); posted, its ballots are drawn up."""
    choice = choice_of(request)
    if request.method == "POST":
        return _draw_up(request, choice)
    context = {"choice": choice, "ways": ways(choice.models)}
    return render(request, "votes/new.html", context)


def _draw_up(request: Request, choice: Choice) -> HttpResponse:
    form = SetUpForm(request.POST)
    drawn = ballots.draw_up(request.workspace, choice.outputs, judge=judge_of(request.person), **form.wishes)
    if not drawn:
        messages.warning(
            request,
            _("No ballot can be made of these: there must be pictures of two models, alike as you asked."),
        )
        return redirect(choice.address)
    waiting = [one for one in drawn if one.revealed_at is None]
    return redirect(min(waiting or drawn, key=lambda one: one.pk))


@require_safe
def ballot(request: Request, pk: int) -> HttpResponse:
    """Before the vote: pictures, and nothing else that could tell them apart. After it: all that was hidden."""
    found = _ballot(request, pk)
    if found.run:
        prefetch_related_objects([found.run], "references__upload")
    template = "votes/revealed.html" if found.revealed_at else "votes/ballot.html"
    following = voting.upcoming(found)
    if following:
        following = Ballot.objects.with_places().get(pk=following.pk)
    seen = not found.answer and names.were_seen(found)
    context = {"ballot": found, "shown": Shown(found), "following": following, "seen": seen}
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"  # going back after the vote must not show the page from before it
    return response


@require_safe
def picture(request: Request, pk: int, position: int) -> HttpResponse:
    """The picture at this place, fitted like the others: no name, date or tag of the file goes with it."""
    return blind.respond(_ballot(request, pk), position)


@require_POST
def cast(request: Request, pk: int) -> HttpResponse:
    """Vote; and draw up what is asked next, so that its pictures can come while this one's names are read."""
    found = _ballot(request, pk)
    try:
        voting.cast(found, request.POST.get("answer", ""), judge=request.person)
    except voting.UnknownAnswerError:
        messages.error(request, _("This ballot has no such answer. Nothing was counted."))
    except voting.PictureGoneError:
        messages.error(request, _("A picture of this ballot is in the bin or erased. Nothing was counted."))
    voting.next_of(found)
    return redirect(found)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take a vote back."""
    found = _ballot(request, pk)
    voting.undo(found, judge=request.person)
    messages.success(request, _("Your vote was taken back. It counts no more."))
    return redirect(found)


@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """See the names without a vote, or before the last one on these pictures."""
    found = _ballot(request, pk)
    voting.reveal(found, judge=request.person)
    voting.next_of(found)
    return redirect(found)


def _question(request: Request) -> Question:
    """As it is asked; where nobody said which, the real pictures if there are votes on any."""
    question = Question.read(request.GET)
    if "of" in request.GET or has_votes(request.workspace, simulated=False):
        return question
    return question.of_simulator() if has_votes(request.workspace, simulated=True) else question


@require_safe
def scoreboard(request: Request) -> HttpResponse:
    """Who wins, how certainly, and at what price; for HTMX only what another filter finds."""
    question = _question(request)
    page = Scoreboard(request.workspace, question)
    is_fragment = request.htmx and not request.htmx.history_restore_request
    template = "votes/_board.html" if is_fragment else "votes/scoreboard.html"
    response = render(request, template, {"page": page, "question": question})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def export(request: Request) -> HttpResponse:
    """The same figures for a spreadsheet."""
    question = _question(request)
    lines = as_csv(Scoreboard(request.workspace, question))
    response = HttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"darkroom-scoreboard{f'-{SIMULATOR}' if question.simulated else ''}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
