"""How much does one worker need with 500 generations in flight, and does it keep its promises meanwhile?

All are in flight before the first is answered (the simulator takes its time), then the answers come at once, which
is the worst that can happen to memory. "No call twice" is counted at the simulator, not by ourselves.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench.darkroom import ROOT, Darkroom, darkroom, memory
from bench.tables import megabytes, note, show, verdict

AIM_BYTES = 250e6
MODEL = "gpt-image-2"
PARAMETERS = {"size": "1024x1024", "quality": "low", "output_format": "png"}
POSTGRES = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/13")


@dataclass
class Watched:
    """What a worker's memory was (bytes), sampled four times a second."""

    idle: int = 0
    peak: int = 0
    in_flight: list[int] = field(default_factory=list)
    most_in_flight: int = 0

    @property
    def steady(self) -> int:
        return max(self.in_flight, default=0)


def main(quick: bool = False) -> None:
    count, wait_seconds = (40, 3) if quick else (500, 12)
    rows = [bare(count, wait_seconds), product("SQLite, flat", count, wait_seconds, plain=True)]
    rows.append(product("SQLite, pictures", count, wait_seconds))
    skipped = []
    try:
        with services() as settings:
            rows.append(product("PostgreSQL + Redis, pictures", count, wait_seconds, **settings))
    except UnavailableError as reason:
        skipped.append(str(reason))
    head = (
        "",
        "steady",
        "peak",
        "claims",
        "answered",
        "all ended",
        "sent twice",
        "not done",
        f"< {megabytes(AIM_BYTES)}",
    )
    show(f"{count} generations in flight in one worker process", head, rows)
    note("steady: with all in flight; claims: from the first to the last; answered: after the last claim.")
    note("bare: a loop of httpx threads that streams the same 1K answers to disk, undecoded.")
    for reason in skipped:
        note(f"Skipped: {reason}")


def prompt(wait_seconds: float, plain: bool) -> str:
    return f"A lighthouse in fog [[sim: slow {wait_seconds:g}s{', plain' if plain else ''}]]"


def product(
    name: str, count: int, wait_seconds: float, *, plain: bool = False, **settings: str
) -> list[object]:
    """One row: `count` generations asked for, then a worker started that claims them all."""
    with darkroom(**settings) as room:
        room.simulator()
        if not plain:
            warm_up(room)
        room.inside(
            "ask", count=count, prompt=prompt(wait_seconds, plain), model=MODEL, parameters=PARAMETERS
        )
        worker = room.worker(calls=count)
        with watching(room, worker.pid, count) as watched:
            found = room.inside("outcome", within_seconds=240)
        calls = room.calls(after=0)
        log = room.data / "processes.log"
        if lines := [one for one in log.read_text().splitlines() if "listening on" not in one]:
            note(f"{name}: the worker said {len(lines)} lines, the last of them: {lines[-1][:200]}")
    return _row(name, count, found, watched, calls, 0 if plain else 1)


def _row(
    name: str, count: int, found: dict[str, Any], watched: Watched, calls: dict[str, Any], warm_ups: int
) -> list[object]:
    done = found["states"].get("succeeded", 0)
    surplus = calls["total"] - warm_ups - count
    assert Counter(call["outcome"] for call in calls["calls"])["answered"] == calls["total"], (
        "calls broke off"
    )
    return [
        name, megabytes(watched.steady), megabytes(watched.peak), f"{found['claim_seconds']:.1f} s",
        f"{found['seconds'] - found['claim_seconds']:.1f} s", sum(found["states"].values()) == count, surplus,
        count - done, verdict(watched.peak < AIM_BYTES),
    ]  # fmt: skip


def warm_up(room: Darkroom) -> None:
    """Have one picture drawn, which the simulator hands to a crowd with another seed noted in each file."""
    command = [sys.executable, "-m", "bench.bare_flight", *_bare_arguments(room, 1, 0, plain=False)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def bare(count: int, wait_seconds: float) -> list[object]:
    with darkroom() as room:
        room.simulator()
        warm_up(room)
        command = [
            sys.executable,
            "-m",
            "bench.bare_flight",
            *_bare_arguments(room, count, wait_seconds, plain=False),
        ]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        found = json.loads(done.stdout)
        total = room.calls(limit=0)["total"]
    answered = found["seconds"] - found["sent_seconds"]
    return [
        "bare httpx threads", megabytes(found["steady"]), megabytes(found["peak"]), f"{found['sent_seconds']:.1f} s",
        f"{answered:.1f} s", "-", total - 1 - count, "-", "",
    ]  # fmt: skip


def _bare_arguments(room: Darkroom, count: int, wait_seconds: float, *, plain: bool) -> list[str]:
    folder = room.data / "bare"
    folder.mkdir(exist_ok=True)
    body = {"model": MODEL, "prompt": prompt(wait_seconds, plain), "n": 1, **PARAMETERS}
    url = f"http://127.0.0.1:{room.simulator_port}/v1/images/generations"
    return [url, str(count), str(folder), json.dumps(body)]


@contextmanager
def watching(room: Darkroom, pid: int, count: int) -> Iterator[Watched]:
    watched, over = Watched(idle=memory(pid)), threading.Event()

    def look() -> None:
        while not over.wait(0.25):
            in_flight = room.calls(limit=0)["in_flight"]
            watched.most_in_flight = max(watched.most_in_flight, in_flight)
            if in_flight == count:
                watched.in_flight.append(memory(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield watched
    finally:
        watched.peak = memory(pid, "VmHWM")
        over.set()
        looking.join()
        if watched.most_in_flight < count:
            note(f"Only {watched.most_in_flight} of {count} were in flight at once: the machine is busy.")


class UnavailableError(Exception):
    """A service that a row needs does not answer."""


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """A database of our own on the PostgreSQL that answers, and a Redis database that is empty; both left as found."""
    import psycopg
    import redis

    name = f"darkroom_bench_{os.getpid()}"
    try:
        queue = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
        if queue.dbsize():
            raise UnavailableError("the Redis database of BENCH_REDIS_URL is not empty.")
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=2)
    except (psycopg.OperationalError, redis.RedisError) as error:
        raise UnavailableError(f"PostgreSQL + Redis ({str(error).splitlines()[0]})") from error
    with admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield {
                "DATABASE_URL": urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}")),
                "REDIS_URL": REDIS,
            }
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            queue.flushdb()
            queue.close()


if __name__ == "__main__":
    began = time.monotonic()
    main(quick="--quick" in sys.argv)
    note(f"{time.monotonic() - began:.0f} s")
