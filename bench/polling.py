"""How quick are polls with 2,000 pages open, each asking every 1.5 seconds?

Most polls find nothing new (204); one in fifty, as if each page got news every 75 seconds, brings a frame that
changed (200). The bare view is measured in the same run, by turns, with the same generator.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.darkroom import ROOT, cpu_seconds, darkroom, free_port, memory
from bench.tables import megabytes, milliseconds, note, percentile, show, verdict
from playground.launch import processes

INTERVAL_SECONDS = 1.5
NEWS_EVERY = 50
AIM_SECONDS = 0.025
MOST_TIMES_BARE = 2


@dataclass
class Round:
    """One measurement: latencies in seconds by HTTP status."""

    latencies: dict[str, list[float]]
    errors: dict[str, int]
    per_second: float
    processor_share: float
    server_share: float

    @property
    def all(self) -> list[float]:
        return [value for values in self.latencies.values() for value in values]


def main(quick: bool = False) -> None:
    pages, seconds, rounds = (200, 3, 1) if quick else (2000, 9, 3)
    with darkroom() as room:
        web = room.web()
        bare_port = free_port()
        command = [part.replace("playground.wsgi:", "bench.bare_web:") for part in processes.web(2).command]
        bare = room.start(*command[1:], GRANIAN_PORT=str(bare_port))
        bare_address = f"http://127.0.0.1:{bare_port}"
        room.wait_for(f"{bare_address}/live/", "the bare view's start")
        known = room.inside("something_to_poll")
        idle = memory(web.pid)
        quiet, news = _paths(known)
        measured: dict[str, list[Round]] = {"bare": [], "quiet": [], "product": []}
        for _ in range(rounds):
            bare_paths = ["/live/", "/live/", "0"]
            measured["bare"].append(_measure(bare.pid, bare_address, bare_paths, pages, seconds))
            measured["quiet"].append(_measure(web.pid, room.address, [quiet, quiet, "0"], pages, seconds))
            mixed = [quiet, news, str(NEWS_EVERY)]
            measured["product"].append(_measure(web.pid, room.address, mixed, pages, seconds))
        rows = [_row("bare Django view, 204", measured["bare"], bare.pid)]
        rows.append(_row("the product, nothing new", measured["quiet"], web.pid))
        rows.append(_row(f"the product, news in each {NEWS_EVERY}th", measured["product"], web.pid))
        for status, words in (("204", "  nothing new (204)"), ("200", "  a changed frame (200)")):
            rows.append(_row(words, measured["product"], None, status))
        size = memory(web.pid)
    head = ("", "p50", "p95", "p99", "requests/s", "errors", "server CPU", "generator CPU", "server memory")
    title = f"{pages} pages open, each polling every {INTERVAL_SECONDS} s"
    show(title, head, rows)
    mixed_p95, quiet_p95, bare_p95 = (_p95(measured[name]) for name in ("product", "quiet", "bare"))
    note(
        f"Aims: p95 with news under {milliseconds(AIM_SECONDS)}: {verdict(mixed_p95 < AIM_SECONDS)}; the same answer "
        f"in at most twice the bare view's p95: {verdict(quiet_p95 <= MOST_TIMES_BARE * bare_p95)} "
        f"({quiet_p95 / bare_p95:.1f} times)."
    )
    note(f"Medians of {rounds} rounds of {seconds} s, by turns.")
    note(f"Memory of granian and its 2 workers: {megabytes(idle)} before, {megabytes(size)} after.")


def _paths(known: dict[str, int]) -> list[str]:
    """Asked by a page that knows the latest, and by one that lacks the last change."""
    rest = f"&newest={known['newest']}&oldest=1"
    return [f"/studio/live/?since={known[name]}{rest}" for name in ("revision", "before")]


def _measure(server: int, address: str, paths: Sequence[str], pages: int, seconds: float) -> Round:
    arguments = [address, *paths, str(pages), str(seconds), str(INTERVAL_SECONDS)]
    before = cpu_seconds(server)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-1000:])
    found: dict[str, Any] = json.loads(done.stdout)
    share = (cpu_seconds(server) - before) / (seconds + INTERVAL_SECONDS)
    return Round(**found, server_share=share)


def _p95(rounds: Sequence[Round], status: str | None = None, share: float = 0.95) -> float:
    return statistics.median(
        percentile(one.latencies.get(status, []) if status else one.all, share) for one in rounds
    )


def _row(title: str, rounds: Sequence[Round], pid: int | None, status: str | None = None) -> list[object]:
    figures = [milliseconds(_p95(rounds, status, share)) for share in (0.5, 0.95, 0.99)]
    if pid is None:
        return [title, *figures, "", "", "", "", ""]
    return [
        title,
        *figures,
        f"{statistics.median(one.per_second for one in rounds):.0f}",
        sum(sum(one.errors.values()) for one in rounds),
        f"{statistics.median(one.server_share for one in rounds):.2f} cores",
        f"{statistics.median(one.processor_share for one in rounds):.2f} cores",
        megabytes(memory(pid)),
    ]


if __name__ == "__main__":
    main()
