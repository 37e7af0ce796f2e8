"""Where visitors vote blind. A ballot is drawn up only for a browser that kept the cookie of the link's page.

The cookie comes with no form of another site, so that nobody can make a browser vote.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from playground.sharing import polls
from playground.sharing.access import door, is_unlocked, may_be_indexed, public, too_many
from playground.sharing.knocking import BALLOTS, VOTES, caller
from playground.sharing.models import Link
from playground.votes import blind, voting
from playground.votes.models import Ballot

SHOW = "show"  # instead of an answer: the names, without voting


@door
def vote(request: HttpRequest, link: Link) -> HttpResponse:
    """The visitor's ballot, and what came of it; posted, the answer."""
    if request.method not in ("GET", "HEAD", "POST") or not is_unlocked(request, link) or link.asked is None:
        raise Http404
    visitor = polls.visitor_of(request, link)
    if not visitor:
        return redirect(f"{reverse('public:page', args=[link.token])}?vote")
    ballot = polls.ballot_of(link, visitor)
    if request.method == "POST":
        return _cast(request, link, ballot, visitor)
    if ballot is None:
        if not BALLOTS.take(link.pk, caller(request)):
            return too_many(request, BALLOTS.within.seconds)
        ballot = polls.draw_up(link, visitor)
    if ballot is None:
        raise Http404
    return _sheet(request, link, ballot)


def _sheet(request: HttpRequest, link: Link, ballot: Ballot, **more: object) -> HttpResponse:
    home = reverse("public:page", args=[link.token])
    context: dict[str, object] = {"sheet": polls.Sheet(link, ballot), "asked": link.asked, "home": home}
    context |= {"may_be_indexed": may_be_indexed(link)} | more
    return render(request, "sharing/vote.html", context, status=422 if more else 200)


def _cast(request: HttpRequest, link: Link, ballot: Ballot | None, visitor: str) -> HttpResponse:
    """Without a ballot, for one that can't be judged any more, the next page shows another one."""
    if not VOTES.take(link.pk, caller(request)):
        return too_many(request, VOTES.within.seconds)
    answer = request.POST.get("answer", "")
    try:
        if ballot and answer == SHOW:
            voting.reveal(ballot, visitor=visitor)
            return redirect("public:page", link.token)
        if ballot:
            voting.cast(ballot, answer, visitor=visitor)
    except voting.UnknownAnswerError:
        return (
            _sheet(request, link, ballot, is_unknown=True) if ballot else redirect("public:vote", link.token)
        )
    except voting.PictureGoneError:
        pass
    return redirect("public:vote", link.token)


@public
def picture(request: HttpRequest, link: Link, position: int) -> HttpResponse:
    """A picture of the visitor's ballot. Kept by no browser: at the same address the next one has another."""
    ballot = polls.ballot_of(link, polls.visitor_of(request, link)) if link.asked else None
    if ballot is None:
        raise Http404
    response = blind.respond(ballot, position)
    response["Cache-Control"] = "private, no-store"
    return response
