"""Settings, Connections: by plain forms, with the key hidden, and strangers kept out."""

import pytest

from playground.accounts.connections import routes_of
from playground.accounts.models import Connection
from playground.runs import states
from tests.answering import answering
from tests.factories import ALL, OFFICIAL, VIP, claim, connection, picture, queued, worker_row
from tests.studio.pages import HTMX, checked, field, said, source

pytestmark = pytest.mark.django_db
KEY = "sk-live-0123456789abcdef"
NOBODY = "http://127.0.0.1:9"


def entered(**fields):
    """What a browser posts for a new connection."""
    filled = {
        "name": "Main",
        "addresses": "https://api.example",
        "key": KEY,
        "multiplier": "1",
        "is_enabled": "on",
    }
    return {name: value for name, value in (filled | fields).items() if value is not None}


def names(workspace):
    return [row.name for row in routes_of(workspace).rows]


class TestTheList:
    def test_is_empty_at_first_and_says_who_answers(self, client):
        page = said(client.get("/settings/"))
        assert "There is none yet, so the simulator answers" in page

    def test_shows_each_in_order_and_of_the_key_its_end_only(self, client, workspace):
        connection(workspace, "One", "https://a.example", "https://b.example", key=KEY, key_type="per-call")
        connection(workspace, "Two", served_models=[VIP], stored_multiplier="0.85", is_enabled=False)
        page = client.get("/settings/")
        words = said(page)
        assert words.index("One") < words.index("Two")
        for expected in (
            "a.example , then b.example",
            "…cdef",
            "Per call",
            "gpt-image-2-vip",
            "85 % of the list",
        ):
            assert expected in words
        assert KEY not in source(page) and KEY[:12] not in source(page)

    def test_shows_the_environments_without_its_key(self, client, workspace, settings):
        settings.APIYI_API_KEY, settings.SIMULATED = KEY, False
        page = client.get("/settings/")
        assert "From the environment" in said(page) and "…cdef" in said(page)
        assert KEY not in source(page)
        assert "/delete/" not in source(page)

    def test_says_that_a_key_is_lost(self, client, workspace, settings):
        connection(workspace)
        settings.ENCRYPTION_KEY = "another"
        assert "can’t be read any more" in said(client.get("/settings/"))

    def test_is_in_the_navigation(self, client):
        assert 'href="/settings/" aria-current="page"' in source(client.get("/settings/"))


class TestAdding:
    def test_stores_it_last_and_ready(self, client, workspace):
        connection(workspace, "First")
        answer = client.post(
            "/settings/connections/new/",
            entered(key_type="per-call", served_models=[ALL, VIP], multiplier="0.85"),
        )
        row = Connection.objects.get(name="Main")
        assert (answer.status_code, answer["Location"]) == (302, f"/settings/#connection-{row.pk}")
        assert names(workspace) == ["First", "Main"]
        assert (row.key, row.key_type, row.served_models) == (KEY, "per-call", [ALL, VIP])
        assert (row.base_urls, str(row.price_multiplier)) == (("https://api.example",), "0.8500")

    def test_mends_addresses_and_says_so(self, client):
        answer = client.post(
            "/settings/connections/new/",
            entered(addresses="api.example/v1/v1/\n\nhttps://b.example/v1\napi.example"),
            follow=True,
        )
        assert Connection.objects.get().base_urls == ("https://api.example", "https://b.example")
        assert "Using https://api.example; /v1 is added by itself." in said(answer)

    def test_warns_of_a_key_in_clear(self, client):
        answer = client.post(
            "/settings/connections/new/",
            entered(addresses="http://relay.example\nhttp://127.0.0.1:3000"),
            follow=True,
        )
        assert "The key goes to relay.example unencrypted" in said(answer)
        assert "127.0.0.1:3000 unencrypted" not in said(answer)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": ""}, "Give the connection a name"),
            ({"name": "First"}, "There is a connection of this name already."),
            ({"key": ""}, "Enter the provider's API key."),
            ({"key": "sk-with space"}, "characters that can't be sent"),
            ({"addresses": ""}, "Enter the provider's base address"),
            ({"addresses": "https://api-cf.apiyi.com"}, "gives up after about 100 seconds"),
            ({"addresses": "https://me:secret@a.example"}, "Leave user name and password out"),
            ({"addresses": "\n".join(f"https://{n}.example" for n in range(6))}, "At most 5 addresses."),
            ({"multiplier": "0"}, "greater than or equal to 0.01"),
            ({"served_models": ["gpt-image-0"]}, "gpt-image-0"),
            ({"key_type": "gold"}, "gold"),
        ],
    )
    def test_refuses_what_cannot_be_used_and_keeps_the_rest(self, client, workspace, changes, sentence):
        connection(workspace, "First")
        answer = client.post("/settings/connections/new/", entered(**changes))
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert names(workspace) == ["First"]
        assert KEY not in source(answer)
        if "name" not in changes:
            assert 'value="Main"' in field(answer, "name")


class TestChanging:
    @pytest.fixture
    def row(self, workspace):
        return connection(workspace, "Main", "https://api.example", key=KEY)

    def post(self, client, row, **fields):
        return client.post(f"/settings/connections/{row.pk}/", entered(**{"key": "", **fields}))

    def test_shows_everything_but_the_key(self, client, row):
        Connection.objects.update(served_models=[VIP])
        page = client.get(f"/settings/connections/{row.pk}/")
        assert KEY not in source(page)
        assert 'value="' not in field(page, "key")
        assert checked(page, "served_models") == [VIP]

    def test_keeps_the_key_that_is_stored(self, client, row):
        self.post(client, row, name="Renamed", addresses="https://api.example/v1")
        row.refresh_from_db()
        assert (row.name, row.key) == ("Renamed", KEY)

    def test_replaces_the_key_by_another(self, client, row):
        self.post(client, row, key="sk-new-0123456789wxyz")
        row.refresh_from_db()
        assert (row.key, row.key_end) == ("sk-new-0123456789wxyz", "wxyz")

    @pytest.mark.parametrize(
        "addresses",
        ["https://evil.example", "https://api.example\nhttps://evil.example", "http://api.example"],
    )
    def test_sends_the_stored_key_to_no_new_host(self, client, row, addresses):
        """Or else one person could have another's key sent to himself."""
        answer = self.post(client, row, addresses=addresses)
        assert answer.status_code == 422
        assert "Enter the key again" in said(answer)
        row.refresh_from_db()
        assert row.base_urls == ("https://api.example",)
        assert self.post(client, row, addresses=addresses, key=KEY).status_code == 302

    def test_of_the_environments_leaves_key_addresses_and_price_alone(self, client, workspace, settings):
        settings.APIYI_API_KEY, settings.SIMULATED = KEY, False
        row = routes_of(workspace).rows[0]
        page = client.get(f"/settings/connections/{row.pk}/")
        assert 'name="key"' not in source(page) and 'name="addresses"' not in source(page)
        answer = self.post(
            client, row, name="Ours", key="sk-other", addresses="https://evil.example", multiplier="9"
        )
        assert answer.status_code == 302
        row = routes_of(workspace).rows[0]
        assert (row.name, row.key, row.base_urls) == ("Ours", KEY, settings.APIYI_BASE_URL)
        assert (row.sealed_key, row.stored_base_urls, row.price_multiplier) == ("", [], 1)


class TestOrderAndSwitch:
    @pytest.fixture
    def rows(self, workspace):
        return [connection(workspace, name) for name in ("A", "B", "C")]

    @pytest.mark.parametrize(
        ("which", "to", "order"), [(2, "up", "ACB"), (0, "down", "BAC"), (0, "up", "ABC"), (2, "down", "ABC")]
    )
    def test_a_place_up_or_down(self, client, workspace, rows, which, to, order):
        answer = client.post(f"/settings/connections/{rows[which].pk}/move/", {"to": to})
        assert answer["Location"] == "/settings/"
        assert "".join(names(workspace)) == order

    def test_equal_places_do_no_harm(self, client, workspace, rows):
        Connection.objects.update(position=0)
        client.post(f"/settings/connections/{rows[2].pk}/move/", {"to": "up"})
        assert names(workspace) == ["A", "C", "B"]

    def test_off_and_on(self, client, workspace, rows):
        path = f"/settings/connections/{rows[0].pk}/switch/"
        client.post(path, {"on": "no"})
        assert [row.name for row in routes_of(workspace).enabled] == ["B", "C"]
        client.post(path, {"on": "yes"})
        assert len(routes_of(workspace).enabled) == 3

    def test_for_htmx_the_list_alone(self, client, rows):
        answer = client.post(f"/settings/connections/{rows[0].pk}/switch/", {"on": "no"}, headers=HTMX)
        assert source(answer).lstrip().startswith('<div id="connections">')


class TestDeleting:
    def test_says_what_it_means_first(self, client, workspace):
        row = connection(workspace, "Main")
        picture(workspace)
        queued(workspace)
        claim(queued(workspace), worker_row())
        words = said(client.get(f"/settings/connections/{row.pk}/delete/"))
        for sentence in (
            "Its key is erased here.",
            "1 queued picture will not be sent",
            "1 call is on its way",
            "Finished pictures stay",
            "the simulator answers",
        ):
            assert sentence in words
        assert Connection.objects.exists()

    def test_keeps_what_was_made_with_it(self, client, workspace):
        row = connection(workspace, "Main")
        output = picture(workspace)
        client.post(f"/settings/connections/{row.pk}/delete/")
        assert not Connection.objects.exists()
        output.generation.refresh_from_db()
        assert (output.generation.state, output.generation.connection) == (states.State.SUCCEEDED, None)
        assert output.generation.attempts.get().connection == "Main"

    def test_of_the_environments_is_not_offered(self, client, workspace, settings):
        settings.APIYI_API_KEY, settings.SIMULATED = KEY, False
        row = routes_of(workspace).rows[0]
        assert client.post(f"/settings/connections/{row.pk}/delete/").status_code == 404
        assert Connection.objects.exists()


class TestTesting:
    def ask(self, client, row, **options):
        return client.post(f"/settings/connections/{row.pk}/test/", headers=HTMX, **options)

    def test_a_good_one_names_its_picture_models_for_free(self, client, workspace, simulator):
        row = connection(workspace, "Main", simulator.base_url, key=simulator.key)
        words = said(self.ask(client, row))
        assert "answers and the key is right. Picture models: gpt-image-2-all, gpt-image-2-vip" in words
        assert simulator.calls()["total"] == 0

    def test_a_wrong_key(self, client, workspace, simulator):
        answer = self.ask(client, connection(workspace, "Main", simulator.base_url, key=KEY))
        assert "the key is wrong" in said(answer) and "The provider says:" in said(answer)
        assert KEY not in source(answer)

    def test_a_wrong_path(self, client, workspace, simulator):
        row = connection(workspace, "Main", f"{simulator.base_url}/api", key=simulator.key)
        assert "the part before /v1" in said(self.ask(client, row))

    def test_each_address_has_its_say(self, client, workspace, simulator):
        row = connection(workspace, "Main", NOBODY, simulator.base_url, key=simulator.key)
        words = said(self.ask(client, row))
        assert words.index("127.0.0.1:9 can't be reached") < words.index("the key is right")

    def test_a_model_that_was_chosen_and_is_not_there(self, client, workspace):
        with answering(200, b'{"data": [{"id": "gpt-image-2"}, {"id": "gpt-4o"}]}') as base_url:
            row = connection(workspace, "Main", base_url, served_models=[OFFICIAL, VIP])
            words = said(self.ask(client, row))
        assert "Picture models: gpt-image-2." in words
        assert "Chosen for this connection, but not listed: gpt-image-2-vip." in words

    def test_a_provider_without_picture_models(self, client, workspace):
        with answering(200, b'{"data": [{"id": "gpt-4o"}]}') as base_url:
            words = said(self.ask(client, connection(workspace, "Main", base_url)))
        assert "lists no picture model that is known here, among 1 models" in words

    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [(200, b"<html>", "answers with a web page"), (503, b"{}", "failed with status 503")],
    )
    def test_something_else(self, client, workspace, status, body, sentence):
        with answering(status, body) as base_url:
            assert sentence in said(self.ask(client, connection(workspace, "Main", base_url)))

    def test_works_without_script_as_a_page(self, client, workspace):
        row = connection(workspace, "Main", NOBODY)
        page = client.post(f"/settings/connections/{row.pk}/test/")
        assert "Test of “Main”" in said(page) and "can't be reached" in said(page)

    def test_a_lost_key_is_not_sent(self, client, workspace, simulator, settings):
        row = connection(workspace, "Main", simulator.base_url)
        settings.ENCRYPTION_KEY = "another"
        assert "can't be read any more" in said(self.ask(client, row))


@pytest.mark.usefixtures("team_mode")
class TestInATeam:
    @pytest.fixture
    def row(self, workspace):
        return connection(workspace, "Ours", "https://api.example")

    def test_its_people_share_it(self, row, alice, bob, browser_of):
        for person in (alice, bob):
            assert "Ours" in said(browser_of(person).get("/settings/"))

    def test_a_stranger_neither_sees_nor_changes_it(self, row, charlie, browser_of):
        browser = browser_of(charlie)
        assert "Ours" not in said(browser.get("/settings/"))
        path = f"/settings/connections/{row.pk}/"
        assert browser.get(path).status_code == browser.get(f"{path}delete/").status_code == 404
        for act in ("", "delete/", "move/", "switch/", "test/"):
            assert browser.post(f"{path}{act}", entered(key="")).status_code == 404
        row.refresh_from_db()
        assert (row.name, row.is_enabled) == ("Ours", True)

    def test_a_private_host_is_the_operators_alone(self, alice, browser_of):
        """Whoever may log in must not look around in the network of the machine."""
        for address in (
            "http://127.0.0.1:8000",
            "http://10.0.0.7",
            "http://169.254.169.254",
            "http://2130706433",
        ):
            answer = browser_of(alice).post("/settings/connections/new/", entered(addresses=address))
            assert "private network" in said(answer), address
        assert not Connection.objects.exists()

    def test_a_name_that_became_private_is_not_asked(self, workspace, alice, browser_of, simulator):
        row = connection(workspace, "Mine", simulator.base_url, key=simulator.key)
        answer = browser_of(alice).post(f"/settings/connections/{row.pk}/test/", headers=HTMX)
        assert "private network" in said(answer)
