"""The way to a vote: from a run, from picked pictures, from the queue; with a word where there is none."""

import re

import pytest

from playground.votes.models import Ballot
from tests.factories import ALL, VIP, picture
from tests.studio.pages import said, source
from tests.votes.conftest import ballot_of, drawn

pytestmark = pytest.mark.django_db


def test_a_run_of_several_models_leads_to_its_vote_and_one_of_a_single_model_does_not(client, workspace, run):
    assert f'href="/votes/new/?run={run.number}"' in source(client.get(run.get_absolute_url()))
    alone = drawn(workspace, ALL, variants=2)
    assert "/votes/new/" not in source(client.get(alone.get_absolute_url()))


def test_it_is_set_up_by_how_many_and_which_shapes(client, run):
    page = client.get(f"/votes/new/?run={run.number}")
    assert "3 pictures of 3 models" in said(page)
    assert re.findall(r'name="at_once" value="(\d)"', source(page)) == ["0", "2"]
    answer = client.post(f"/votes/new/?run={run.number}", {"at_once": "2"})
    assert Ballot.objects.count() == 3
    assert answer.url == f"/votes/{Ballot.objects.earliest('pk').pk}/"


def test_shapes_that_differ_are_named(client, workspace):
    run = drawn(workspace, ALL, VIP, sizes=[(600, 400), (400, 400)])
    assert "They differ in shape" in said(client.get(f"/votes/new/?run={run.number}"))
    page = client.post(f"/votes/new/?run={run.number}", {"same_shape": "1"}, follow=True)
    assert "No ballot can be made of these" in said(page) and not Ballot.objects.exists()


def test_picked_pictures_are_voted_on(client, workspace):
    one, other = picture(workspace, model=ALL), picture(workspace, model=VIP)
    chosen = client.post("/votes/picked/", {"o": [one.pk, other.pk]})
    assert chosen.url == f"/votes/new/?o={one.pk},{other.pk}" or chosen.url.endswith(f"{one.pk}%2C{other.pk}")
    assert "2 pictures of 2 models" in said(client.get(chosen.url))
    assert client.post(chosen.url).url == f"/votes/{Ballot.objects.get().pk}/"


@pytest.mark.parametrize("query", ["", "?o=", "?o=999999", "?o=a,b", "?o=1", "?o=999999999999999999999"])
def test_too_little_to_choose_from_is_said(client, workspace, query):
    picture(workspace)
    assert "at least two models" in said(client.get(f"/votes/new/{query}"))
    assert client.post(f"/votes/new/{query}").status_code == 302 and not Ballot.objects.exists()


def test_nonsense_in_the_set_up_is_as_if_nothing_was_said(client, run):
    client.post(f"/votes/new/?run={run.number}", {"at_once": "many", "same_shape": ""})
    assert Ballot.objects.get().places.count() == 3


def test_the_queue_says_what_waits_and_begins(client, workspace, run):
    assert "1 run waits to be judged" in said(client.get("/votes/"))
    answer = client.post("/votes/next/", {"at_once": "0"})
    assert answer.url == f"/votes/{Ballot.objects.get().pk}/"
    page = client.get("/votes/")
    assert "Go on where you stopped" in said(page)


def test_an_empty_queue_leads_to_the_studio(client, workspace):
    assert "Nothing waits to be judged" in said(client.get("/votes/"))
    assert "No run waits" in said(client.post("/votes/next/", follow=True))


def test_a_ballot_says_which_vote_of_how_many_it_is(client, run):
    first = client.post(f"/votes/new/?run={run.number}", {"at_once": "2"}, follow=True)
    assert "Vote 1 of 3" in said(first) and f"Blind vote, run {run.number}" in said(first)
    ballot = Ballot.objects.earliest("pk")
    after = client.post(f"/votes/{ballot.pk}/cast/", {"answer": "tie"}, follow=True)
    assert "You found them equally good." in said(after) and "Next vote" in said(after)


def test_the_last_vote_of_a_round_leads_to_the_scoreboard(client, pair):
    after = client.post(f"/votes/{pair.pk}/cast/", {"answer": "1"}, follow=True)
    assert "To the scoreboard" in said(after) and "Next vote" not in said(after)


def test_an_answer_that_is_none_counts_nothing_and_stays_blind(client, ballot):
    page = client.post(f"/votes/{ballot.pk}/cast/", {"answer": "9"}, follow=True)
    assert "no such answer" in said(page) and "gpt-image" not in said(page).replace("gpt-image-2 models", "")


def test_the_latest_votes_can_be_found_again(client, pair):
    client.post(f"/votes/{pair.pk}/cast/", {"answer": "none"})
    page = client.get("/votes/")
    assert "You found both bad." in said(page) and f'href="/votes/{pair.pk}/"' in source(page)


def test_a_ballot_with_a_picture_in_the_bin_says_so(client, workspace, run):
    ballot = ballot_of(run)
    client.post("/gallery/acts/", {"act": "bin", "o": [ballot.shown[0].output_id]})
    page = client.get(ballot.get_absolute_url())
    assert "can’t be judged" in said(page) and "<img" not in source(page)
