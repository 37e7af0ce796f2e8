"""How quick is the scoreboard with a hundred thousand votes, on both databases: all of them, filtered, as a file?

A web server of two processes answers one reader; what is timed is the whole answer, rendering and compression
included. The first row is the same page without a vote. A page adds the votes up once and remembers them until the next
vote: what that takes is the last row, which is the query alone.
"""

import time

from bench.darkroom import darkroom
from bench.gallery import databases, seed_pictures, times_of, web_of
from bench.tables import milliseconds, note, percentile, show, verdict

AIM_SECONDS = 0.100
COUNT, QUICK_COUNT = 100_000, 2_000
PICTURES, QUICK_PICTURES = 5_000, 200
ROUNDS, QUICK_ROUNDS = 30, 5
PAGES = {
    "every vote": "/votes/scoreboard/?of=provider",
    "one kind": "/votes/scoreboard/?of=provider&mode=edit",
    "a year": "/votes/scoreboard/?of=provider&since={year}",
    "only blind ones": "/votes/scoreboard/?of=provider&blind=1",
    "a tag": "/votes/scoreboard/?of=provider&tag={tag}",
    "a collection": "/votes/scoreboard/?of=provider&collection={collection}",
    "as a file": "/votes/scoreboard.csv?of=provider",
    "what waits": "/votes/",
}


def main(quick: bool = False) -> None:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    pictures = QUICK_PICTURES if quick else PICTURES
    missed = [one for name, url in databases() for one in _database(name, url, count, pictures, rounds)]
    note(
        f"Aim: p95 under {milliseconds(AIM_SECONDS)}: {verdict(not missed)}{': ' if missed else ''}{', '.join(missed)}."
    )


def _database(name: str, url: str, count: int, pictures: int, rounds: int) -> list[str]:
    """Measure and print; the titles of what took longer than it should."""
    with darkroom(DATABASE_URL=url) as room:
        seed_pictures(room, pictures)
        with web_of(room):
            none = times_of(room, PAGES["every vote"], rounds)
        began = time.monotonic()
        room.inside("invent_votes", count=count)
        seconds = time.monotonic() - began
        places, adding_up = room.inside("scoreboard_places"), room.inside("times_of_adding_up", rounds=rounds)
        with web_of(room):
            times = {title: times_of(room, path.format(**places), rounds) for title, path in PAGES.items()}
    times["adding them up anew"] = adding_up
    rows = [_row("no votes", none), *(_row(*each) for each in times.items())]
    head = ("", "p50", "p95", "slowest")
    show(f"The scoreboard with {count:,} votes on {name} ({seconds:.0f} s to seed)", head, rows)
    return [f"{title} on {name}" for title, found in times.items() if percentile(found, 0.95) >= AIM_SECONDS]


def _row(title: str, times: list[float]) -> tuple[str, ...]:
    return (title, *(milliseconds(percentile(times, share)) for share in (0.5, 0.95, 1)))


if __name__ == "__main__":
    main()
