"""How heavy is a page for a stranger on a phone: bytes over the wire with an empty cache, and how soon it is drawn.

An empty studio is everything that is ours; a full one adds its pictures, which have a budget of their own.
"""

import os
from collections import Counter
from statistics import median
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from bench.darkroom import Darkroom, darkroom
from bench.tables import kilobytes, note, show, verdict

AIM_BYTES, AIM_SCRIPT_BYTES = 100_000, 30_000
PHONE: ViewportSize = {"width": 390, "height": 844}
# What Chromium's own tools call "slow 4G": bytes a second, and milliseconds for each request.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
PROCESSOR_SLOWER = 4
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAINTED = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0] ?? NaN"


def main(quick: bool = False) -> None:
    loads = 1 if quick else 5
    rows = []
    with darkroom() as room, sync_playwright() as playwright:
        room.simulator()
        room.web()
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=FLAGS
        )
        rows.append(_row(browser, room, "studio, empty", "/", loads))
        rows.append(_row(browser, room, "gallery, empty", "/gallery/", loads))
        room.worker()
        room.inside(
            "ask", count=24, prompt="A lighthouse", model="gpt-image-2", parameters={"size": "1024x1024"}
        )
        room.inside("outcome", within_seconds=120)
        rows.append(_row(browser, room, "studio, 24 frames", "/", loads))
        rows.append(_row(browser, room, "gallery, 24 pictures", "/gallery/", loads))
        browser.close()
    head = (
        "",
        "requests",
        "in all",
        "scripts",
        "styles",
        "font",
        "pictures",
        "first paint",
        "page < 100 kB",
        "scripts",
    )
    show(f"Weight of a page, empty cache, a phone on slow 4G (medians of {loads})", head, rows)
    note("The aim is for the page without the pictures that people made.")


def _row(browser: Browser, room: Darkroom, title: str, path: str, loads: int) -> list[object]:
    seen = [_load(browser, room.address + path) for _ in range(loads)]
    middle = {kind: median(one[kind] for one in seen) for kind in seen[0]}
    without_pictures = middle["all"] - middle["Image"]
    return [
        title,
        f"{middle['requests']:.0f}",
        *(kilobytes(middle[kind]) for kind in ("all", "Script", "Stylesheet", "Font", "Image")),
        f"{middle['painted']:.0f} ms",
        verdict(without_pictures < AIM_BYTES),
        verdict(middle["Script"] < AIM_SCRIPT_BYTES),
    ]  # fmt: skip


def _load(browser: Browser, address: str) -> dict[str, float]:
    """Bytes on the wire by kind, headers included; milliseconds to the first contentful paint."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tools.send("Network.emulateNetworkConditions", NETWORK)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR_SLOWER})
    kinds: dict[str, str] = {}
    sizes: Counter[str] = Counter()

    def received(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def finished(event: dict[str, Any]) -> None:
        sizes[kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])
        sizes["requests"] += 1

    tools.on("Network.responseReceived", received)
    tools.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="networkidle", timeout=120_000)
    painted = page.evaluate(PAINTED)
    context.close()
    requests = sizes.pop("requests")
    kept = {kind: float(sizes[kind]) for kind in ("Script", "Stylesheet", "Font", "Image")}
    return {**kept, "all": float(sizes.total()), "requests": float(requests), "painted": float(painted)}


if __name__ == "__main__":
    main()
