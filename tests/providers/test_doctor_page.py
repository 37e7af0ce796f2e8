"""The doctor's page: the price before the click, the report after it, and nobody else's connection."""

import re
import uuid

import pytest

from playground.runs.models import Generation, Run
from playground.runs.work import carry_out
from tests.factories import OFFICIAL, VIP, connection
from tests.studio.pages import HTMX, said, source

STOP_POLLING = 286


def ask(client, row, *questions, **fields):
    form = {"submission_key": str(uuid.uuid4()), "questions": list(questions)} | fields
    return client.post(f"/settings/connections/{row.pk}/doctor/", form)


@pytest.mark.django_db
class TestThePage:
    def test_says_what_each_question_costs_at_most_and_ticks_the_usual(self, client, workspace):
        row = connection(workspace, stored_multiplier="0.5")
        page = client.get(f"/settings/connections/{row.pk}/doctor/")
        words = said(page)
        assert "Not examined yet" in words
        assert "A size in pixels gpt-image-2-all $0.015" in words
        assert "Two pictures in one call gpt-image-2-all $0.030" in words
        ticked = re.findall(r'name="questions" value="([\w.]+)"[^>]* checked', source(page))
        assert {"all.size", "vip.quality", "official.stream", "official.key"} < set(ticked)
        assert "all.n" not in ticked

    def test_offers_only_models_that_are_served(self, client, workspace):
        row = connection(workspace, served_models=[OFFICIAL])
        words = said(client.get(f"/settings/connections/{row.pk}/doctor/"))
        assert OFFICIAL in words and VIP not in words

    def test_asks_what_is_ticked(self, client, workspace):
        row = connection(workspace)
        answer = ask(client, row, "all.size", "vip.quality", "nonsense")
        assert answer["Location"] == f"/settings/connections/{row.pk}/doctor/"
        run = Run.objects.get()
        assert (run.mode, [each.question for each in run.generations.all()]) == (
            "doctor",
            ["all.size", "vip.quality"],
        )
        assert "0 of 2 answered" in said(client.get(answer["Location"]))

    @pytest.mark.parametrize("fields", [{"questions": []}, {"submission_key": "x"}])
    def test_asks_nothing_when_nothing_is_ticked(self, client, workspace, fields):
        answer = ask(client, connection(workspace), "all.size", **fields)
        assert answer.status_code == 422
        assert "Nothing was asked." in said(answer)
        assert not Run.objects.exists()

    def test_asks_nothing_through_a_connection_that_is_off(self, client, workspace):
        row = connection(workspace, is_enabled=False)
        page = source(client.get(f"/settings/connections/{row.pk}/doctor/"))
        assert re.search(r'<button class="btn btn--go" type="submit" disabled>', page)

    def test_is_reached_from_the_connection(self, client, workspace):
        row = connection(workspace)
        assert f'href="/settings/connections/{row.pk}/doctor/"' in source(client.get("/settings/"))

    def test_of_the_environments_connection_is_there_too(self, client, workspace, settings):
        from playground.accounts.connections import routes_of

        settings.APIYI_API_KEY, settings.SIMULATED = "sk-environment-0123456", False
        row = routes_of(workspace).rows[0]
        assert ask(client, row, "all.size").status_code == 302
        assert Generation.objects.get().connection == row


@pytest.mark.django_db(transaction=True)
class TestTheReport:
    def test_comes_piece_by_piece_and_stops_the_poll_at_its_end(self, client, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        ask(client, row, "all.size", "vip.size")
        first, second = Generation.objects.order_by("position")
        path = f"/settings/connections/{row.pk}/doctor/report/"
        carry_out(first.pk, hands)
        answer = client.get(path, headers=HTMX)
        assert (answer.status_code, "1 of 2 answered" in said(answer)) == (200, True)
        assert 'hx-trigger="every 2s"' in source(answer)

        carry_out(second.pk, hands)
        answer = client.get(path, headers=HTMX)
        assert answer.status_code == STOP_POLLING
        assert "hx-trigger" not in source(answer)
        words = said(answer)
        for expected in (
            "A size in pixels is refused (400).",
            "A size in pixels is honoured.",
            "The provider says:",
            "Stored with this connection",
            f"{VIP}: A size in pixels is honoured.",
        ):
            assert expected in words

    def test_changes_what_the_composer_says_of_a_disputed_setting(self, client, hands, workspace, provider):
        row = connection(workspace, "Main", provider.base_url, key=provider.key)
        ask(client, row, "all.size")
        carry_out(Generation.objects.get().pk, hands)
        assert "“Main”: A size in pixels is refused (400)." in said(client.get("/"))


@pytest.mark.django_db
class TestAStranger:
    def test_neither_sees_nor_asks(self, workspace, charlie, browser_of, team_mode):
        row = connection(workspace)
        browser = browser_of(charlie)
        path = f"/settings/connections/{row.pk}/doctor/"
        assert browser.get(path).status_code == browser.get(f"{path}report/").status_code == 404
        assert ask(browser, row, "all.size").status_code == 404
        assert not Run.objects.exists()
