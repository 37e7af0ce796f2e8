"""Visitors vote blind on a link: nothing tells before the vote, and theirs are counted apart."""

import re
import uuid

import pytest
from django.utils import timezone

from playground.gallery import bin
from playground.sharing import knocking, polls
from playground.sharing.models import Link
from playground.votes.models import Ballot, Lineup
from playground.votes.scoreboard import Scoreboard
from playground.votes.tallies import Question
from tests.factories import ALL, OFFICIAL, VIP, picture
from tests.sharing.shares import PASSWORD, Visitor, all_of, body, collection, shared
from tests.studio.pages import said, source
from tests.votes.conftest import cost_and_seconds, drawn
from tests.votes.test_blind import secrets

pytestmark = pytest.mark.django_db
SIZES = [(1024, 1024), (1536, 1024), (640, 700)]
TELL_TALE = {"models": True, "costs": True, "originals": True}


@pytest.fixture
def run(workspace):
    """Three pictures of three models that differ in all that could be told."""
    made = drawn(workspace, sizes=SIZES, prompt="A tea tin", simulated=False)
    for model, cost, seconds in ((ALL, "0.031", 41.3), (VIP, "0.077", 97.1), (OFFICIAL, "0.211", 155.9)):
        cost_and_seconds(model, cost, seconds)
    return made


@pytest.fixture
def link(run):
    return shared(run=run, takes_votes=True, **TELL_TALE)


def arrived(link: Link, visitor: Visitor) -> Visitor:
    """With the cookie of the link's page."""
    visitor.unlock(link) if link.password else None
    assert visitor.get(link.path).status_code == 200 and "visit" in visitor.cookies
    return visitor


def votes(link: Link, visitor: Visitor, answer: str):
    return visitor.post(f"{link.path}vote/", {"answer": answer}, follow=True)


def ballot() -> Ballot:
    return Ballot.objects.with_places().get()


def told(link: Link, visitor: Visitor) -> str:
    """Everything that the link gives out in words."""
    return "".join(all_of(visitor.get(f"{link.path}{rest}")) for rest in ("", "1/", "2/", "3/", "1/setup"))


class TestBeforeTheVote:
    def test_the_ballot_gives_nothing_away(self, link, visitor):
        page = arrived(link, visitor).get(f"{link.path}vote/")
        assert page.status_code == 200
        pictures = re.findall(r'<img src="([^"]+)"', source(page))
        assert pictures == [f"{link.path}vote/{number}.webp" for number in (1, 2, 3)]
        answers = [visitor.get(address) for address in pictures]
        assert {answer.status_code for answer in answers} == {200}
        whole = all_of(page) + "".join(str(answer.headers) for answer in answers)
        whole = whole.replace(link.token, "")  # random, so that "1A" comes in it by chance
        asked = ballot()
        assert [secret for secret in secrets(asked) if secret in whole] == []
        assert len({answer["Content-Length"] for answer in answers}) == 1
        assert len({body(answer) for answer in answers}) == 3
        assert f"/{asked.pk}/" not in whole and asked.judge not in whole
        assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}

    def test_the_pages_of_the_link_hold_back_what_would_tell(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        asked = ballot()
        models = {place.output.generation.model_label for place in asked.shown}
        costs = {"$0.031", "$0.077", "$0.211"}
        found = told(link, visitor)
        assert [secret for secret in models | costs if secret in found] == []
        assert visitor.get(f"{link.path}1/original").status_code == 404
        assert "Vote blind first" in said(visitor.get(link.path))
        assert "Vote blind first" in said(visitor.get(f"{link.path}2/"))

    def test_nor_does_a_setup_name_the_model(self, run, visitor):
        link = shared(run=run, takes_votes=True, prompts=True, **TELL_TALE)
        before = visitor.get(f"{link.path}1/setup")
        assert before.status_code == 200 and not any(
            model in body(before).decode() for model in (ALL, VIP, OFFICIAL)
        )
        arrived(link, visitor).get(f"{link.path}vote/")
        votes(link, visitor, "1")
        assert ALL in body(visitor.get(f"{link.path}1/setup")).decode()

    def test_names_can_be_had_without_a_vote(self, link, visitor):
        page = arrived(link, visitor).get(f"{link.path}vote/")
        assert "Show without voting" in said(page)
        votes(link, visitor, "show")
        assert ballot().answer == "passed"
        assert ballot().shown[0].output.generation.model_label in told(link, visitor)
        assert Scoreboard(link.workspace, Question(by_visitors=True)).is_empty

    def test_a_link_that_tells_nothing_has_nothing_to_show_without_voting(self, run, visitor):
        link = shared(run=run, takes_votes=True)
        assert "Show without voting" not in said(arrived(link, visitor).get(f"{link.path}vote/"))
        page = said(visitor.get(link.path))
        assert "Vote blind" in page and "Vote blind first" not in page

    def test_where_no_votes_are_taken_all_is_shown_and_there_is_no_ballot(self, run, visitor):
        link = shared(run=run, **TELL_TALE)
        page = said(arrived(link, visitor).get(link.path))
        assert "$0.031" in page and "Vote blind" not in page
        for answer in (
            visitor.get(f"{link.path}vote/"),
            visitor.get(f"{link.path}vote/1.webp"),
            visitor.post(f"{link.path}vote/", {"answer": "1"}),
        ):
            assert answer.status_code == 404
        assert not Ballot.objects.exists()


class TestAVote:
    def test_is_told_with_names_and_prices_as_far_as_the_link_shows_them(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        page = said(votes(link, visitor, "2"))
        chosen = ballot().chosen
        assert chosen.position == 2 and f"You chose Two: {chosen.output.generation.model_label}." in page
        assert "$0.031" in page and "$0.211" in page
        assert "$0.031" in told(link, visitor) and visitor.get(f"{link.path}1/original").status_code == 200

    def test_is_told_without_them_where_it_does_not(self, run, visitor):
        link = shared(run=run, takes_votes=True)
        arrived(link, visitor).get(f"{link.path}vote/")
        page = votes(link, visitor, "2")
        assert "You chose Two." in said(page)
        whole = all_of(page).replace(link.token, "")
        assert [secret for secret in secrets(ballot()) if secret in whole] == []

    def test_counts_apart_from_the_owners(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        votes(link, visitor, "1")
        lineup = Lineup.objects.get()
        assert lineup.by_visitors and ballot().is_blind
        assert Scoreboard(link.workspace, Question()).is_empty
        counted = Scoreboard(link.workspace, Question(by_visitors=True)).counted
        assert counted.tallies[ballot().chosen.model_id].wins == 1

    def test_is_one_for_each_visitor_and_another_answer_replaces_it(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        for answer in ("1", "3", "none"):
            votes(link, visitor, answer)
            visitor.get(f"{link.path}vote/")
        assert ballot().answer == "none"
        other = arrived(link, Visitor())
        other.get(f"{link.path}vote/")
        votes(link, other, "2")
        assert Ballot.objects.answered().count() == 2

    @pytest.mark.parametrize("answer", ["", "4", "0", "tie", "²", "passed", "x" * 500])
    def test_that_the_ballot_does_not_have_counts_nothing(self, link, visitor, answer):
        arrived(link, visitor).get(f"{link.path}vote/")
        page = votes(link, visitor, answer)
        assert page.status_code == 422 and "Nothing was counted" in said(page) and not ballot().answer

    def test_of_a_pair_may_be_that_both_are_good(self, workspace, visitor):
        link = shared(picture(workspace, model=ALL), picture(workspace, model=VIP), takes_votes=True)
        assert "Equally good" in said(arrived(link, visitor).get(f"{link.path}vote/"))
        assert "You found them equally good." in said(votes(link, visitor, "tie"))

    def test_is_on_one_picture_of_each_model(self, workspace, visitor):
        made = [picture(workspace, model=model) for model in (ALL, ALL, ALL, VIP, VIP)]
        arrived(link := shared(*made, takes_votes=True), visitor).get(f"{link.path}vote/")
        assert {place.model_id for place in ballot().shown} == {ALL, VIP} and ballot().is_pair


class TestTheVisitor:
    def test_without_the_cookie_is_led_to_the_page_that_gives_it_and_leaves_no_row(self, link, visitor):
        for _robot in range(3):
            answer = Visitor().get(f"{link.path}vote/")
            assert (answer.status_code, answer["Location"]) == (302, f"{link.path}?vote")
        answer = Visitor().post(f"{link.path}vote/", {"answer": "1"})  # as from a form of another site
        assert (answer.status_code, answer["Location"]) == (302, f"{link.path}?vote")
        assert Visitor().get(f"{link.path}vote/1.webp").status_code == 404
        assert not Ballot.objects.exists()
        page = visitor.get(f"{link.path}?vote")
        assert page.status_code == 200 and "has to keep the cookie" in said(page)
        assert visitor.get(f"{link.path}vote/").status_code == 200

    def test_is_known_by_nothing_that_is_in_the_database(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        assert ballot().judge.startswith(f"visitor-{link.pk}-")
        assert visitor.cookies["visit"].value not in ballot().judge

    def test_is_another_one_on_another_link(self, run, link):
        other = shared(run=run, takes_votes=True)
        keys = set()
        for each in (link, other):
            visitor = Visitor()
            visitor.cookies["visit"] = "a" * 22
            visitor.get(f"{each.path}vote/")
            keys |= set(Ballot.objects.values_list("judge", flat=True))
        assert len(keys) == 2

    def test_sees_no_ballot_of_another(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        votes(link, visitor, "1")
        assert "You chose" not in said(arrived(link, Visitor()).get(link.path))

    def test_with_no_password_reaches_nothing(self, run, visitor):
        link = shared(run=run, takes_votes=True, password=PASSWORD)
        visitor.get(link.path)
        visitor.cookies["visit"] = "a" * 22
        for answer in (
            visitor.get(f"{link.path}vote/"),
            visitor.get(f"{link.path}vote/1.webp"),
            visitor.post(f"{link.path}vote/", {"answer": "1"}),
        ):
            assert answer.status_code == 404
        assert not Ballot.objects.exists()
        visitor.unlock(link)
        assert visitor.get(f"{link.path}vote/").status_code == 200

    def test_finds_nothing_where_the_link_has_ended(self, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        Link.objects.update(ended_at=timezone.now())
        assert visitor.get(f"{link.path}vote/").status_code == 404
        assert visitor.get(f"{link.path}vote/1.webp").status_code == 404
        assert visitor.post(f"{link.path}vote/", {"answer": "1"}).status_code == 404
        assert not ballot().answer


class TestLimits:
    def test_a_link_asks_so_many_visitors_and_tells_all_to_those_who_come_later(
        self, link, visitor, monkeypatch
    ):
        monkeypatch.setattr(polls, "MOST_BALLOTS", 1)
        arrived(link, visitor).get(f"{link.path}vote/")
        late = Visitor()
        page = late.get(link.path)
        assert "$0.031" in said(page) and "Vote blind" not in said(page)
        assert late.get(f"{link.path}vote/").status_code == 404 and Ballot.objects.count() == 1
        assert "You chose One" in said(votes(link, visitor, "1"))

    def test_from_one_address_only_so_many_ballots_come_at_once(self, link, monkeypatch):
        few = knocking.Limit("ballot", 2, knocking.BALLOTS.within)
        monkeypatch.setattr("playground.sharing.ballot_views.BALLOTS", few)
        codes = [arrived(link, Visitor()).get(f"{link.path}vote/").status_code for _each in range(3)]
        assert codes == [200, 200, 429] and Ballot.objects.count() == 2
        elsewhere = arrived(link, Visitor("198.51.100.4"))
        assert elsewhere.get(f"{link.path}vote/").status_code == 200

    def test_and_only_so_many_answers(self, link, visitor, monkeypatch):
        few = knocking.Limit("vote", 1, knocking.VOTES.within)
        monkeypatch.setattr("playground.sharing.ballot_views.VOTES", few)
        arrived(link, visitor).get(f"{link.path}vote/")
        assert [votes(link, visitor, answer).status_code for answer in "12"] == [200, 429]
        assert ballot().chosen.position == 1


class TestAPictureInTheBin:
    def test_makes_another_ballot_of_those_that_are_left(self, workspace, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        gone = ballot().shown[0].output_id
        bin.put(workspace, [gone])
        assert visitor.get(f"{link.path}vote/1.webp").status_code == 404
        votes(link, visitor, "1")  # from the page of before
        assert not Ballot.objects.answered().exists()
        page = visitor.get(f"{link.path}vote/")
        assert source(page).count("<figure") == 2
        assert "You chose Two" in said(votes(link, visitor, "2"))

    def test_and_none_where_no_two_models_are_left(self, workspace, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        bin.put(workspace, [place.output_id for place in ballot().shown[:2]])
        assert visitor.get(f"{link.path}vote/").status_code == 404
        assert "Vote blind" not in said(visitor.get(link.path))


class TestTheOwner:
    TICK = 'name="takes_votes"'

    def makes(self, client, **fields):
        fields = {"submission_key": str(uuid.uuid4()), "period": "7", "takes_votes": "on"} | fields
        return client.post("/links/create/", fields)

    def test_is_offered_the_tick_and_may_change_it(self, client, run):
        assert self.TICK in source(client.get(f"/links/new/?run={run.number}"))
        assert self.makes(client, run=run.number).status_code == 200
        link = Link.objects.get()
        assert link.takes_votes
        page = source(client.get(f"/links/{link.pk}/"))
        assert f"{self.TICK} checked" in page and "Nobody has voted yet" in page
        client.post(f"/links/{link.pk}/", {"period": ""})
        assert not Link.objects.get().takes_votes

    def test_is_not_offered_it_where_there_is_nothing_to_be_asked_and_is_told_so(self, client, workspace):
        first, same = picture(workspace, model=ALL), picture(workspace, model=ALL)
        rival = picture(workspace, model=VIP)
        many = [picture(workspace, model=VIP).pk for _each in range(9)]
        tea = collection(workspace, first, rival)
        for subject in (
            {"o": [first.pk]},
            {"o": [first.pk, same.pk]},
            {"o": [first.pk, *many]},
            {"collection": tea.pk},
        ):
            assert self.TICK not in source(client.get("/links/new/", subject)), subject
            answer = self.makes(client, **subject)
            assert answer.status_code == 422 and "two to nine pictures" in said(answer), subject
        assert not Link.objects.exists()

    def test_is_told_where_nobody_is_asked_any_more(self, client, workspace, link, visitor):
        for page in (client.get("/links/"), client.get(f"/links/{link.pk}/")):
            assert "Nobody is asked" not in said(page)
        many = [picture(workspace, model=model) for model in (ALL, VIP) * 5]
        link = shared(*many, takes_votes=True)
        assert "Nobody is asked to vote: that takes two to nine pictures" in said(client.get("/links/"))
        assert "Nobody is asked any more." in said(client.get(f"/links/{link.pk}/"))
        assert "/vote/" not in source(visitor.get(link.path))

    def test_reads_how_many_voted_with_a_way_to_the_scoreboard(self, client, link, visitor):
        arrived(link, visitor).get(f"{link.path}vote/")
        votes(link, visitor, "1")
        arrived(link, Visitor()).get(f"{link.path}vote/")  # looks, and says nothing
        page = client.get(f"/links/{link.pk}/")
        assert "1 visitor voted." in said(page)
        address = re.search(r'href="(/votes/scoreboard/\?[^"]+)"', source(page))[1].replace("&amp;", "&")
        assert "by=visitors" in address
        assert "No clear winner yet after 1 vote" in said(client.get(address))
