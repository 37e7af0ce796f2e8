"""What stands against what, in which order, and that nobody is asked the same twice."""

from random import Random

import pytest

from playground.runs.models import Generation, Output
from playground.votes import ballots
from playground.votes.ballots import draw_up, lineups, pictures_of
from playground.votes.models import Ballot, judge_of
from tests.factories import ALL, OFFICIAL, VIP, picture
from tests.votes.conftest import ballot_of, drawn

pytestmark = pytest.mark.django_db
OWNER = judge_of(None)


def models_of(ballot) -> list[str]:
    return sorted(one.generation.model_id for one in ballot)


def test_all_at_once_is_one_ballot_with_a_picture_of_each_model(workspace, run):
    assert [models_of(each) for each in lineups(pictures_of(workspace, run))] == [[OFFICIAL, ALL, VIP]]


def test_two_at_a_time_is_each_model_against_each_other(workspace, run):
    found = lineups(pictures_of(workspace, run), 2)
    assert sorted(models_of(each) for each in found) == [[OFFICIAL, ALL], [OFFICIAL, VIP], [ALL, VIP]]


def test_variants_of_a_model_never_stand_against_each_other_and_all_come(workspace):
    run = drawn(workspace, ALL, VIP, variants=2)
    found = lineups(pictures_of(workspace, run))
    assert [models_of(each) for each in found] == [[ALL, VIP]] * 2
    assert {one.pk for each in found for one in each} == {one.pk for one in pictures_of(workspace, run)}


def test_shapes_are_kept_apart_where_somebody_asks_for_it(workspace):
    run = drawn(workspace, ALL, VIP, OFFICIAL, sizes=[(600, 400), (300, 200), (400, 400)])
    outputs = pictures_of(workspace, run)
    assert [models_of(each) for each in lineups(outputs, same_shape=True)] == [[ALL, VIP]]
    assert [len(each) for each in lineups(outputs)] == [3]


def test_what_is_simulated_never_stands_against_what_is_real(workspace):
    run = drawn(workspace, ALL, VIP)
    Generation.objects.filter(model_id=VIP).update(simulated=False)
    outputs = pictures_of(workspace, run)
    assert lineups(outputs) == [] and ballots.model_count(outputs) == 1


def test_what_lies_in_the_bin_was_made_here_or_can_not_be_shown_is_left_out(workspace, run):
    binned, made_here, unreadable = pictures_of(workspace, run)
    Output.objects.filter(pk=binned.pk).update(binned_at=binned.created_at)
    Output.objects.filter(pk=made_here.pk).update(made_from=unreadable)
    Output.objects.filter(pk=unreadable.pk).update(thumbnails=[])
    assert pictures_of(workspace, run) == []


def test_a_stranger_s_pictures_are_left_out(workspace, charlie, run):
    elsewhere = charlie.workspaces.get()
    foreign = picture(elsewhere, model=VIP)
    assert ballots.picked(workspace, [foreign.pk]) == []
    assert pictures_of(elsewhere, run) == []


def test_one_model_alone_makes_no_ballot(workspace):
    run = drawn(workspace, ALL, variants=3)
    assert draw_up(workspace, pictures_of(workspace, run), judge=OWNER) == []
    assert not Ballot.objects.exists()


def test_many_models_are_drawn_by_lot_and_a_round_has_an_end(workspace, monkeypatch):
    monkeypatch.setattr(ballots, "DRAWN", 2)
    monkeypatch.setattr(ballots, "_ORDERLY", 1)
    found = lineups(pictures_of(workspace, drawn(workspace)), 2)
    assert 1 <= len(found) <= 2 and all(len(set(models_of(each))) == 2 for each in found)


def test_the_order_is_drawn_by_lot(workspace, run):
    outputs = pictures_of(workspace, run)
    firsts = {lineups(outputs, choose=Random(seed))[0][0].pk for seed in range(40)}
    assert firsts == {one.pk for one in outputs}


def test_the_order_is_kept(run):
    ballot = ballot_of(run)
    again = Ballot.objects.with_places().get(pk=ballot.pk)
    assert [place.output_id for place in again.shown] == [place.output_id for place in ballot.shown]
    assert [place.position for place in again.shown] == [1, 2, 3]


def test_the_same_judge_is_asked_the_same_only_once(workspace, run):
    first = ballot_of(run)
    assert ballot_of(run) == first
    assert Ballot.objects.count() == 1


def test_every_judge_has_a_ballot_of_their_own(run, alice, bob):
    found = {
        ballot_of(run, person=alice),
        ballot_of(run, person=bob),
        ballot_of(run),
        ballot_of(run, visitor="v1"),
    }
    assert len(found) == 4
    assert [one.judge for one in sorted(found, key=lambda one: one.pk)].count("owner") == 1


def test_pictures_of_several_runs_can_stand_against_each_other(workspace):
    one, other = picture(workspace, model=ALL), picture(workspace, model=VIP)
    (ballot,) = draw_up(workspace, ballots.picked(workspace, [one.pk, other.pk]), judge=OWNER)
    assert ballot.run is None and ballot.lineup.mode == "text"
