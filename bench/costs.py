"""How quick is the Costs page with a million calls in the ledger, on both databases: this month, a year, all, the file?

A web server of two processes answers one reader; what is timed is the whole answer, rendering and compression
included. The first row is the same page with nothing in it.
"""

import time

from bench.darkroom import Darkroom, darkroom
from bench.gallery import databases, times_of, web_of
from bench.tables import milliseconds, note, percentile, show, verdict

AIM_SECONDS = 0.200
COUNT, QUICK_COUNT = 1_000_000, 5_000
ROUNDS, QUICK_ROUNDS = 30, 5
PAGES = {
    "this month": "/costs/",
    "the last year": "/costs/?first={year}",
    "two years": "/costs/?first={first}",
    "the simulator's": "/costs/?of=simulator&first={first}",
    "the limits": "/costs/limits/",
    "the studio, with its limits": "/",
}


def main(quick: bool = False) -> None:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    missed = [one for name, url in databases() for one in _database(name, url, count, rounds)]
    note(
        f"Aim: p95 under {milliseconds(AIM_SECONDS)}: {verdict(not missed)}{': ' if missed else ''}{', '.join(missed)}."
    )


def _database(name: str, url: str, count: int, rounds: int) -> list[str]:
    """Measure and print; the titles of what took longer than it should."""
    with darkroom(DATABASE_URL=url, APIYI_API_KEY="sk-no-provider-hears-of-this") as room:
        with web_of(room):
            few = times_of(room, "/costs/", rounds)
        seconds = _seed(room, count)
        spans = room.inside("ledger_spans")
        with web_of(room):
            times = {title: times_of(room, path.format(**spans), rounds) for title, path in PAGES.items()}
    rows = [_row("this month, with nothing spent", few), *(_row(*each) for each in times.items())]
    head = ("", "p50", "p95", "slowest")
    show(f"The Costs page with {count:,} calls on {name} ({seconds:.0f} s to seed)", head, rows)
    return [f"{title} on {name}" for title, found in times.items() if percentile(found, 0.95) >= AIM_SECONDS]


def _seed(room: Darkroom, count: int) -> float:
    began = time.monotonic()
    room.inside("invent_ledger", count=count)
    return time.monotonic() - began


def _row(title: str, times: list[float]) -> tuple[str, ...]:
    return (
        title,
        *(milliseconds(each) for each in (percentile(times, 0.5), percentile(times, 0.95), max(times))),
    )
