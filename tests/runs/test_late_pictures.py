"""A picture that was paid for and whose link did not answer: fetching is free, so it is tried again for a day."""

from datetime import timedelta

import httpx
import pytest

from playground.runs import sweep
from playground.runs.models import Attempt, State
from playground.runs.work import carry_out
from tests.factories import ALL, arrivals, queued


@pytest.fixture
def unfetched(hands, workspace):
    """Made and billed; its link answers 404."""
    generation = queued(workspace, prompt="A tea tin [[sim: url-404, plain, size 96x64]]")
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


@pytest.fixture
def good_link(provider) -> str:
    """A picture that is there to be fetched."""
    body = {"model": ALL, "prompt": "A tea tin [[sim: plain, size 96x64]]", "response_format": "url"}
    with httpx.Client(verify=False) as http:  # noqa: S501  # no TLS on loopback
        answer = http.post(f"{provider.base_url}/v1/images/generations", json=body, headers=provider.headers)
    return answer.json()["data"][0]["url"]


def test_it_is_billed_and_keeps_the_link(unfetched):
    attempt = unfetched.attempts.get()
    assert (unfetched.state, unfetched.failure, unfetched.billed) == (
        State.FAILED,
        "picture_link_failed",
        "yes",
    )
    assert (attempt.outcome, attempt.cost, len(attempt.links)) == ("useless", unfetched.estimate_high, 1)


def test_the_link_is_nowhere_that_people_look(unfetched):
    """Whoever has it has the picture."""
    [link] = unfetched.attempts.get().links
    assert link not in str(unfetched.failure_values)
    assert link not in unfetched.attempts.get().provider_message


def test_it_is_kept_as_soon_as_the_link_answers(unfetched, hands, provider, good_link):
    Attempt.objects.update(links=[good_link])
    sent = provider.calls()["total"]
    sweep.fetch_late(hands.gateway)

    unfetched.refresh_from_db()
    attempt = unfetched.attempts.get()
    assert (unfetched.state, unfetched.billed, unfetched.failure) == (State.SUCCEEDED, "yes", "")
    assert (attempt.outcome, attempt.error, attempt.cost) == ("answered", "", unfetched.estimate_high)
    assert str(unfetched.outputs.get().size) == "96x64"
    assert provider.calls()["total"] == sent  # no second call
    assert arrivals() == []


def test_until_then_it_stays_as_it_is(unfetched, hands, provider):
    sweep.fetch_late(hands.gateway)
    unfetched.refresh_from_db()
    assert (unfetched.state, unfetched.failure) == (State.FAILED, "picture_link_failed")
    assert provider.calls()["total"] == 1


def test_after_a_day_it_is_not_asked_for_any_more(unfetched, hands, good_link):
    Attempt.objects.update(links=[good_link], sent_at=unfetched.created_at - timedelta(hours=25))
    sweep.fetch_late(hands.gateway)
    unfetched.refresh_from_db()
    assert unfetched.state == State.FAILED
