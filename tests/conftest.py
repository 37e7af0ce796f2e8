"""What every test stands on: settings of its own, the cast, and a provider to call over real HTTP.

Tests never see the settings of the person who runs them: no .env, no variable of the project, a data folder that
is removed afterwards. Tests that use a database are marked `database` by themselves; `make test` runs them on
SQLite (a file, as in real life) and once more on PostgreSQL (TEST_DATABASE_URL).

The cast: Alice and Bob share the installation's workspace, Charlie is a stranger with one of his own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import hypothesis
import pytest
from django.utils import translation
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests import environment
from tests.simulators import RunningSimulator, simulator, simulator_of_session, simulator_thread

__all__ = ["environment", "simulator", "simulator_of_session"]

# How long an example takes says more about what else the machine does than about our code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: uses a database (set by itself); runs on PostgreSQL too")


class ByInstallation(LoadScopeScheduling):
    """Tests one by one to whichever process is free, those in a browser file by file: a file may share an installation.

    xdist has `loadgroup` for this, whose groups pytest 9.2 doesn't see.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByInstallation:
    return ByInstallation(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page in Chinese leaves its thread in Chinese; a test begins in the installation's language."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_world(request: pytest.FixtureRequest) -> None:
    """For tests with a database: folders of their own, and nothing remembered from the test before."""
    if not request.node.get_closest_marker("database"):
        return
    from playground import catalog
    from playground.runs import queries

    settings, folder = request.getfixturevalue("settings"), request.getfixturevalue("tmp_path")
    settings.MEDIA_ROOT, settings.INCOMING_ROOT = folder / "media", folder / "incoming"
    settings.UPLOADS_ROOT = folder / "uploads"
    queries._usual.clear()
    request.addfinalizer(lambda: catalog.use(None))


# --- The cast -------------------------------------------------------------------------------------------------


@pytest.fixture
def workspace(db):
    """The installation's own workspace."""
    from playground.accounts.models import Workspace

    return Workspace.objects.local()


def _person(name: str, workspace):
    from playground.accounts.models import Membership, User

    person = User.objects.create_user(name, password=f"{name} likes pictures")
    if workspace is not None:
        Membership.objects.create(workspace=workspace, user=person)
    return person


@pytest.fixture
def alice(workspace):
    """Works in the installation's workspace."""
    return _person("alice", workspace)


@pytest.fixture
def bob(workspace):
    """Works in the same workspace as Alice."""
    return _person("bob", workspace)


@pytest.fixture
def charlie(db):
    """A stranger: he has an account, and a workspace elsewhere."""
    from playground.accounts.models import Workspace

    return _person("charlie", Workspace.objects.create(slug="elsewhere", name="Elsewhere"))


@pytest.fixture
def team_mode(settings) -> None:
    """An installation that asks for a login."""
    settings.LOCAL_MODE = False


@pytest.fixture
def browser_of() -> Callable:
    """A test client in which this person is logged in."""
    from django.test import Client

    def log_in(person):
        client = Client()
        client.force_login(person)
        return client

    return log_in


# --- The provider ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _provider_of_session() -> Iterator[RunningSimulator]:
    # Any key is good: the connection to the simulator has one of its own.
    with simulator_thread(key=None) as running:
        yield running


@pytest.fixture
def provider(_provider_of_session: RunningSimulator, settings) -> RunningSimulator:
    """A simulator with an empty log, to which this installation is connected (without a key, as after a clone)."""
    _provider_of_session.reset()
    settings.SIMULATED, settings.SIMULATOR_URL = True, _provider_of_session.base_url
    return _provider_of_session


@pytest.fixture
def paid_provider(provider: RunningSimulator, settings) -> RunningSimulator:
    """The same, but connected with an owner's key: what it answers counts as money."""
    settings.SIMULATED, settings.APIYI_API_KEY = False, provider.key
    settings.APIYI_BASE_URL = (provider.base_url,)
    return provider
