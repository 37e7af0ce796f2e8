"""Does a conversation of 200 turns open as fast as one of 2? Server time of the page, and its bytes on the wire.

The long one has a branch at every tenth turn. Each page is asked for by turns with the others, over one connection.
"""

import statistics
import time

import httpx

from bench.darkroom import darkroom
from bench.tables import kilobytes, milliseconds, note, percentile, show, verdict

SHORT, LONG = 2, 200
MOST_TIMES_SHORT = 1.5


def main(quick: bool = False) -> None:
    long, loads = (20, 5) if quick else (LONG, 60)
    with darkroom() as room:
        room.web()
        short = room.inside("talk", turns=SHORT)
        tall = room.inside("talk", turns=long)
        pages = {
            f"{SHORT} turns": f"{short}{SHORT}/",
            f"{long} turns, the last": f"{tall}{long}/",
            f"{long} turns, in the middle": f"{tall}{long // 2}/",
            f"{long} turns, the beginning": f"{tall}start/",
            f"{long} turns, all steps": f"{tall}{long}/?steps={long}",
            f"{long} turns, the whole map": f"{tall}map/",
            "the studio, for comparison": "/",
        }
        with httpx.Client(base_url=room.address, timeout=30) as http:
            measured = _measure(http, pages, loads)
    rows = [_row(title, *measured[title]) for title in pages]
    head = ("", "p50", "p95", "bytes", "on the wire")
    show(f"A conversation opens ({loads} loads of each page)", head, rows)
    first, last = (statistics.median(measured[title][0]) for title in list(pages)[:2])
    note(
        f"The last of {long} takes at most {MOST_TIMES_SHORT} times as long as the last of {SHORT}, although it shows "
        f"six steps and not two: {last / first:.2f} times, {verdict(last < MOST_TIMES_SHORT * first)}."
    )


def _measure(
    http: httpx.Client, pages: dict[str, str], loads: int
) -> dict[str, tuple[list[float], int, int]]:
    """Of each page: seconds of each load, bytes of the page, bytes on the wire."""
    found: dict[str, tuple[list[float], int, int]] = {title: ([], 0, 0) for title in pages}
    for _ in range(loads + 1):  # the first ones warm up
        for title, path in pages.items():
            began = time.perf_counter()
            answer = http.get(path).raise_for_status()
            seconds = time.perf_counter() - began
            found[title] = (
                [*found[title][0], seconds], len(answer.content), answer.num_bytes_downloaded,
            )  # fmt: skip
    return {title: (seconds[1:], whole, wire) for title, (seconds, whole, wire) in found.items()}


def _row(title: str, seconds: list[float], whole: int, wire: int) -> list[object]:
    return [
        title,
        milliseconds(statistics.median(seconds)),
        milliseconds(percentile(seconds, 0.95)),
        kilobytes(whole),
        kilobytes(wire),
    ]


if __name__ == "__main__":
    main()
