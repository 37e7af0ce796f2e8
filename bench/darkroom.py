"""A Darkroom of its own for a bench: a data folder, free ports, and the processes that `manage.py up` would run.

Every process that is started here ends with the `with` block, by its own number; the folder is removed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from playground.launch import processes

ROOT = Path(__file__).resolve().parent.parent
LONGEST_CALL_SECONDS = 600
STARTS_WITHIN_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(pid: int, name: str = "VmRSS") -> int:
    """Bytes of a process: VmRSS now, VmHWM at its peak. Its children's count too. 0 once it has ended."""
    total = 0
    for one in (pid, *children(pid)):
        try:
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
    return total


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process and its children have used."""
    ticks = 0
    for one in (pid, *children(pid)):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Those of all its threads."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for words in lists for word in words.split()]


def wait_until(question: Any, *, within_seconds: float, what: str) -> Any:
    """Ask until the answer is true, and return it. Raises TimeoutError."""
    ends = time.monotonic() + within_seconds
    while not (answer := question()):
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} took longer than {within_seconds:g} s")
        time.sleep(0.05)
    return answer


@dataclass
class Darkroom:
    """One installation for a bench."""

    data: Path
    environment: dict[str, str]
    port: int
    simulator_port: int
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, process: processes.Process, **environment: str) -> subprocess.Popen[bytes]:
        """Start one of the product's own processes, with the very command that supervisord would use."""
        return self.start(*process.command[1:], **process.environment, **environment)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a Python process in this installation's environment, in a process group of its own."""
        log = (self.data / "processes.log").open("ab")
        with log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self._running.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """SIGTERM, and SIGKILL for what has not ended ten seconds later."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.remove(process)

    def end_all(self) -> None:
        for process in list(reversed(self._running)):
            self.end(process)

    def inside(self, question: str, **arguments: Any) -> Any:
        """Run one of `bench.inside`'s functions with this installation's settings and return what it returns."""
        command = [sys.executable, "-m", "bench.inside", question, json.dumps(arguments)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{question}: {done.stderr.decode(errors='replace')[-2000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    # --- The processes of `manage.py up` -----------------------------------------------------------------------

    def simulator(self, speed: float = 1000) -> subprocess.Popen[bytes]:
        process = self.run(processes.simulator(self.simulator_port, speed, 7))
        self.wait_for(f"http://127.0.0.1:{self.simulator_port}/_sim", "the simulator's start")
        return process

    def worker(self, calls: int = 100) -> subprocess.Popen[bytes]:
        process = self.run(processes.worker(LONGEST_CALL_SECONDS), WORKER_CALLS=str(calls))
        wait_until(
            lambda: self.inside("is_anybody_working"),
            within_seconds=STARTS_WITHIN_SECONDS,
            what="the worker's start",
        )
        return process

    def web(self) -> subprocess.Popen[bytes]:
        process = self.run(processes.web(2))
        self.wait_for(f"{self.address}/login/", "the pages' start")
        return process

    def wait_for(self, address: str, what: str) -> None:
        def answers() -> bool:
            try:
                return httpx.get(address, timeout=5).status_code < 500
            except httpx.TransportError:
                return False

        wait_until(answers, within_seconds=STARTS_WITHIN_SECONDS, what=what)

    def calls(self, **query: int) -> dict[str, Any]:
        """The simulator's call log."""
        answer = httpx.get(f"http://127.0.0.1:{self.simulator_port}/_sim/calls", params=query, timeout=60)
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def darkroom(*, prepared: bool = True, **environment: str) -> Iterator[Darkroom]:
    """An installation in which nothing runs yet; `prepared`: its database migrated, its static files built."""
    data = Path(tempfile.mkdtemp(prefix="darkroom-bench-"))
    port, simulator_port = free_port(), free_port()
    settings = {
        "PLAYGROUND_DATA": str(data),
        "ENV_FILE": str(data / "none"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    room = Darkroom(data, kept | settings | environment, port, simulator_port)
    try:
        if prepared:
            room.inside("prepare")
        yield room
    finally:
        room.end_all()
        shutil.rmtree(data, ignore_errors=True)


# What the owner's own installation is set to says nothing here: no bench may reach a real provider or real data.
OURS = {
    "APIYI_API_KEY", "APIYI_API_KEY_FILE", "APIYI_BASE_URL", "DATABASE_URL", "REDIS_URL", "SIMULATOR_URL",
    "ALLOWED_HOSTS", "DEBUG", "HTTPS", "MEDIA_STORAGE", "MEDIA_STORAGE_OPTIONS", "PLAYGROUND_MODELS",
    "SIMULATOR_SPEED", "SIMULATOR_SEED", "WORKER_CALLS", "WEB_WORKERS", "DJANGO_SETTINGS_MODULE", "LANGUAGE_CODE",
}  # fmt: skip
