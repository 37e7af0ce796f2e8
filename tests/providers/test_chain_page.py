"""Settings, when a channel fails: explained before it is on, with prices; off until somebody has written it down."""

from decimal import Decimal

import pytest

from playground.accounts.models import Chain, Workspace
from tests.factories import ALL, OFFICIAL, VIP, connection
from tests.studio.pages import field, said, selected, source

pytestmark = pytest.mark.django_db


def written(*models, most="0.05"):
    """What a browser posts: five selects, of which some say nobody."""
    names = [*models, *[""] * (5 - len(models))]
    return {f"model_{number}": name for number, name in enumerate(names, 1)} | {"most": most}


def stored():
    return [(row.workspace.slug, row.model_ids, row.most) for row in Chain.objects.all()]


class TestThePage:
    def test_says_that_it_is_off_and_what_it_would_do_at_which_price(self, client):
        page = said(client.get("/settings/"))
        assert "Off: nothing is asked by itself." in page
        assert "certainly not billed" in page and "What is simulated is never bought." in page
        assert "gpt-image-2-vip · $0.030" in page and "gpt-image-2 · $0.0" in page

    def test_shows_what_this_workspace_pays_and_what_nobody_serves(self, client, workspace):
        connection(workspace, served_models=[VIP], stored_multiplier="0.5")
        page = said(client.get("/settings/"))
        assert "gpt-image-2-vip · $0.015" in page
        assert "gpt-image-2-all · $0.030 · no connection serves it" in page

    def test_shows_the_chain_as_it_stands(self, client, workspace):
        Chain.objects.create(workspace=workspace, model_ids=[VIP, "gone-since"], most=Decimal("0.05"))
        page = client.get("/settings/")
        assert "On: gpt-image-2-vip, gone-since, in this order, and at most $0.050 for one picture." in said(
            page
        )
        assert selected(page, "model_1") == VIP
        assert 'value="0.05"' in field(page, "most")


class TestWritingItDown:
    def test_switches_it_on(self, client, workspace):
        answer = client.post("/settings/chain/", written(VIP, OFFICIAL))
        assert (answer.status_code, answer["Location"]) == (302, "/settings/#chain")
        assert stored() == [("local", [VIP, OFFICIAL], Decimal("0.05"))]
        assert "Your chain is on." in said(client.get("/settings/"))

    def test_closes_gaps_and_replaces_what_was_there(self, client, workspace):
        client.post("/settings/chain/", written(VIP))
        client.post("/settings/chain/", written("", OFFICIAL, "", ALL, most="0.3"))
        assert stored() == [("local", [OFFICIAL, ALL], Decimal("0.3"))]

    @pytest.mark.parametrize(
        ("posted", "words"),
        [
            (written(VIP, most=""), "Say how much one picture may cost at most."),
            (written(), "Choose at least one model."),
            (written(VIP, OFFICIAL, VIP), "gpt-image-2-vip stands here twice"),
            (
                written(VIP, ALL, most="0.02"),
                "None of these models draws for so little: the cheapest takes $0.030.",
            ),
            (written(VIP, most="-1"), "0.001"),
            (written("no-such-model"), "no-such-model"),
        ],
    )
    def test_says_what_is_wrong_and_changes_nothing(self, client, workspace, posted, words):
        answer = client.post("/settings/chain/", posted)
        assert answer.status_code == 422
        assert words in said(answer) and "Off: nothing is asked by itself." in said(answer)
        assert 'aria-invalid="true"' in source(answer)
        assert stored() == []

    def test_keeps_what_was_typed(self, client, workspace):
        answer = client.post("/settings/chain/", written(VIP, OFFICIAL, most="a lot"))
        assert selected(answer, "model_2") == OFFICIAL
        assert 'value="a lot"' in field(answer, "most")

    def test_switching_it_off_forgets_it(self, client, workspace):
        client.post("/settings/chain/", written(VIP))
        client.post("/settings/chain/off/", written(VIP))
        assert stored() == []

    @pytest.mark.parametrize("path", ["/settings/chain/", "/settings/chain/off/"])
    def test_takes_no_get_and_no_forged_post(self, client, csrf_client, path):
        assert client.get(path).status_code == 405
        assert csrf_client.post(path, written(VIP)).status_code == 403

    def test_is_each_workspaces_own(self, browser_of, charlie, alice, team_mode):
        browser_of(charlie).post("/settings/chain/", written(VIP))
        browser_of(alice).post("/settings/chain/off/")
        assert stored() == [("elsewhere", [VIP], Decimal("0.05"))]
        assert Workspace.objects.get(slug="local").name


def test_the_composer_says_how_far_it_may_go(client, workspace):
    assert "your chain" not in said(client.get("/"))
    Chain.objects.create(workspace=workspace, model_ids=[VIP], most=Decimal("0.05"))
    assert "your chain may ask others: at most $0.050 for that picture" in said(client.get("/"))
    assert source(client.get("/")).count("your chain") == 1
