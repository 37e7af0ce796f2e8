"""Which ports are taken, and who may come in at which address."""

import socket
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground.accounts.models import User
from playground.launch import start


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


class SimulatorPortTests:
    def test_a_key_needs_no_simulator(self, settings):
        settings.SIMULATED = False
        assert start.simulator_port({}) is None

    def test_one_that_runs_already_is_not_started_again(self, settings):
        settings.SIMULATED = True
        assert start.simulator_port({"SIMULATOR_URL": "http://127.0.0.1:9"}) is None

    def test_the_default_port_gives_way(self, settings, taken_port):
        settings.SIMULATED, settings.SIMULATOR_PORT = True, taken_port
        assert start.simulator_port({}) not in {None, taken_port}

    def test_a_chosen_port_does_not(self, settings, taken_port):
        settings.SIMULATED, settings.SIMULATOR_PORT = True, taken_port
        with pytest.raises(ImproperlyConfigured, match=f"SIMULATOR_PORT {taken_port} is in use"):
            start.simulator_port({"SIMULATOR_PORT": str(taken_port)})

    def test_it_never_takes_the_port_of_the_pages(self, settings):
        settings.SIMULATED, settings.SIMULATOR_PORT, settings.PORT = True, 8001, 8001
        assert start.simulator_port({}) != 8001


@pytest.mark.django_db
class WhoMayUseItTests:
    def test_the_local_owner_needs_no_account(self, settings):
        settings.LOCAL_MODE = True
        start.check_who_may_use_it()

    def test_another_address_needs_an_account_with_a_password(self, settings):
        settings.LOCAL_MODE, settings.HOST = False, "192.0.2.7"
        User.objects.create(username="nobody", password="!")
        User.objects.create_user("gone", password="long enough", is_active=False)
        with pytest.raises(ImproperlyConfigured, match="make user NAME="):
            start.check_who_may_use_it()

        User.objects.create_user("alice", password="long enough")
        start.check_who_may_use_it()

    def test_every_address_needs_names(self, settings):
        settings.LOCAL_MODE, settings.HOST, settings.PUBLIC_NAMES = False, "0.0.0.0", ()
        User.objects.create_user("alice", password="long enough")
        with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
            start.check_who_may_use_it()
