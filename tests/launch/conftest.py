"""Real processes for the tests of starting and stopping: on free ports, with a data folder of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Generous: the machine may be busy with other tests.
DEADLINE_SECONDS = 120
SETTINGS = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, answer: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> object:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
    return found


def environment(data: Path, **values: object) -> dict[str, str]:
    """This process's environment without any setting of the project, plus those given."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return (
        kept | {"ENV_FILE": os.devnull, "PLAYGROUND_DATA": str(data)} | {k: str(v) for k, v in values.items()}
    )


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )


class Started:
    """A program that runs until it is stopped, and what it printed so far."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )

    @property
    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str, times: int = 1) -> None:
        """Wait until it has printed these words so often."""

        def said() -> bool:
            if self.printed.count(words) >= times:
                return True
            assert self.process.poll() is None, f"ended without saying {words!r}:\n{self.printed}"
            return False

        until(f"{words!r} in the output:\n{self.printed}", said)

    def children(self) -> dict[int, str]:
        """Every process below it, by its id: the command line."""
        found: dict[int, str] = {}
        parents = {self.process.pid}
        while below := {pid: line for pid, (parent, line) in processes().items() if parent in parents}:
            found |= below
            parents = set(below)
        return found

    def child(self, words: str) -> int:
        """The id of the process directly below whose command line has these words; 0 when there is none yet."""
        own = self.process.pid
        return next(
            (pid for pid, (parent, line) in processes().items() if parent == own and words in line), 0
        )

    def kill_child(self, words: str) -> int:
        """Kill that process the hard way; returns its id. Never 0, which would be this whole process group."""
        pid = self.child(words)
        assert pid, f"no child runs {words!r}"
        os.kill(pid, signal.SIGKILL)
        return pid

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, seconds: float = DEADLINE_SECONDS) -> int:
        return self.process.wait(seconds)

    def kill(self) -> None:
        left = self.children()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in left:
            if pid in processes():
                os.kill(pid, signal.SIGKILL)


def processes() -> dict[int, tuple[int, str]]:
    """Every living process: its parent and its command line."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=3) for line in listed.stdout.splitlines()]
    return {
        int(row[0]): (int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")
    }


class Darkroom(Started):
    """`manage.py up`, ready to be looked at."""

    def __init__(self, data: Path, log: Path, **values: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        defaults = {"PORT": self.port, "SIMULATOR_PORT": free_port(), "WEB_WORKERS": 1}
        wanted = defaults | values
        self.simulator_url = f"http://127.0.0.1:{wanted['SIMULATOR_PORT']}"
        env = environment(data, **wanted)
        super().__init__([sys.executable, "manage.py", "up"], env, log)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30, trust_env=False)

    def is_healthy(self) -> bool:
        try:
            return self.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def start_darkroom(tmp_path: Path) -> Iterator[Callable[..., Darkroom]]:
    """Start it and wait until it says where it is; whatever is left of it afterwards is killed."""
    started: list[Darkroom] = []

    def start(**values: object) -> Darkroom:
        darkroom = Darkroom(tmp_path / "data", tmp_path / f"log-{len(started)}", **values)
        started.append(darkroom)
        darkroom.says("Darkroom is at")
        return darkroom

    yield start
    for darkroom in started:
        darkroom.kill()
