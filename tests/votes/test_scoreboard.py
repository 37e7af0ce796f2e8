"""The scoreboard: what a robot's hidden preferences come back as, what is counted with what, and what it costs."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.gallery import marks
from playground.gallery.models import Collection, Tag
from playground.runs.models import Generation
from playground.votes import voting
from playground.votes.ballots import draw_up, pictures_of
from playground.votes.models import Ballot, Lineup, Place, judge_of
from playground.votes.scoreboard import Scoreboard
from playground.votes.tallies import Question, count
from tests.factories import ALL, OFFICIAL, VIP
from tests.studio.pages import said, source
from tests.votes.conftest import THREE, ballot_of, cost_and_seconds, drawn, place_of
from tests.votes.worlds import Robot

pytestmark = pytest.mark.django_db
SIMULATED, REAL = Question(simulated=True), Question()


def vote(run, answer: str, *, times: int = 1, voter: str = "robot", at_once: int = 0) -> None:
    """So many judges answer: a model's name, "tie" or "none". As the people here, unless as visitors."""
    for number in range(times):
        ballot = ballot_of(run, visitor=f"{voter}{number}", at_once=at_once)
        voting.cast(
            ballot, place_of(ballot, answer) if answer in THREE else answer, visitor=f"{voter}{number}"
        )


def as_own_votes() -> None:
    """What visitors voted is taken for votes of the people here."""
    Lineup.objects.update(by_visitors=False)


def board(workspace, **fields) -> Scoreboard:
    return Scoreboard(workspace, Question(**{"simulated": True, **fields}))


class TestARobot:
    def test_s_preferences_come_back_within_the_interval_that_is_stated(self, workspace):
        """Sixty visitors judge three pictures two at a time, by strengths that only they know."""
        robot = Robot(12, 1.1, 0.0, -1.1, ties=0.3)
        called = dict(zip((VIP, OFFICIAL, ALL), robot.truth, strict=True))
        named = {name: model for model, name in called.items()}
        outputs = pictures_of(workspace, drawn(workspace))
        for number in range(60):
            judge = f"robot{number}"
            judged = draw_up(
                workspace, outputs, judge=judge_of(None, judge), at_once=2, choose=Random(number)
            )
            for ballot in (
                Ballot.objects.with_places().filter(pk__in=[one.pk for one in judged]).order_by("pk")
            ):
                chosen = robot.chosen(tuple(called[place.model_id] for place in ballot.shown))
                answer = "tie" if chosen == "tie" else place_of(ballot, named[chosen])
                voting.cast(ballot, answer, visitor=judge)
        found = board(workspace, by_visitors=True)
        assert found.counted.votes == 180
        assert [one.tally.model_id for one in found.standings] == [VIP, OFFICIAL, ALL]
        for one in found.standings:
            assert one.strength.low <= robot.truth[called[one.tally.model_id]] <= one.strength.high
        assert found.groups[0].winner.model == VIP


class TestWhatIsSaid:
    def test_nothing_before_anybody_voted(self, client, workspace):
        assert "Nobody has voted yet" in said(client.get("/votes/scoreboard/"))

    def test_that_a_few_votes_are_not_enough_and_how_many_would_be(self, client, workspace, run):
        vote(run, VIP, times=3)
        as_own_votes()
        words = said(client.get("/votes/scoreboard/"))
        assert "No clear winner yet after 3 votes: about" in words and "likely needed" in words

    def test_who_is_worth_the_money(self, workspace):
        run = drawn(workspace, ALL, VIP)
        cost_and_seconds(ALL, "0.03", 60), cost_and_seconds(VIP, "0.03", 120)
        vote(run, VIP, times=18), vote(run, ALL, times=2, voter="other")
        found = board(workspace, by_visitors=True)
        # 20 pictures of each for $0.60: 18 wins, and 2.
        assert (
            found.verdict
            == "gpt-image-2-vip is worth its money: it wins most, and its wins cost least, $0.033 each."
        )

    def test_what_the_better_one_costs_more(self, workspace):
        run = drawn(workspace, ALL, OFFICIAL)
        cost_and_seconds(ALL, "0.01", 60), cost_and_seconds(OFFICIAL, "0.20", 120)
        vote(run, OFFICIAL, times=16), vote(run, ALL, times=4, voter="other")
        assert board(workspace, by_visitors=True).verdict == (
            "gpt-image-2 wins most, at $0.250 a win. With gpt-image-2-all a win takes more tries, and costs $0.050."
        )

    def test_nothing_of_models_of_which_none_was_good(self, client, workspace, run):
        vote(run, "none", times=2)
        as_own_votes()
        page = client.get("/votes/scoreboard/?of=simulator")
        assert "none of the pictures was good enough" in said(page) and "In 2 more none was good." in said(
            page
        )

    def test_that_models_were_never_compared(self, client, workspace):
        voting.cast(ballot_of(drawn(workspace, ALL, VIP)), "1")
        other = ballot_of(drawn(workspace, ALL, VIP))
        voting.cast(other, "1")
        Lineup.objects.filter(pk=other.lineup_id).update(mode="chat")
        lineup = Lineup.objects.create(
            workspace=workspace, simulated=True, mode="text", model_ids="one other"
        )
        for name, position in (("one", 1), ("other", 2)):
            other.places.filter(position=position).update(lineup=lineup, model_id=name)
        voting.cast(ballot_of(drawn(workspace, ALL, VIP)), "1")
        assert "not even by way of others" in said(client.get("/votes/scoreboard/?of=simulator"))

    def test_how_many_votes_were_not_blind(self, client, run):
        ballot = ballot_of(run)
        voting.cast(ballot, "1"), voting.cast(ballot, "2")
        assert "1 was given or changed after the names were seen." in said(client.get("/votes/scoreboard/"))
        assert "No votes like these" in said(client.get("/votes/scoreboard/?of=simulator&blind=1"))


class TestWhatIsCounted:
    def test_wins_ties_losses_costs_and_seconds(self, workspace):
        run = drawn(workspace, ALL, VIP)
        cost_and_seconds(ALL, "0.03", 30), cost_and_seconds(VIP, "0.05", 90)
        for answer, times in ((ALL, 3), (VIP, 1), ("tie", 2), ("none", 4)):
            vote(run, answer, times=times, voter=answer)
        counted = count(workspace, Question(simulated=True, by_visitors=True))
        tally = counted.tallies[ALL]
        assert (tally.shown, tally.won, tally.tied, tally.lost, tally.bad) == (10, 3, 2, 1, 4)
        assert tally.wins == 4 and tally.cost == Decimal("0.30") and tally.seconds == 300
        assert tally.cost_per_win == Decimal("0.075") and tally.seconds_per_win == 75
        assert tally.wins_per_dollar == Decimal(4) / Decimal(
            "0.30"
        ) and tally.wins_per_minute == pytest.approx(0.8)
        assert (counted.votes, counted.bad, tally.bad_percent) == (6, 4, 40)
        assert counted.against(ALL, VIP) == (3, 2, 1)

    def test_the_best_of_several_wins_against_each_of_the_others(self, workspace, run):
        vote(run, VIP, times=2)
        counted = count(workspace, Question(simulated=True, by_visitors=True))
        assert counted.against(VIP, ALL) == counted.against(VIP, OFFICIAL) == (2, 0, 0)
        assert counted.against(ALL, OFFICIAL) == (0, 0, 0) and counted.votes == 2

    def test_a_cost_that_nobody_knows_is_not_taken_for_none(self, client, workspace):
        run = drawn(workspace, ALL, VIP)
        Generation.objects.filter(model_id=VIP).update(cost=None)
        vote(run, VIP, times=2)
        as_own_votes()
        assert count(workspace, SIMULATED).tallies[VIP].unpriced == 2
        assert "+ ?" in said(client.get("/votes/scoreboard/"))

    def test_real_pictures_and_simulated_ones_are_never_added(self, client, workspace):
        voting.cast(ballot_of(drawn(workspace, ALL, VIP)), "1")
        assert count(workspace, SIMULATED).votes == 1 and count(workspace, REAL).votes == 0
        assert "They say nothing about the real models" in said(client.get("/votes/scoreboard/"))
        voting.cast(ballot_of(drawn(workspace, ALL, VIP, simulated=False)), "1")
        page = client.get("/votes/scoreboard/")
        assert "1 vote." in said(page) and "They say nothing" not in said(page)

    def test_visitors_votes_are_counted_apart(self, workspace, run):
        voting.cast(ballot_of(run), "1")
        vote(run, VIP, times=3)
        assert count(workspace, SIMULATED).votes == 1
        assert count(workspace, Question(simulated=True, by_visitors=True)).votes == 3

    def test_of_others_nothing_is(self, workspace, charlie):
        voting.cast(ballot_of(drawn(charlie.workspaces.get())), "1")
        assert board(workspace).is_empty

    def test_by_kind(self, workspace, run):
        voting.cast(ballot_of(run), "1")
        assert count(workspace, Question(simulated=True, mode="text")).votes == 1
        assert count(workspace, Question(simulated=True, mode="edit")).votes == 0

    def test_by_tag_and_by_collection_where_one_of_the_pictures_has_it(self, workspace, run):
        ballot = ballot_of(run)
        voting.cast(ballot, "1")
        voting.cast(ballot_of(drawn(workspace)), "1")
        pk = ballot.shown[1].output_id
        marks.tag(workspace, [pk], "product")
        marks.collect(workspace, [pk], "Spring")
        tag, collection = Tag.objects.get().pk, Collection.objects.get().pk
        assert count(workspace, SIMULATED).votes == 2
        assert count(workspace, Question(simulated=True, tag=tag)).votes == 1
        assert count(workspace, Question(simulated=True, collection=collection)).votes == 1
        assert count(workspace, Question(simulated=True, tag=tag + 1)).votes == 0

    def test_by_the_day_of_the_vote(self, workspace, run):
        voting.cast(ballot_of(run), "1")
        today = timezone.localdate()
        assert count(workspace, Question(simulated=True, since=today, until=today)).votes == 1
        assert count(workspace, Question(simulated=True, until=today - timedelta(days=1))).votes == 0
        assert count(workspace, Question(simulated=True, since=today + timedelta(days=1))).votes == 0

    def test_in_as_many_queries_however_many_votes_there_are(self, workspace, run):
        vote(run, VIP)
        with CaptureQueriesContext(
            connection,
        ) as few:
            count(workspace, Question(simulated=True, by_visitors=True))
        vote(run, VIP, times=5)
        with CaptureQueriesContext(connection) as many:
            count(workspace, Question(simulated=True, by_visitors=True))
        assert len(few) == len(many) == 2

    def test_once_and_again_after_the_next_vote(self, workspace, run):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                count(workspace, SIMULATED)
            return len(asked)

        ballot = ballot_of(run)
        voting.cast(ballot, "1")
        assert [queries(), queries()] == [2, 1]
        voting.cast(ballot, "2")
        assert [queries(), queries()] == [2, 1]
        voting.undo(ballot)
        assert queries() == 2 and count(workspace, SIMULATED).votes == 0


class TestThePage:
    def test_draws_a_chart_that_says_what_it_shows_and_a_table_of_it(self, client, run):
        voting.cast(ballot_of(run), "1")
        page = source(client.get("/votes/scoreboard/"))
        assert page.count('role="img" aria-label="No clear winner yet') == 2
        assert page.count('class="dot"') == 6  # for wide screens, and for phones
        assert page.count('<th scope="row">gpt-image-2-vip</th>') == 2

    def test_answers_htmx_with_the_board_alone(self, client, run):
        voting.cast(ballot_of(run), "1")
        page = source(client.get("/votes/scoreboard/", headers={"HX-Request": "true"}))
        assert "<html" not in page and "No clear winner" in page

    @pytest.mark.parametrize(
        "query", ["of=x", "mode=doctor", "tag=a", "since=never", "tag=99999999999999999999", "by="]
    )
    def test_takes_no_harm_from_nonsense(self, client, run, query):
        voting.cast(ballot_of(run), "1")
        assert client.get(f"/votes/scoreboard/?{query}").status_code == 200

    def test_an_address_keeps_the_whole_question(self):
        asked = (
            "of=simulator&by=visitors&mode=edit&tag=3&collection=4&since=2026-01-02&until=2026-02-03&blind=1"
        )
        question = Question.read(QueryDict(asked))
        assert Question.read(QueryDict(question.address[1:])) == question
        assert question.address == f"?{asked}"


class TestTheFile:
    def rows(self, client, query="") -> list[dict[str, str]]:
        answer = client.get(f"/votes/scoreboard.csv{query}")
        assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def test_has_a_line_for_each_model_with_every_figure(self, client, workspace):
        run = drawn(workspace, ALL, VIP)
        cost_and_seconds(VIP, "0.05", 90)
        vote(run, VIP, times=3), vote(run, "tie", voter="other")
        best = self.rows(client, "?of=simulator&by=visitors")[0]
        assert (best["model"], best["won"], best["equal"], best["shown"]) == (VIP, "3", "1", "4")
        assert (
            Decimal(best["cost a win"]) == Decimal("0.057143") and float(best["seconds a win"]) == 102.857143
        )
        assert float(best["chance low"]) + 0.3 > 0.5 and float(best["chance high"]) <= 1
        assert (best["simulated"], best["visitors"]) == ("True", "True")

    def test_holds_nothing_that_a_spreadsheet_would_run(self, client, run):
        voting.cast(ballot_of(run), "1")
        Place.objects.filter(model_id=VIP).update(model_id="=1+1")
        Lineup.objects.update(model_ids=f"=1+1 {OFFICIAL} {ALL}")
        assert "'=1+1" in {row["model"] for row in self.rows(client)}
