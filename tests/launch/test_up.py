"""The real start: `manage.py up`, as `make run` calls it."""

import signal
from collections.abc import Callable

from tests.launch.conftest import Darkroom, processes, until


def test_it_starts_answers_heals_and_stops(start_darkroom: Callable[..., Darkroom]) -> None:
    """One start for all of it: starting takes seconds, looking takes none."""
    darkroom = start_darkroom()

    assert f"http://127.0.0.1:{darkroom.port}" in darkroom.printed
    assert "nothing is billed" in darkroom.printed
    health = darkroom.get("/healthz").json()
    assert (health["status"], health["database"], health["worker"], health["provider"]) == (
        "ok", "ok", "ok", "simulator",
    )  # fmt: skip
    assert darkroom.get("/").status_code == 200
    assert darkroom.get("/", Host="evil.example").status_code == 400

    worker = darkroom.kill_child("manage.py worker")
    darkroom.says("The worker process ended unexpectedly; starting it again.")
    until("another worker", lambda: darkroom.child("manage.py worker") not in {0, worker})
    until("a healthy page", darkroom.is_healthy)

    children = darkroom.children()
    assert {"granian", "worker", "simulator"} <= {word for line in children.values() for word in line.split()}
    darkroom.signal(signal.SIGTERM)
    assert darkroom.ended() == 0
    assert "Darkroom has stopped." in darkroom.printed
    assert not children.keys() & processes().keys()
    assert "Traceback" not in darkroom.printed


def test_a_port_in_use_is_said_before_anything_starts(start_darkroom: Callable[..., Darkroom]) -> None:
    first = start_darkroom(SIMULATOR_URL="http://127.0.0.1:9")

    second = Darkroom(first.log.parent / "other", first.log.parent / "log", PORT=first.port)

    assert second.ended() == 2
    assert second.printed == (
        f"Port {first.port} is in use: stop the program that listens there, or choose another with PORT=8080.\n"
    )
