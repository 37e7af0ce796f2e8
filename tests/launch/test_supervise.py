"""What keeps the processes running: seen with small programs of its own, without Django."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.launch.processes import Process, configuration
from tests.launch.conftest import Started, processes, until

# Says that it is up; on SIGTERM takes a while, says so and ends. A second SIGTERM ends it at once.
PROGRAM = """\
import signal, sys, threading
name, seconds = sys.argv[1], float(sys.argv[2])
told, hurried = threading.Event(), threading.Event()
signal.signal(signal.SIGTERM, lambda *_: (hurried if told.is_set() else told).set())
print(name, "is up", flush=True)
while not told.wait(0.05): pass
print(name, "was told", flush=True)
while not hurried.wait(0.05) and (seconds := seconds - 0.05) > 0: pass
print(name, "was hurried" if hurried.is_set() else "is done", flush=True)
"""
FAILS = "raise SystemExit('no disk')\n"


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start(**programs: float | str) -> Started:
        """Each program by its name: the seconds it takes to end, or its whole text."""
        for name, how in programs.items():
            (tmp_path / f"{name}.py").write_text(how if isinstance(how, str) else PROGRAM)
        planned = [
            Process(name, ("python", f"{tmp_path}/{name}.py", name, str(how).split()[0]), stop_seconds=60)
            for name, how in programs.items()
        ]
        (tmp_path / "conf").write_text(configuration(planned))
        command = [sys.executable, "-m", "playground.launch.supervise", str(tmp_path / "conf")]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        started.append(Started(command, os.environ | {"PATH": path}, tmp_path / "log"))
        return started[0]

    yield start
    for each in started:
        each.kill()


def test_it_stops_the_last_started_first_and_waits_for_each(supervise: Callable[..., Started]) -> None:
    running = supervise(simulator=0, worker=1, web=0)
    for name in ("simulator", "worker", "web"):
        running.says(f"{name} is up")

    running.signal(signal.SIGTERM)

    assert running.ended() == 0
    said = [
        line.split("| ")[1] for line in running.printed.splitlines() if "| " in line and "is up" not in line
    ]
    assert said == [
        "web was told", "web is done", "worker was told", "worker is done", "simulator was told", "simulator is done",
    ]  # fmt: skip


def test_a_second_signal_stops_at_once(supervise: Callable[..., Started]) -> None:
    running = supervise(worker=600)
    running.says("worker is up")
    running.signal(signal.SIGINT)
    running.says("worker was told")
    # The same wish may arrive twice (make hands it on, too), so a second one counts from a second on.
    until("hurry", lambda: "Stopping at once" in running.printed or running.signal(signal.SIGINT))

    assert running.ended() == 0
    assert "worker was hurried" in running.printed


def test_a_process_that_was_killed_is_started_again(supervise: Callable[..., Started]) -> None:
    running = supervise(worker=0)
    running.says("worker is up")

    running.kill_child("worker.py")

    running.says("The worker process ended unexpectedly; starting it again.")
    running.says("worker is up", times=2)


def test_a_process_that_never_starts_ends_everything(supervise: Callable[..., Started]) -> None:
    running = supervise(worker=FAILS, web=0)

    assert running.ended() == 1
    assert "worker    | no disk" in running.printed
    assert "The worker process did not start in 4 tries" in running.printed
    assert not any(str(running.log.parent) in line for _, line in processes().values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_nothing_is_left_when_what_watches_is_killed(supervise: Callable[..., Started]) -> None:
    running = supervise(worker=0, web=0)
    running.says("worker is up")
    running.says("web is up")
    children = running.children()

    running.signal(signal.SIGKILL)

    running.ended()
    until("their end", lambda: not children.keys() & processes().keys())
