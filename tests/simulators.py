"""The real simulator for tests, over real HTTP: in a thread of this process, or as a process of its own.

    def test_something(simulator):                 # one per session, emptied before each test, very fast
        httpx.post(simulator.base_url + "/v1/images/generations", headers=simulator.headers, json={...})
        assert simulator.calls()["billed"] == 1

    with simulator_thread(quirks=("n-bills-n",)) as sim: ...
    with simulator_process("--speed", "100") as sim: ...; sim.process.send_signal(...)

Use it with `pytest_plugins = ["tests.simulators"]`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from playground.simulator import Options, start

KEY = "sk-simulated-0123456789"
SPEED = 5_000.0
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class RunningSimulator:
    """Where it listens and which key it takes. `process` is None for one in a thread."""

    base_url: str
    key: str = KEY
    process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        # One client for all questions; no certificates, for there is no TLS on loopback.
        self._http = httpx.Client(base_url=self.base_url, verify=False)  # noqa: S501

    def close(self) -> None:
        self._http.close()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def host(self) -> str:
        """Host and port, as a trusted host is named."""
        return self.base_url.removeprefix("http://")

    def calls(self, **query: str | int) -> dict:
        """The call log: total, billed, billed_usd, in_flight, client_gone, calls."""
        return self._http.get("/_sim/calls", params=query).raise_for_status().json()

    def reset(self) -> None:
        """Forget calls, counts and armed faults."""
        self._http.post("/_sim/reset").raise_for_status()

    def arm(self, fault: str, count: int | None = None, model: str | None = None) -> None:
        """Let coming calls fail: "503", "429 retry-after 1", "hang" ... (playground/simulator/directives.py)."""
        body = {"fault": fault, "count": count, "model": model}
        self._http.post("/_sim/faults", json=body).raise_for_status()


@contextmanager
def simulator_thread(**options) -> Iterator[RunningSimulator]:
    """A simulator in a thread; `options` are those of playground.simulator.Options."""
    wanted = {"port": 0, "key": KEY, "speed": SPEED, "seed": 1, "grace_seconds": 1.0} | options
    wanted["quirks"] = frozenset(wanted.get("quirks", ()))
    running = _Thread(Options(**wanted))
    running.start()
    running.listening.wait(timeout=30)
    if running.failure:
        raise running.failure
    try:
        with closing(RunningSimulator(running.url, key=wanted["key"] or KEY)) as simulator:
            yield simulator
    finally:
        running.stop()


@contextmanager
def simulator_process(*arguments: str) -> Iterator[RunningSimulator]:
    """`python -m playground.simulator --port 0 --key ... ARGUMENTS`, ended when the block is left."""
    command = [sys.executable, "-m", "playground.simulator", "--port", "0", "--key", KEY, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline().strip()
            with closing(RunningSimulator(line.rpartition(" ")[2], process=process)) as simulator:
                yield simulator
        finally:
            process.kill()


class _Thread(threading.Thread):
    def __init__(self, options: Options) -> None:
        super().__init__(name="simulator", daemon=True)
        self.options = options
        self.listening = threading.Event()
        self.failure: BaseException | None = None
        self.url = ""

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits
            self.failure = error
        finally:
            self.listening.set()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.ending.set)
        self.join(timeout=30)

    async def _serve(self) -> None:
        self.loop, self.ending = asyncio.get_running_loop(), asyncio.Event()
        runner, self.url = await start(self.options)
        self.listening.set()
        await self.ending.wait()
        await runner.cleanup()


@pytest.fixture(scope="session")
def simulator_of_session() -> Iterator[RunningSimulator]:
    with simulator_thread() as running:
        yield running


@pytest.fixture
def simulator(simulator_of_session: RunningSimulator) -> RunningSimulator:
    """The session's simulator with an empty log."""
    simulator_of_session.reset()
    return simulator_of_session
