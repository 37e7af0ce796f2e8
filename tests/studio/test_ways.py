"""The composer says through which connection each model would go, and before the click when none can serve it."""

import re

import pytest

from playground.runs import states
from playground.runs.models import Generation, Run
from tests.factories import ALL, OFFICIAL, VIP, claim, connection, queued, worker_row
from tests.studio.pages import HTMX, form, said, source

pytestmark = pytest.mark.django_db
WRONG_KEY = "gpt-image-2 needs a usage-priority key; your connection “Main” has a per-call key."


class TestWhichOne:
    def test_is_said_once_where_there_is_one(self, client, workspace):
        connection(workspace, "Main")
        page = client.get("/")
        assert "Through “Main”" in said(page)
        assert "Goes through" not in said(page)

    def test_is_said_at_each_model_where_there_are_several(self, client, workspace):
        connection(workspace, "Flat", served_models=[ALL, VIP])
        connection(workspace, "Official")
        answer = client.post("/studio/estimate/", form(models=(ALL, OFFICIAL)))
        assert re.findall(r"Goes through “(\w+)”", said(answer))[:3] == ["Flat", "Flat", "Official"]

    def test_is_the_simulator_while_there_is_none(self, client):
        page = said(client.get("/"))
        assert "Simulator: nothing is billed" in page and "You are on the simulator" in page

    def test_is_not_the_simulator_any_more_once_there_is_one(self, client, workspace):
        connection(workspace)
        assert "simulator" not in said(client.get("/")).lower()

    def test_has_its_own_price(self, client, workspace):
        connection(workspace, "Dear", stored_multiplier=2)
        assert "$0.060" in said(client.post("/studio/estimate/", form(models=(ALL,))))


class TestNone:
    @pytest.fixture(autouse=True)
    def per_call_key(self, workspace):
        return connection(workspace, "Main", key_type="per-call")

    def test_is_said_while_the_form_is_filled_in(self, client):
        answer = client.post("/studio/estimate/", form(models=(OFFICIAL,)))
        assert WRONG_KEY in said(answer)

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_is_said_at_the_click_and_nothing_is_started(self, client, headers):
        answer = client.post("/studio/generate/", form(models=(ALL, OFFICIAL)), headers=headers)
        assert answer.status_code == 422
        assert WRONG_KEY in said(answer)
        assert not Run.objects.exists()

    def test_does_not_hinder_models_that_can_be_served(self, client):
        client.post("/studio/generate/", form(models=(ALL,)))
        assert Generation.objects.get().connection.name == "Main"


class TestOnceMore:
    def failed(self, workspace):
        generation = queued(workspace)
        claim(generation, worker_row())
        states.fail(generation, "bad_key")
        return generation

    def test_a_pretence_is_not_bought_by_one_click(self, client, workspace):
        generation = self.failed(workspace)
        connection(workspace)
        answer = client.post(f"/frames/{generation.pk}/retry/", headers=HTMX)
        assert "was simulated, and now it would cost money" in answer["HX-Trigger"].encode().decode(
            "unicode_escape"
        )
        client.post(f"/runs/{generation.run.number}/retry/")
        assert Generation.objects.count() == 1

    def test_what_settings_can_mend_leads_there(self, client, workspace):
        generation = self.failed(workspace)
        page = source(client.get(f"/runs/{generation.run.number}/"))
        assert 'href="/settings/"' in page
