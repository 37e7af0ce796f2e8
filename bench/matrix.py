"""Five hundred pictures in one run: how long, how many at once, and does every figure agree with the provider's bill?

The run is composed as a person does it, through the form over HTTP, and paid with a key (the simulator's): so budgets,
ledger and bill are the real ones. It is paused in the middle and goes on. Nothing is sent twice, nothing is lost.
"""

import re
import sys
import threading
import time
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx

from bench.darkroom import Darkroom, darkroom
from bench.tables import note, show, verdict

CALLS = 100
KEY = "sk-simulated-0123456789"


def main(quick: bool = False) -> None:
    count, seconds = (40, 1) if quick else (500, 6)
    with darkroom() as room:
        room.environment |= {
            "APIYI_API_KEY": KEY,
            "APIYI_BASE_URL": f"http://127.0.0.1:{room.simulator_port}",
            "CALLS_PER_MINUTE": "1000000",
        }
        room.simulator()
        room.web()
        composed, form = compose(room, count, seconds)
        room.worker(calls=CALLS)
        most: list[int] = []
        polls: list[float] = []
        with httpx.Client(base_url=room.address, timeout=30) as page:
            over = watch(room, page, most, polls)
            pause(room, page, count)
            found = room.inside("outcome", within_seconds=600)
            over.set()
            sheet = timed(page, "/runs/1/")
        calls = room.calls(after=0)
        bill = room.inside("bill")
    rows(count, composed, form, most, polls, sheet, found, calls, bill)


def compose(room: Darkroom, count: int, seconds: float) -> tuple[dict[str, float], str]:
    """Ask the price, click, click once more; the seconds that each took, and what the button said."""
    words = "|".join(str(number) for number in range(count // 4))
    prompt = f"Picture {{{words}}} {{a|b}} {{1|2}} [[sim: slow {seconds:g}s, plain, size 96x64]]"
    data = {"prompt": prompt, "models": "gpt-image-2-all", "gpt-image-2-all__variants": "1"}
    took: dict[str, float] = {}
    with httpx.Client(base_url=room.address, timeout=60) as page:
        home = page.get("/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', home)
        key = re.search(r'name="submission_key" id="submission-key" value="([^"]+)"', home)
        assert token and key
        data |= {"csrfmiddlewaretoken": token[1], "submission_key": key[1]}
        headers = {"HX-Request": "true", "Referer": room.address}

        def post(what: str, path: str, **more: str) -> str:
            began = time.monotonic()
            answer = page.post(path, data=data | more, headers=headers)
            took[what] = time.monotonic() - began
            return answer.text

        post("estimate", "/studio/estimate/")
        asked = post("question", "/studio/generate/")
        sure = re.search(r'name="sure" value="([^"]+)"', asked)
        post("click", "/studio/generate/", **({"sure": sure[1]} if sure else {}))
    return took, sure[1] if sure else ""


def watch(room: Darkroom, page: httpx.Client, most: list[int], polls: list[float]) -> threading.Event:
    """As an open contact sheet asks every second; the calls in flight beside it."""
    over = threading.Event()

    def look() -> None:
        since = 0
        while not over.wait(1.0):
            most.append(room.calls(limit=0)["in_flight"])
            began = time.monotonic()
            answer = page.get(
                "/studio/live/", params={"since": since, "run": 1}, headers={"HX-Request": "true"}
            )
            polls.append(time.monotonic() - began)
            if known := re.search(r'id="live-since" value="(\d+)"', answer.text):
                since = int(known[1])

    threading.Thread(target=look, daemon=True).start()
    return over


def pause(room: Darkroom, page: httpx.Client, count: int) -> None:
    """In the middle: pause until nothing is on its way, then go on."""
    until(lambda: room.calls(limit=0)["total"] >= min(CALLS, count) // 2)
    press(page, "pause")
    until(lambda: room.calls(limit=0)["in_flight"] == 0)
    press(page, "go-on")


def press(page: httpx.Client, act: str) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.get("/runs/1/").text)
    if token:  # a quick run may have ended meanwhile
        page.post(f"/runs/1/{act}/", data={"csrfmiddlewaretoken": token[1]}, headers={"HX-Request": "true"})


def until(answer: Any, within_seconds: float = 120) -> None:
    ends = time.monotonic() + within_seconds
    while not answer() and time.monotonic() < ends:
        time.sleep(0.1)


def timed(page: httpx.Client, path: str) -> tuple[float, int]:
    page.get(path)
    began = time.monotonic()
    answer = page.get(path)
    return time.monotonic() - began, len(answer.content)


def rows(
    count: int,
    composed: dict[str, float],
    form: str,
    most: list[int],
    polls: list[float],
    sheet: tuple[float, int],
    found: dict[str, Any],
    calls: dict[str, Any],
    bill: dict[str, str],
) -> None:
    prompts = Counter(call["prompt"] for call in calls["calls"])
    done = found["states"].get("succeeded", 0)
    ledger, billed = Decimal(bill["ledger"]), Decimal(str(calls["billed_usd"]))
    show(
        f"{count} pictures in one run, {CALLS} calls at once, paused once",
        ("", "", "as it should be"),
        [
            ["price of the whole form", f"{composed['estimate']:.2f} s", ""],
            ["the click, to the strip", f"{composed['click']:.2f} s", ""],
            ["all pictures here", f"{found['seconds']:.1f} s", verdict(done == count)],
            ["most in flight", max(most, default=0), verdict(max(most, default=0) <= CALLS)],
            ["sent twice", calls["total"] - len(prompts), verdict(calls["total"] == len(prompts))],
            ["lost", count - done, verdict(done == count)],
            ["the ledger", f"${ledger:.2f}", verdict(ledger == billed)],
            ["the provider's bill", f"${billed:.2f}", verdict(form in ("", f"{count}-{billed:.6f}"))],
            ["still held of budgets", f"${Decimal(bill['held']):.2f}", verdict(not Decimal(bill["held"]))],
            ["a poll of the sheet, median", f"{1000 * sorted(polls)[len(polls) // 2]:.0f} ms", ""],
            ["its slowest poll", f"{1000 * max(polls):.0f} ms", ""],
            ["the whole sheet", f"{1000 * sheet[0]:.0f} ms, {sheet[1] / 1000:.0f} kB", ""],
        ],
    )
    note(
        "Paid with the simulator's key, without the pace of CALLS_PER_MINUTE, through the form, worker and gateway."
    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
