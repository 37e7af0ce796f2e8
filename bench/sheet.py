"""What does a gallery page of two hundred 4K pictures cost a browser, against the same page showing the originals?

The page is scrolled to its end, as a reader would. Bytes are what came over the wire; memory is the proportional share
(PSS) of the browser's processes, at its highest on the way and when all is there.
"""

import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from bench.darkroom import Darkroom, darkroom
from bench.page import FLAGS
from bench.tables import megabytes, note, show

COUNT, FILES, QUICK_COUNT, QUICK_FILES = 200, 20, 45, 2
SCREEN = {"width": 1440, "height": 900}
STEP_PIXELS, STEP_SECONDS = 450, 0.15
MOST_BYTES = 6_000_000_000  # of memory: then it is enough
SMALL = re.compile(r'src="(/gallery/\d+)/w\d+\.webp"(?: srcset="[^"]*" sizes="[^"]*")?')


def main(quick: bool = False) -> None:
    count, files = (QUICK_COUNT, QUICK_FILES) if quick else (COUNT, FILES)
    with darkroom() as room, sync_playwright() as playwright:
        seeded = room.inside("seed_large", count=count, files=files)
        room.web()
        rows = []
        for title, originals in (("as it is", False), ("showing originals", True)):
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=FLAGS
            )
            rows.append([title, *_measured(browser, room, count, originals)])
            browser.close()
    head = (
        "",
        "pictures",
        "requests",
        "bytes of pictures",
        "in all",
        "memory, empty page",
        "at most",
        "at the end",
        "seconds",
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    show(
        f"A gallery page of {count} pictures of 4K ({megabytes(seeded['mean_bytes'])} each); load {load}",
        head,
        rows,
    )
    note("Scrolled to its end in steps of half a screen; a screen of 1440 × 900.")


def _measured(browser: Browser, room: Darkroom, count: int, originals: bool) -> list[object]:
    page = browser.new_context(viewport=SCREEN).new_page()
    if originals:
        page.route(re.compile(r"/gallery/(\?.*)?$"), _with_originals)
    watch = Watch(browser, page)
    page.goto("about:blank")
    empty = watch.memory()
    began = time.monotonic()
    page.goto(room.address + "/gallery/", wait_until="load")
    most = _to_the_end(page, watch, count)
    page.wait_for_load_state("networkidle", timeout=300_000)
    seconds, end = time.monotonic() - began, watch.memory()
    shown = page.locator(".cell").count()
    return [
        shown, watch.sizes["requests"], megabytes(watch.sizes["Image"]), megabytes(watch.total),
        megabytes(empty), megabytes(max(most, end)), megabytes(end), f"{seconds:.0f}",
    ]  # fmt: skip


def _with_originals(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=SMALL.sub(r'src="\1/original"', answer.text()))


def _to_the_end(page: Page, watch: "Watch", count: int) -> int:
    """Scroll on until there is nothing below; the most memory that was seen."""
    most, still = 0, 0
    while still < 12:
        before = page.evaluate("[scrollY, document.documentElement.scrollHeight]")
        page.mouse.wheel(0, STEP_PIXELS)
        page.wait_for_timeout(STEP_SECONDS * 1000)
        after = page.evaluate("[scrollY, document.documentElement.scrollHeight]")
        still = still + 1 if after == before else 0
        most = max(most, watch.memory())
        if most > MOST_BYTES:
            note(
                f"Stopped at {megabytes(most)} of memory, with {page.locator('.cell').count()} of {count} pictures."
            )
            break
    return most


class Watch:
    """Counts what comes, and weighs the browser."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.browser = browser.new_browser_cdp_session()
        self.sizes: Counter[str] = Counter()
        self.kinds: dict[str, str] = {}
        tools = page.context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.on("Network.responseReceived", self._received)
        tools.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.sizes[self.kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])
        self.sizes["requests"] += 1

    @property
    def total(self) -> int:
        return self.sizes.total() - self.sizes["requests"]

    def memory(self) -> int:
        processes = self.browser.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(_share_of(int(each["id"])) for each in processes)


def _share_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
