"""A frame goes out through the connection that it was priced for, or not at all."""

import uuid
from decimal import Decimal

import pytest

from playground.accounts.connections import NoConnectionError
from playground.runs import queries, services, states
from playground.runs.asking import answer
from playground.runs.models import Generation, State
from playground.runs.work import carry_out
from tests.factories import ALL, OFFICIAL, VIP, claim, connection, queued, run, worker_row
from tests.simulators import simulator_thread

NOBODY = "http://127.0.0.1:9"  # nothing listens there


@pytest.fixture
def here(workspace, provider):
    """A connection of the workspace's own to the provider: what it answers counts as money."""
    return connection(workspace, "Here", provider.base_url, key=provider.key, stored_multiplier="0.85")


def carried_out(generation, hands):
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


class TestAFrame:
    def test_remembers_the_connection_and_the_price_it_was_promised(self, hands, workspace, here):
        generation = queued(workspace)
        assert (generation.connection, generation.simulated) == (here, False)
        assert generation.estimate_high == Decimal("0.0255")

        type(here).objects.update(stored_multiplier=2)
        carried_out(generation, hands)
        attempt = generation.attempts.get()
        assert (attempt.connection, attempt.simulated) == ("Here", False)
        assert generation.cost == Decimal("0.0255") == answer(queries.glance(workspace)).spent

    def test_of_each_model_takes_the_way_that_serves_it(self, hands, workspace, here, provider):
        with simulator_thread(key="sk-another-0123456789") as other:
            type(here).objects.update(served_models=[ALL])
            connection(workspace, "There", other.base_url, key=other.key)
            for generation in run(workspace, ALL, VIP).generations.select_related("run"):
                assert carried_out(generation, hands).state == State.SUCCEEDED
            assert [call["model"] for call in provider.calls()["calls"]] == [ALL]
            assert [call["model"] for call in other.calls()["calls"]] == [VIP]

    def test_of_the_official_model_needs_a_key_that_may(self, workspace, here):
        type(here).objects.update(key_type="per-call")
        with pytest.raises(NoConnectionError):
            run(workspace, ALL, OFFICIAL)
        assert not workspace.runs.exists()

    def test_takes_the_next_address_of_its_connection(self, hands, workspace, here, provider):
        type(here).objects.update(stored_base_urls=[NOBODY, provider.base_url])
        generation = carried_out(queued(workspace), hands)
        assert list(generation.attempts.values_list("base_url", flat=True)) == [NOBODY, provider.base_url]
        assert generation.state == State.SUCCEEDED

    def test_fetches_links_from_the_private_host_that_its_owner_entered(self, hands, workspace, here):
        prompt = "A tea tin [[sim: plain, url-slow 0s, size 96x64]]"
        assert carried_out(queued(workspace, prompt=prompt), hands).state == State.SUCCEEDED


class TestNotSent:
    def refused(self, generation, hands, provider, failure):
        carried_out(generation, hands)
        assert (generation.state, generation.failure, generation.billed) == (State.FAILED, failure, "no")
        assert not generation.attempts.exists()
        assert provider.calls()["total"] == 0

    def test_through_a_connection_that_was_deleted(self, hands, workspace, here, provider):
        generation = queued(workspace)
        connection(workspace, "Another", provider.base_url)
        here.delete()
        self.refused(generation, hands, provider, "connection_changed")

    def test_through_one_that_was_switched_off(self, hands, workspace, here, provider):
        generation = queued(workspace)
        type(here).objects.update(is_enabled=False)
        self.refused(generation, hands, provider, "connection_off")

    def test_with_a_key_that_cannot_be_read(self, hands, workspace, here, provider, settings):
        generation = queued(workspace)
        settings.ENCRYPTION_KEY = "another secret"
        self.refused(generation, hands, provider, "key_lost")

    def test_as_a_purchase_when_it_was_a_pretence(self, hands, workspace, provider, settings):
        generation = queued(workspace)
        settings.SIMULATED, settings.APIYI_API_KEY = False, "sk-new-0123456789"
        settings.APIYI_BASE_URL = (provider.base_url,)
        self.refused(generation, hands, provider, "connection_changed")

    def test_as_a_pretence_when_it_was_a_purchase(self, hands, workspace, paid_provider, settings):
        generation = queued(workspace)
        settings.SIMULATED, settings.APIYI_API_KEY = True, ""
        self.refused(generation, hands, paid_provider, "connection_changed")


class TestAPretence:
    def test_goes_on_as_one_after_a_connection_was_added(self, hands, workspace, provider):
        generation = queued(workspace)
        connection(workspace, "New", NOBODY)
        assert carried_out(generation, hands).state == State.SUCCEEDED
        assert generation.attempts.get().simulated is True
        assert answer(queries.glance(workspace)).spent == 0


@pytest.mark.django_db
class TestOnceMore:
    def failed(self, workspace):
        generation = queued(workspace)
        claim(generation, worker_row())
        states.fail(generation, "busy")
        return generation

    def test_a_pretence_is_not_bought_by_one_click(self, workspace):
        generation = self.failed(workspace)
        connection(workspace)
        for act in (services.retry, lambda each: services.another(each, uuid.uuid4())):
            with pytest.raises(services.AnotherKindError):
                act(generation)
        assert Generation.objects.count() == 1

    def test_goes_through_what_serves_it_now(self, workspace):
        old = connection(workspace, "Old")
        generation = self.failed(workspace)
        old.delete()
        new = connection(workspace, "New", stored_multiplier=2)
        again = services.retry(Generation.objects.select_related("run").get(pk=generation.pk))
        assert (again.connection, again.estimate_high) == (new, Decimal("0.06"))

    def test_needs_a_connection(self, workspace):
        row = connection(workspace)
        generation = self.failed(workspace)
        type(row).objects.update(served_models=[VIP])
        with pytest.raises(NoConnectionError):
            services.retry(generation)
