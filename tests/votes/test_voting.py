"""Answers: what each of them counts, that there is one for each judge, and that it can be taken back."""

import pytest
from django.utils import timezone

from playground.gallery import bin
from playground.runs.models import Generation, Output
from playground.votes import voting
from playground.votes.models import Ballot, Place, Round, judge_of
from playground.votes.voting import NotYoursError, PictureGoneError, UnknownAnswerError
from tests.factories import ALL, OFFICIAL, VIP
from tests.votes.conftest import ballot_of, drawn, place_of

pytestmark = pytest.mark.django_db


def outcomes(ballot: Ballot) -> dict[str, str]:
    return dict(ballot.places.values_list("model_id", "outcome"))


def test_a_choice_is_a_win_and_a_loss_for_each_other(ballot):
    voting.cast(ballot, place_of(ballot, VIP))
    assert outcomes(ballot) == {ALL: "lost", VIP: "won", OFFICIAL: "lost"}


def test_a_tie_is_one_for_both(pair):
    voting.cast(pair, "tie")
    assert outcomes(pair) == {ALL: "tied", VIP: "tied"}


def test_none_is_bad_for_all(ballot):
    voting.cast(ballot, "none")
    assert set(outcomes(ballot).values()) == {"bad"}


def test_what_the_pictures_cost_by_then_is_kept_with_the_vote(ballot):
    Generation.objects.filter(model_id=VIP).update(cost="0.123456", seconds=7.5)
    voting.cast(ballot, "1")
    place = ballot.places.get(model_id=VIP)
    assert (str(place.cost), place.seconds, place.day) == ("0.123456", 7.5, timezone.localdate())


@pytest.mark.parametrize("answer", ["", "0", "4", "01", "²", "tie", "passed", "choice", "1 "])
def test_another_answer_there_is_not(ballot, answer):
    with pytest.raises(UnknownAnswerError):
        voting.cast(ballot, answer)
    assert set(outcomes(ballot).values()) == {""}


def test_whoever_changes_their_mind_has_one_vote_all_the_same(ballot):
    voting.cast(ballot, place_of(ballot, VIP))
    voting.cast(ballot, place_of(ballot, ALL))
    assert outcomes(ballot) == {ALL: "won", VIP: "lost", OFFICIAL: "lost"}


def test_a_vote_after_the_names_is_marked_and_a_double_click_is_not(ballot):
    voting.cast(ballot, "1")
    voting.cast(ballot, "1")
    ballot.refresh_from_db()
    assert ballot.is_blind
    voting.cast(ballot, "2")
    ballot.refresh_from_db()
    assert not ballot.is_blind


def test_a_vote_that_is_taken_back_counts_for_nobody_and_may_be_given_again(ballot):
    voting.cast(ballot, "1")
    voting.undo(ballot)
    assert set(outcomes(ballot).values()) == {""} and not Place.objects.counted().exists()
    voting.cast(ballot, "2")
    ballot.refresh_from_db()
    assert ballot.answer == "choice" and not ballot.is_blind


def test_who_looks_at_the_names_has_not_voted(ballot):
    voting.reveal(ballot)
    ballot.refresh_from_db()
    assert ballot.answer == "passed" and not Place.objects.counted().exists()


def test_looking_takes_no_vote_away(ballot):
    voting.cast(ballot, "1")
    voting.reveal(Ballot.objects.get(pk=ballot.pk))
    assert "won" in outcomes(ballot).values()


def test_nobody_votes_for_another(run, alice, bob):
    ballot = ballot_of(run, person=alice)
    for act in (lambda: voting.cast(ballot, "1", judge=bob), lambda: voting.cast(ballot, "1"),
                lambda: voting.cast(ballot, "1", visitor="v"), lambda: voting.undo(ballot, judge=bob),
                lambda: voting.reveal(ballot, judge=bob)):  # fmt: skip
        with pytest.raises(NotYoursError):
            act()
    assert set(outcomes(ballot).values()) == {""}


def test_a_visitor_s_vote_is_counted_apart(run):
    ballot = ballot_of(run, visitor="abc")
    voting.cast(ballot, "1", visitor="abc")
    assert ballot.lineup.by_visitors and "won" in outcomes(ballot).values()


class TestAPictureThatGoes:
    def test_can_not_be_judged_any_more(self, workspace, ballot):
        bin.put(workspace, [ballot.shown[0].output_id])
        with pytest.raises(PictureGoneError):
            voting.cast(ballot, "1")

    def test_is_not_kept_by_a_vote_and_the_vote_stays(self, workspace, ballot):
        voting.cast(ballot, "1")
        gone = ballot.shown[0].output_id
        bin.put(workspace, [gone])
        Output.objects.update(created_at=timezone.now() - bin.SETTLED * 2)
        assert bin.erase_now(workspace) == 1
        assert not Output.objects.filter(pk=gone).exists()
        assert ballot.places.get(position=1).outcome == "won"


class TestTheQueue:
    def unjudged(self, workspace) -> list[int]:
        return [run.number for run in voting.unjudged(workspace, judge_of(None))]

    def test_holds_runs_with_pictures_of_two_models_the_newest_first(self, workspace):
        first, _one_model, last = (
            drawn(workspace),
            drawn(workspace, ALL, variants=2),
            drawn(workspace, ALL, VIP),
        )
        assert self.unjudged(workspace) == [last.number, first.number]

    def test_leaves_out_what_was_judged_by_the_same_judge_alone(self, workspace, run, alice):
        ballot = ballot_of(run, person=alice)
        voting.cast(ballot, "1", judge=alice)
        assert self.unjudged(workspace) == [run.number]
        assert list(voting.unjudged(workspace, judge_of(alice))) == []

    def test_leaves_out_what_lies_in_the_bin(self, workspace, pair):
        bin.put(workspace, [pair.shown[0].output_id])
        assert self.unjudged(workspace) == []

    def test_holds_no_run_of_others(self, workspace, charlie):
        drawn(charlie.workspaces.get())
        assert self.unjudged(workspace) == []

    def test_is_gone_through_run_by_run(self, workspace):
        older, newer = drawn(workspace, ALL, VIP), drawn(workspace)
        first = voting.begin(Round(workspace=workspace, judge="owner", from_queue=True, at_once=2))
        assert first.run == newer
        asked = [first]
        while asked[-1]:
            ballot = Ballot.objects.with_places().get(pk=asked[-1].pk)
            voting.cast(ballot, "none")
            asked.append(voting.next_of(ballot))
        assert [one.run for one in asked[:-1]] == [newer, newer, newer, older]
        assert self.unjudged(workspace) == []

    def test_goes_past_a_run_that_makes_no_ballot_as_it_is_wished(self, workspace):
        alike = drawn(workspace, ALL, VIP)
        drawn(workspace, ALL, VIP, sizes=[(600, 400), (400, 400)])
        first = voting.begin(Round(workspace=workspace, judge="owner", from_queue=True, same_shape=True))
        assert first.run == alike

    def test_keeps_nothing_of_a_round_that_finds_no_run(self, workspace):
        assert voting.begin(Round(workspace=workspace, judge="owner", from_queue=True)) is None
        assert not Round.objects.exists()


def test_a_person_s_votes_stay_when_their_account_goes(run, alice):
    ballot = ballot_of(run, person=alice)
    voting.cast(ballot, "1", judge=alice)
    alice.delete()
    assert Place.objects.counted().count() == 3


class TestNames:
    """Told after the last vote on a picture, or it would be known on its next ballot."""

    @pytest.fixture
    def pairs(self, run) -> list[Ballot]:
        ballot_of(run, at_once=2)
        return list(Ballot.objects.with_places().order_by("pk"))

    def told(self) -> list[bool]:
        return [bool(one.revealed_at) for one in Ballot.objects.order_by("pk")]

    def test_wait_for_the_last_ballot_with_one_of_the_pictures(self, pairs):
        for ballot, expected in zip(pairs, ([False] * 3, [False] * 3, [True] * 3), strict=True):
            voting.cast(ballot, "1")
            assert self.told() == expected
        assert all(Ballot.objects.values_list("is_blind", flat=True))

    def test_do_not_wait_for_ballots_of_others_or_on_other_pictures(self, workspace, run, pair, alice):
        ballot_of(run, person=alice, at_once=2)
        ballot = ballot_of(run)
        voting.cast(ballot, "1")
        ballot.refresh_from_db()
        assert ballot.revealed_at

    def test_a_vote_may_be_changed_until_then_and_stays_blind(self, pairs):
        voting.cast(pairs[0], "1")
        voting.cast(pairs[0], "2")
        voting.undo(pairs[0])
        voting.cast(pairs[0], "tie")
        pairs[0].refresh_from_db()
        assert pairs[0].is_blind and pairs[0].answer == "tie"

    def test_can_be_asked_for_at_once_and_then_the_others_are_not_blind(self, pairs):
        voting.cast(pairs[0], "1")
        voting.reveal(pairs[0])
        assert self.told() == [True, False, False]
        voting.cast(pairs[1], "1")
        assert not Ballot.objects.get(pk=pairs[1].pk).is_blind

    def test_that_were_seen_on_one_ballot_are_known_on_the_next(self, run):
        voting.cast(ballot_of(run), "1")
        later = ballot_of(run, at_once=2)
        voting.cast(later, "1")
        assert not Ballot.objects.get(pk=later.pk).is_blind

    def test_do_not_wait_for_a_ballot_that_can_not_be_answered(self, workspace, pairs):
        gone = next(place.output_id for place in pairs[2].shown)
        voting.cast(pairs[0], "none"), voting.cast(pairs[1], "none")
        bin.put(workspace, [gone])
        kept = next(one for one in pairs[:2] if gone not in [place.output_id for place in one.shown])
        voting.cast(kept, "tie")
        assert Ballot.objects.get(pk=kept.pk).revealed_at
