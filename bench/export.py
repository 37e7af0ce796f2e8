"""How much memory does an export take, and does it end with its reader? Two hundred pictures of 4K, some 8 MB each.

Measured is the web server, all its processes together: before, at its highest while the archive is read, and after.
The first row reads the same pictures one by one: what any download costs.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.darkroom import children, darkroom, memory, wait_until
from bench.tables import megabytes, note, show, verdict

COUNT, FILES, QUICK_COUNT, QUICK_FILES = 200, 20, 10, 2
ENCODED = 20
AIM_GROWTH_BYTES = 30_000_000
SLOW_BYTES_A_SECOND = 40_000_000
SLOW_SECONDS = 8
OFTEN_SECONDS = 0.02
encoders = [0]  # bytes of each that was seen


def main(quick: bool = False) -> None:
    count, files = (QUICK_COUNT, QUICK_FILES) if quick else (COUNT, FILES)
    with darkroom() as room:
        seeded = room.inside("seed_large", count=count, files=files)
        web = room.web()
        with httpx.Client(base_url=room.address, timeout=600, trust_env=False) as client:
            reader = Reader(client)
            reader.archive(count=1)  # what is loaded once is loaded
            rows = [
                _row("one by one, as they came", web.pid, lambda: reader.one_by_one(count)),
                _row("ZIP, as they came", web.pid, lambda: reader.archive(story="")),
                _row("ZIP, each with its story", web.pid, reader.archive),
                _row("the same once more", web.pid, reader.archive),
                _row("the same, a slow reader", web.pid, lambda: reader.archive(slowly=True)),
                _row(f"ZIP, {ENCODED} as WebP of 2048", web.pid, lambda: reader.archive(
                    count=min(count, ENCODED), encoding="webp", edge="2048")),
            ]  # fmt: skip
            seconds = reader.leave(lambda: open_originals(web.pid))
    head = ("", "read", "in", "before", "at most", "growth", "after", f"< {megabytes(AIM_GROWTH_BYTES)}")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    title = (
        f"Export of {count} pictures of 4K ({megabytes(seeded['mean_bytes'])} each), memory of the web server"
    )
    show(f"{title}; load {load}", head, rows)
    largest = megabytes(max(encoders))
    note(f"The encoder, a process of its own for one picture at a time, is not counted: {largest} at most.")
    note(f"A reader left after 20 MB: the last picture was closed {seconds:.2f} s later.")


class Reader:
    """Reads, and throws away."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        page = client.get("/gallery/export/").text
        self.token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        self.ids = re.findall(r'name="o" value="(\d+)"', client.get("/gallery/").text)

    def one_by_one(self, count: int) -> int:
        """The pictures of the first page, as often as it takes."""
        total = 0
        for number in range(count):
            pk = self.ids[number % len(self.ids)]
            with self.client.stream("GET", f"/gallery/{pk}/original?download=untouched") as answer:
                total += sum(map(len, answer.iter_bytes()))
        return total

    def archive(self, *, count: int = 0, slowly: bool = False, **options: str) -> int:
        with self._archive(count, {"story": "on"} | options) as answer:
            return _slowly(answer) if slowly else sum(map(len, answer.iter_bytes()))

    def leave(self, still_open: Callable[[], int]) -> float:
        """Go away after 20 MB: how long until no picture is open any more."""
        with self._archive(0, {"story": "on"}) as answer:
            total = 0
            for piece in answer.iter_bytes():
                total += len(piece)
                if total > 20_000_000:
                    break
        began = time.monotonic()
        wait_until(lambda: not still_open(), within_seconds=60, what="the end of the export")
        return time.monotonic() - began

    @contextmanager
    def _archive(self, count: int, options: dict[str, str]) -> Iterator[httpx.Response]:
        picked: dict[str, object] = {"what": "picked", "o": self.ids[:count]} if count else {"what": "found"}
        data = picked | options | {"csrfmiddlewaretoken": self.token}
        with self.client.stream("POST", "/gallery/export/zip/", data=data) as answer:
            if answer.status_code != 200:
                raise RuntimeError(f"The export answered {answer.status_code}")
            yield answer


def _slowly(answer: httpx.Response) -> int:
    """As over a line, for some seconds; then as fast as it goes."""
    began, total = time.monotonic(), 0
    for piece in answer.iter_bytes():
        total += len(piece)
        ahead = total / SLOW_BYTES_A_SECOND - (time.monotonic() - began)
        if ahead > 0 and time.monotonic() - began < SLOW_SECONDS:
            time.sleep(ahead)
    return total


def open_originals(pid: int) -> int:
    """How many originals the process and its children hold open."""
    found = 0
    for one in (pid, *children(pid)):
        for link in Path(f"/proc/{one}/fd").glob("*"):
            try:
                found += "/originals/" in os.readlink(link)
            except OSError:
                continue
    return found


def _row(title: str, pid: int, read: Callable[[], int]) -> list[object]:
    before, highest, is_over = memory(pid), [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(OFTEN_SECONDS):
            highest[0] = max(highest[0], memory(pid))
            encoders.extend(memory(one) for web in children(pid) for one in children(web))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    try:
        total = read()
    finally:
        is_over.set()
        watcher.join()
    growth = highest[0] - before
    return [
        title, megabytes(total), f"{time.monotonic() - began:.1f} s", megabytes(before), megabytes(highest[0]),
        megabytes(growth), megabytes(memory(pid)), verdict(growth < AIM_GROWTH_BYTES),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
