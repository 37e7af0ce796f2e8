"""How quick is the gallery with a million pictures, on both databases: first page, deep page, each filter, search?

A web server of two processes answers one reader; what is timed is the whole answer, rendering and compression
included. The first row is the same page of an installation with as many pictures as fill it. Filters and searches are
asked as the page asks them, for what they find; "whole" is the address of one, opened by itself.
"""

import http.client
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg

from bench.darkroom import Darkroom, darkroom
from bench.tables import milliseconds, note, percentile, show, verdict

AIM_SECONDS = 0.020
COUNT, QUICK_COUNT, A_PAGE = 1_000_000, 2_000, 60
ROUNDS, QUICK_ROUNDS, WARM_UP = 60, 5, 6
WHOLE = "&"  # at the end of an address that a browser opens, instead of asking for a part
POSTGRES = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"


def main(quick: bool = False) -> None:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    missed = [one for name, url in databases() for one in _database(name, url, count, rounds)]
    note(
        f"Aim: p95 under {milliseconds(AIM_SECONDS)}: {verdict(not missed)}{': ' if missed else ''}{', '.join(missed)}."
    )


def databases() -> Iterator[tuple[str, str]]:
    """SQLite, and PostgreSQL where one answers: a database of our own there, for the time of this bench."""
    yield "SQLite", ""
    name = f"bench_darkroom_{os.getpid()}"
    try:
        server = psycopg.connect(POSTGRES.replace("postgres://", "postgresql://", 1), autocommit=True)
    except psycopg.OperationalError as error:
        note(f"No PostgreSQL: {error}")
        return
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield "PostgreSQL", POSTGRES.rpartition("/")[0] + f"/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _database(name: str, url: str, count: int, rounds: int) -> list[str]:
    """Measure and print; the titles of what took longer than it should."""
    with darkroom(DATABASE_URL=url) as room:
        seed_pictures(room, A_PAGE)
        with web_of(room):
            few = times_of(room, "/gallery/", rounds)
        began = time.monotonic()
        seed_pictures(room, count)
        seconds = time.monotonic() - began
        places = room.inside("gallery_places")
        with web_of(room):
            times = {title: times_of(room, path, rounds) for title, path in _pages(**places).items()}
    rows = [_row(f"first page of {A_PAGE} pictures", few), *(_row(*each) for each in times.items())]
    head = ("", "p50", "p95", "p99", "slowest")
    show(f"The gallery with {count:,} pictures on {name} ({seconds:.0f} s to seed)", head, rows)
    return [f"{title} on {name}" for title, found in times.items() if percentile(found, 0.95) >= AIM_SECONDS]


def seed_pictures(room: Darkroom, count: int) -> None:
    process = room.start("manage.py", "seed_gallery", "--count", str(count))
    if process.wait():
        raise RuntimeError((room.data / "processes.log").read_text()[-2000:])


@contextmanager
def web_of(room: Darkroom) -> Iterator[None]:
    web = room.web()
    try:
        yield
    finally:
        room.end(web)


def _pages(
    deep: int, deepest: int, tag: int, collection: int, model: str, day: str, month: str
) -> dict[str, str]:
    """What is asked, by its title."""
    asked = {
        "first page": "", "deep page": f"before={deep}", "deepest page": f"before={deepest}",
        "model": f"model={model}", "kind": "mode=edit", "size": "size=4K", "shape": "ratio=3:2", "cost": "price=4c",
        "made by": "origin=simulator", "favourites": "favourites=1", "rating": "rating=4", "tag": f"tag={tag}",
        "collection": f"collection={collection}", "a day": f"since={day}&until={day}",
        "until a day": f"until={month}",
        "model, deep": f"model={model}&before={deep}", "shapes, two": "ratio=3:2&ratio=1:1",
        "model, size, cost": f"model={model}&size=4K&price=4c",
        "search, a usual word": "q=lighthouse", "search, two words": "q=lighthouse+teapot",
        "search, a rare word": "q=number+4711", "search, deep": f"q=lighthouse&before={deep}",
        "search, Chinese word of two": f"q={quote('灯塔')}", "search, Chinese word of three": f"q={quote('望远镜')}",
        "search, one sign": f"q={quote('猫')}", "search in Chinese, deep": f"q={quote('灯塔')}&before={deepest}",
        "search, model and size": f"q=lighthouse&model={model}&size=4K",
        "search, whole": f"q=lighthouse{WHOLE}",
        "search among favourites": "q=lighthouse&favourites=1", "search for nothing": "q=zeppelin",
    }  # fmt: skip
    return {title: f"/gallery/?{query}" if query else "/gallery/" for title, query in asked.items()} | {
        "a picture, among a search": f"/gallery/{deep}/?q=lighthouse{WHOLE}"
    }


def times_of(room: Darkroom, path: str, rounds: int) -> list[float]:
    """Seconds of each answer, over one connection. Raises where it is no page."""
    headers = {"Accept-Encoding": "gzip, br", "Accept-Language": "en", "Cookie": "theme=dark"}
    if path.startswith("/gallery/?") and not path.endswith(WHOLE):
        headers["HX-Request"] = "true"
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=120)
    times = []
    for number in range(WARM_UP + rounds):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        if number >= WARM_UP:
            times.append(time.perf_counter() - began)
    connection.close()
    return times


def _row(title: str, times: list[float]) -> list[object]:
    return [title, *(milliseconds(percentile(times, share)) for share in (0.5, 0.95, 0.99, 1))]


if __name__ == "__main__":
    main()
