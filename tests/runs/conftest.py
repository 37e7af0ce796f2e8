"""A worker's hands for tests: a real gateway, and a clock that does not make anybody wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from playground import catalog
from playground.gateway import Gateway
from tests import services
from tests.factories import worker_row


class Patience(threading.Event):
    """The stop flag of a worker, on which it waits between two tries: notes the seconds, and waits none of them."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        self.meanwhile()
        return self.is_set()


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    """One for the process, as in a worker."""
    opened = Gateway()
    yield opened
    opened.close()


@pytest.fixture
def hands(transactional_db, provider, gateway, patience):
    """What a worker works with. Calls go to the simulator; between tries nobody waits."""
    from playground.runs.work import Hands

    return Hands(worker_row(), gateway, patience)


@pytest.fixture
def impatient(tmp_path) -> None:
    """The shipped models, but a call may take one second, so that nobody waits minutes for a time-out."""
    extra = tmp_path / "impatient.toml"
    extra.write_text(
        "\n".join(
            f"[models.{name}]\nlike = '{name}'\n[models.{name}.timing]\ntimeout_seconds = 1\nheavy_timeout_seconds = 1"
            for name in ("gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2")
        )
    )
    catalog.use(catalog.load(catalog.SHIPPED, extra))


def _queue(kind: str, settings, monkeypatch) -> Iterator[dict[str, str]]:
    """An empty queue of the test's own; gives the variables with which another process shares it."""
    from playground.runs import queue

    values = {}
    if kind == "redis":
        services.need(services.why_no_redis())
        values["REDIS_URL"] = settings.REDIS_URL = services.REDIS_URL
    else:
        settings.QUEUE_FILE = settings.MEDIA_ROOT.parent / "queue.sqlite3"
    storage = queue.open_queue().storage
    monkeypatch.setattr(queue.huey, "storage", storage)
    storage.flush_queue()
    yield values
    storage.flush_queue()
    storage.close()


@pytest.fixture(params=["file", pytest.param("redis", marks=pytest.mark.services)])
def any_queue(request, settings, monkeypatch) -> Iterator[dict[str, str]]:
    """Each kind of queue in turn."""
    yield from _queue(request.param, settings, monkeypatch)


@pytest.fixture
def scaled_queue(settings, monkeypatch) -> Iterator[dict[str, str]]:
    """The queue that goes with the database: a file with SQLite, Redis (where there is one) with PostgreSQL."""
    from django.db import connection

    on_redis = connection.vendor == "postgresql" and (services.REQUIRED or not services.why_no_redis())
    yield from _queue("redis" if on_redis else "file", settings, monkeypatch)
