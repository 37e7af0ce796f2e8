"""Real workers, as `make run` starts them, on the database, queue and folders of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.environment import ROOT

DEADLINE_SECONDS = 60  # the machine may be busy with other tests


def until(what: str, answer: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> object:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
    return found


def database_url() -> str:
    """The test's database, as DATABASE_URL names it."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{parts['NAME']}"
    host = f"{parts['HOST'] or '127.0.0.1'}:{parts['PORT'] or 5432}"
    user = f"{parts['USER']}:{parts['PASSWORD']}" if parts["PASSWORD"] else parts["USER"]
    return f"postgres://{user}@{host}/{parts['NAME']}"


class WorkerProcess:
    """`manage.py worker`."""

    def __init__(self, data: Path, simulator_url: str, calls: int, **values: object) -> None:
        env = os.environ | {
            "PLAYGROUND_DATA": str(data), "DATABASE_URL": database_url(), "SIMULATOR_URL": simulator_url,
            "WORKER_CALLS": str(calls), **{name: str(value) for name, value in values.items()},
        }  # fmt: skip
        self.log = data / f"worker-{time.monotonic_ns()}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"], cwd=ROOT, env=env,
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    @property
    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str) -> None:
        until(f"{words!r} in:\n{self.printed}", lambda: words in self.printed)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)

    def ended(self) -> int:
        return self.process.wait(DEADLINE_SECONDS)


@contextmanager
def workers(simulator_url: str, **values: object) -> Iterator[Callable[..., WorkerProcess]]:
    """Start workers on this test's folders; those that are left at the end are killed."""
    data = Path(settings.MEDIA_ROOT).parent
    started: list[WorkerProcess] = []

    def start(calls: int = 8) -> WorkerProcess:
        started.append(WorkerProcess(data, simulator_url, calls, **values))
        return started[-1]

    try:
        yield start
    finally:
        for worker in started:
            if worker.process.poll() is None:
                worker.kill()
            print(f"{worker.log.name} ended with {worker.process.returncode}\n{worker.printed}")  # noqa: T201
