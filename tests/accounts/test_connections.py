"""Which way a call goes: the first connection that can serve the model, or the simulator while there is none."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test.utils import CaptureQueriesContext

from playground import catalog
from playground.accounts.connections import (
    ConnectionChangedError,
    NoConnectionError,
    for_links,
    for_model,
    reopen,
    routes_of,
)
from playground.accounts.models import Connection
from tests.factories import ALL, OFFICIAL, VIP, connection

pytestmark = pytest.mark.django_db
ENVIRONMENT_KEY = "sk-environment-0123456789"


def model(name):
    return catalog.default().get(name)


@pytest.fixture
def environment_key(settings):
    """An installation that was started with APIYI_API_KEY."""
    settings.APIYI_API_KEY, settings.SIMULATED = ENVIRONMENT_KEY, False
    settings.APIYI_BASE_URL = ("https://one.example", "https://two.example")
    settings.PRICE_MULTIPLIER = Decimal("0.85")


class TestWithoutAnyConnection:
    def test_the_simulator_answers(self, workspace, settings):
        way = for_model(workspace, model(OFFICIAL))
        assert (way.is_simulator, way.base_urls) == (True, (settings.SIMULATOR_URL,))
        assert routes_of(workspace).is_simulated

    def test_it_is_free_of_discounts(self, workspace, settings):
        settings.PRICE_MULTIPLIER = Decimal("0.5")
        assert routes_of(workspace).to(model(ALL)).price_multiplier == 1


class TestTheFirstThatCan:
    def test_is_the_first_in_the_owners_order(self, workspace):
        first, second = connection(workspace, "First"), connection(workspace, "Second")
        assert routes_of(workspace).to(model(ALL)).row == first
        Connection.objects.filter(pk=first.pk).update(position=9)
        assert routes_of(workspace).to(model(ALL)).row == second

    def test_is_one_that_is_switched_on(self, workspace):
        connection(workspace, "Off", is_enabled=False)
        on = connection(workspace, "On")
        assert routes_of(workspace).to(model(ALL)).row == on

    def test_is_one_that_serves_the_model(self, workspace):
        connection(workspace, "OpenAI", served_models=[OFFICIAL])
        relay = connection(workspace, "Relay")
        routes = routes_of(workspace)
        assert routes.to(model(ALL)).row == relay
        assert routes.to(model(OFFICIAL)).name == "OpenAI"

    def test_is_one_whose_token_type_fits(self, workspace):
        """The official model is billed by tokens: only a usage-priority key may use it."""
        per_call = connection(workspace, "Per call", key_type="per-call")
        usage = connection(workspace, "Usage", key_type="usage-priority")
        routes = routes_of(workspace)
        assert routes.to(model(VIP)).row == per_call
        assert routes.to(model(OFFICIAL)).row == usage

    def test_may_be_one_of_which_the_type_is_not_known(self, workspace):
        assert routes_of_one(connection(workspace)).to(model(OFFICIAL))

    def test_goes_out_with_its_own_key_addresses_and_price(self, workspace):
        connection(
            workspace,
            "Mine",
            "https://a.example",
            "http://10.0.0.7:3000",
            key="sk-mine-0123456789",
            stored_multiplier="0.9",
        )
        way = for_model(workspace, model(ALL))
        assert (way.name, way.key, way.is_simulator) == ("Mine", "sk-mine-0123456789", False)
        assert way.base_urls == ("https://a.example", "http://10.0.0.7:3000")
        assert way.price_multiplier == Decimal("0.9")
        assert "sk-mine" not in repr(way)

    def test_trusts_the_private_hosts_that_its_owner_entered_and_no_other(self, workspace):
        connection(workspace, "Mine", "https://a.example", "http://[::1]:3000")
        assert for_model(workspace, model(ALL)).trusted_hosts == {"a.example:443", "[::1]:3000"}


def routes_of_one(row):
    return routes_of(row.workspace)


class TestNone:
    """Said before the click, in a sentence that names the reason."""

    def refusal(self, workspace, name):
        with pytest.raises(NoConnectionError) as caught:
            for_model(workspace, model(name))
        return str(caught.value)

    def test_because_of_the_token_type(self, workspace):
        connection(workspace, "Main", key_type="per-call")
        assert self.refusal(workspace, OFFICIAL) == (
            "gpt-image-2 needs a usage-priority key; your connection “Main” has a per-call key."
        )

    def test_because_none_serves_the_model(self, workspace):
        connection(workspace, served_models=[VIP])
        assert "None of your connections serves gpt-image-2-all" in self.refusal(workspace, ALL)

    def test_because_all_are_switched_off_and_there_is_no_simulator(self, workspace, environment_key):
        routes_of(workspace)
        Connection.objects.update(is_enabled=False)
        assert "switched off" in self.refusal(workspace, ALL)

    def test_switching_all_off_gives_the_simulator_back_where_it_runs(self, workspace):
        connection(workspace, is_enabled=False)
        assert for_model(workspace, model(ALL)).is_simulator


class TestTheEnvironmentsKey:
    def test_makes_the_first_connection(self, workspace, environment_key):
        connection(workspace, "Second")
        way = for_model(workspace, model(ALL))
        assert (way.name, way.key, way.price_multiplier) == ("apiyi", ENVIRONMENT_KEY, Decimal("0.85"))
        assert way.base_urls == ("https://one.example", "https://two.example")

    def test_is_not_stored(self, workspace, environment_key):
        routes_of(workspace)
        columns = [value for row in Connection.objects.values() for value in row.values()]
        stored = str(
            [value for value in columns if not isinstance(value, datetime)]
        )  # microseconds are any digits
        assert ENVIRONMENT_KEY not in stored and ENVIRONMENT_KEY[-4:] not in stored

    def test_makes_one_row_however_often_it_is_looked_at(self, workspace, environment_key):
        for _ in range(3):
            routes_of(workspace)
        assert Connection.objects.count() == 1

    def test_gives_way_to_a_connection_of_the_same_name(self, workspace, environment_key):
        connection(workspace, "apiyi")
        assert {row.name for row in routes_of(workspace).rows} == {"apiyi", "apiyi (APIYI_API_KEY)"}

    def test_that_is_gone_takes_its_connection_away(self, workspace, environment_key, settings):
        routes_of(workspace)
        settings.APIYI_API_KEY, settings.SIMULATED = "", True
        assert routes_of(workspace).rows == []
        assert for_model(workspace, model(ALL)).is_simulator

    def test_shows_its_end_to_the_installations_own_people_only(self, workspace, charlie, environment_key):
        own, others = (routes_of(each).rows[0] for each in (workspace, charlie.workspaces.get()))
        assert (own.key_end, others.key_end) == ("6789", "")


class TestOneWorkspace:
    def test_never_goes_out_through_anothers_connection(self, workspace, charlie):
        connection(charlie.workspaces.get(), "Charlie's")
        assert for_model(workspace, model(ALL)).is_simulator

    def test_asks_once_for_all_models(self, workspace):
        from django.db import connection as database

        for name in ("A", "B", "C"):
            connection(workspace, name)
        with CaptureQueriesContext(database) as seen:
            routes = routes_of(workspace)
            for each in catalog.default().models:
                routes.to(each).price_multiplier  # noqa: B018
        assert len(seen) == 1


class TestReopening:
    """What was asked for keeps its way, or is not sent."""

    def test_gives_the_same_connection_with_its_newest_addresses(self, workspace):
        row = connection(workspace)
        connection(workspace, "Dearer", stored_multiplier=2)
        row.stored_base_urls = ["https://moved.example"]
        row.save()
        row.refresh_from_db()
        assert reopen(row, simulated=False).base_urls == ("https://moved.example",)

    def test_a_pretence_stays_one_when_keys_come(self, workspace):
        connection(workspace)
        assert reopen(None, simulated=True).is_simulator

    @pytest.mark.parametrize("simulated", [True, False])
    def test_nothing_changes_sides(self, workspace, settings, simulated):
        settings.SIMULATED = not simulated
        with pytest.raises(ConnectionChangedError) as caught:
            reopen(None, simulated=simulated)
        assert caught.value.code == "connection_changed"

    def test_one_that_is_switched_off_is_not_used(self, workspace):
        with pytest.raises(ConnectionChangedError) as caught:
            reopen(connection(workspace, is_enabled=False), simulated=False)
        assert caught.value.code == "connection_off"

    def test_one_whose_key_is_lost_is_not_used(self, workspace, settings):
        row = connection(workspace)
        settings.ENCRYPTION_KEY = "another"
        with pytest.raises(ConnectionChangedError) as caught:
            reopen(row, simulated=False)
        assert caught.value.code == "key_lost"

    def test_fetching_a_link_needs_no_key(self, workspace, settings):
        row = connection(workspace, "Mine", "http://127.0.0.1:8077")
        settings.ENCRYPTION_KEY = "another"
        way = for_links(row, simulated=False)
        assert (way.key, way.trusted_hosts) == ("", {"127.0.0.1:8077"})
        assert for_links(None, simulated=False).trusted_hosts == frozenset()


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "changes",
        [
            {"sealed_key": ""},
            {"key_type": "gold"},
            {"stored_multiplier": 0},
            {"from_environment": True},
        ],
    )
    def test_a_row_that_contradicts_itself(self, workspace, changes):
        row = connection(workspace)
        with pytest.raises(IntegrityError), transaction.atomic():
            Connection.objects.filter(pk=row.pk).update(**changes)

    def test_two_of_one_name(self, workspace):
        connection(workspace)
        with pytest.raises(IntegrityError), transaction.atomic():
            connection(workspace)
