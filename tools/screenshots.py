"""Take the README's pictures: a Darkroom of its own makes a few runs in a real browser, and is photographed.

usage: make screenshots, or: sh tools/browser .venv/bin/python -m tools.screenshots [NAME ...]

Writes docs/images/NAME.webp for every picture in PICTURES, or for those named. The data folder is a temporary one, the
ports are free ones, the simulator's seed is fixed: taken again, the pictures show the same scenes.
Exit 1 with one sentence when Darkroom does not start or a picture does not come.
"""

import argparse
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
LARGEST_BYTES = 350_000
DEADLINE_SECONDS = 180
SEED = 120
# As fast as a newcomer sees it, so that the seconds under the pictures are those that he will see.
SPEED = 12
ALL, VIP, OFFICIAL = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"
# Chromium draws the same way everywhere, also as root in a container.
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb", "--font-render-hinting=none",
)  # fmt: skip
# Whether every picture that is in sight is drawn. Asked again and again from here: the page's policy allows no `eval`.
SEEN = """() => [...document.images].every(image => image.complete || !image.checkVisibility()
    || image.loading === "lazy" && image.getBoundingClientRect().top > innerHeight)"""


@dataclass(frozen=True)
class Wish:
    """One run: the prompt, and for each model the values of its controls by their names in the form.

    `faults` go wrong with the next call to a model, as `[[sim: ...]]` in the prompt would do it, but out of sight.
    """

    prompt: str
    models: Mapping[str, Mapping[str, str]]
    faults: Mapping[str, str] = field(default_factory=dict)


def sized(shape: str, vip: str, official: str) -> dict[str, dict[str, str]]:
    """All three models, each with its own way to ask for a size."""
    return {ALL: {"shape": shape}, VIP: {"size": vip}, OFFICIAL: {"size": official, "quality": "medium"}}


EARLIER = (
    Wish(
        "Dunes in the first light, the crest of one of them sharp against its own shadow",
        {VIP: {"size": "2048x864", "variants": "2"}, ALL: {"shape": "21:9"}},
    ),
    Wish("An arch over still water, seen from the shade", sized("9:16", "1152x2048", "1024x1536")),
    Wish(
        "A quiet sea under low cloud, one boat far out",
        {VIP: {"size": "2048x1360"}, OFFICIAL: {"size": "1536x1024", "quality": "high", "variants": "2"}},
    ),
    Wish(
        "A bowl of plums on linen, soft light from above",
        {ALL: {"shape": "1:1"}, VIP: {"size": "2048x2048", "variants": "2"}},
    ),
    Wish(
        "Two bottles of smoked glass on wet slate, for a perfume that smells of rain",
        sized("3:2", "2048x1360", "1536x1024"),
        {VIP: "cut 50%", OFFICIAL: "moderation"},
    ),
    Wish(
        "Ridges in the mist before sunrise, five of them, each paler than the last",
        sized("16:9", "2048x1152", "2048x1152"),
    ),
)
NEWEST = Wish(
    "A stoneware vase and two pears on a walnut table, late window light from the left",
    sized("3:2", "2048x1360", "1536x1024"),
    {OFFICIAL: "slow 90s"},
)
MANY = Wish(
    "A {stoneware|glass|copper} vase with {tulips|poppies|dry grass} on a walnut table, {at dawn|at noon}",
    {VIP: {"size": "2048x2048"}},
)
# Around the vase of the newest run's first picture, in shares of its sides.
# What is said, to whom, and after which step (0: the one before).
TALK = (
    ("A mountain range, ridge behind ridge, early light", (VIP,), 0),
    ("Warmer light, an hour later. Keep the ridges the same.", (ALL,), 0),
    ("Autumn", (VIP,), 0),
    ("Make it night, with a full moon", (ALL,), 2),
    ("Snow", (ALL,), 0),
    ("Fog between the ridges", (ALL, VIP), 3),
)
LASSO = (
    (0.55, 0.08), (0.72, 0.07), (0.735, 0.14), (0.715, 0.24), (0.765, 0.38), (0.765, 0.5), (0.72, 0.66), (0.69, 0.75),
    (0.6, 0.755), (0.555, 0.65), (0.515, 0.5), (0.51, 0.38), (0.56, 0.26), (0.55, 0.08),
)  # fmt: skip
CHINESE = Wish(
    "胡桃木桌上一只粗陶花瓶和两个梨，傍晚的光从左边的窗户照进来", sized("3:2", "2048x1360", "1536x1024")
)


# --- A Darkroom of its own ------------------------------------------------------------------------------------


class ScreenshotError(Exception):
    """What did not happen in time, in one sentence."""


def until(what: str, answer: Callable[[], object]) -> None:
    """Ask again and again until the answer is true; raises ScreenshotError after DEADLINE_SECONDS."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not answer():
        if time.monotonic() > deadline:
            raise ScreenshotError(f"Waited {DEADLINE_SECONDS} s in vain for {what}.")
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Darkroom:
    """Where a running one is, and its simulator."""

    url: str
    simulator: str

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def unfinished(self) -> int:
        health = httpx.get(f"{self.url}/healthz", trust_env=False).json()
        return int(health["queued"]) + int(health["running"])

    def arm(self, model: str, fault: str) -> None:
        body = {"fault": fault, "count": 1, "model": model}
        httpx.post(f"{self.simulator}/_sim/faults", json=body, trust_env=False).raise_for_status()


@contextmanager
def started() -> Iterator[Darkroom]:
    """`manage.py up` with an empty data folder and no setting of this machine."""
    port, simulator_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "ENV_FILE": os.devnull,
            "PLAYGROUND_DATA": folder,
        }
        environment |= {"PORT": str(port), "SIMULATOR_PORT": str(simulator_port), "WEB_WORKERS": "1"}
        environment |= {"SIMULATOR_SPEED": str(SPEED), "SIMULATOR_SEED": str(SEED), "LOG_LEVEL": "ERROR"}
        process = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environment)
        darkroom = Darkroom(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{simulator_port}")
        try:
            until("Darkroom to start", lambda: process.poll() is not None or darkroom.is_healthy())
            if process.poll() is not None:
                raise ScreenshotError(
                    f"Darkroom ended with exit code {process.returncode} instead of starting."
                )
            yield darkroom
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask twice: the second signal does not wait for the call that is still running."""
    for _ in range(2):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                continue
    if process.poll() is None:
        process.wait(DEADLINE_SECONDS)


# --- A person at the browser ----------------------------------------------------------------------------------


def ask(page: Page, darkroom: Darkroom, wish: Wish) -> None:
    """Fill in the composer and press Generate."""
    compose(page, darkroom, wish)
    for model, fault in wish.faults.items():
        darkroom.arm(model, fault)
    press_generate(page)


def press_generate(page: Page) -> None:
    """Returns when the run is on the page."""
    before = page.locator(".run").count()
    page.locator("#generate").click()
    until("the run to appear", lambda: page.locator(".run").count() > before)


def compose(page: Page, darkroom: Darkroom, wish: Wish) -> None:
    """Open the studio afresh and fill in the composer; returns when the price is there."""
    page.goto(darkroom.url)
    page.evaluate("localStorage.clear()")
    page.goto(darkroom.url)
    page.fill("#prompt", wish.prompt)
    for model in (ALL, VIP, OFFICIAL):
        tick(page.locator(f'[name="models"][value="{model}"]'), model in wish.models)
    for model, values in wish.models.items():
        for name, value in values.items():
            choose(page, f"{model}__{name}", value)
    with page.expect_response("**/studio/estimate/"):
        page.locator("#prompt").dispatch_event("change")
    page.locator("#prompt").blur()


def choose(page: Page, name: str, value: str) -> None:
    field = page.locator(f'[name="{name}"]')
    if field.first.evaluate("element => element.tagName") == "SELECT":
        field.select_option(value)
    else:
        tick(page.locator(f'[name="{name}"][value="{value}"]'), True)


def tick(box: Locator, wanted: bool) -> None:
    """As a click on its label does it; the box itself is out of sight."""
    if box.is_checked() != wanted:
        box.evaluate("element => element.click()")


def see(page: Page) -> None:
    """Wait until the pictures in sight are drawn."""
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)  # off the button that was pressed
    until("the pictures in sight", lambda: page.evaluate(SEEN))
    page.wait_for_timeout(400)  # what fades in has done so


# --- The pictures ---------------------------------------------------------------------------------------------


def save(page: Page, name: str, part: str = "", margin: float = 0) -> None:
    """Write the page as it stands, or the part that the selector names, as the best WebP that is small enough."""
    see(page)
    clip = around(page, part, margin) if part else None
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide", clip=clip))).convert(
        "RGB"
    )
    path = FOLDER / f"{name}.webp"
    for quality in (88, 80, 72, 60):
        shot.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= LARGEST_BYTES:
            break
    print(f"{path.relative_to(ROOT)}  {shot.width}x{shot.height}  {path.stat().st_size / 1000:.0f} kB")


def around(page: Page, part: str, margin: float) -> FloatRect:
    """The part's place on the page, with some of what stands around it (CSS pixels)."""
    box = page.locator(part).first.bounding_box()
    if box is None:
        raise ScreenshotError(f"There is no {part} on {page.url}.")
    left, top = max(0, box["x"] - margin), max(0, box["y"] - margin)
    right, bottom = box["x"] + box["width"] + margin, box["y"] + box["height"] + margin
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


@contextmanager
def opened(browser: Browser, **options: object) -> Iterator[Page]:
    given: dict[str, object] = {
        "viewport": {"width": 1440, "height": 940},
        "device_scale_factor": 1.5,
        "color_scheme": "light",
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }
    context = browser.new_context(**(given | options))  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def studio(browser: Browser, darkroom: Darkroom, name: str, **options: object) -> None:
    with opened(browser, **options) as page:
        compose(page, darkroom, NEWEST)
        save(page, name)


def composer(browser: Browser, darkroom: Darkroom, name: str) -> None:
    """The composer alone, scrolled to the models with the most controls."""
    with opened(browser, viewport={"width": 1440, "height": 970}) as page:
        compose(page, darkroom, NEWEST)
        page.locator(f'[data-model="{OFFICIAL}"] details').evaluate_all(
            "folds => folds.forEach(f => f.open = true)"
        )
        page.locator(f'[data-model="{VIP}"]').evaluate("element => element.scrollIntoView()")
        save(page, name, ".composer")


def failed(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser, viewport={"width": 1440, "height": 1600}) as page:
        page.goto(darkroom.url)
        save(page, name, ".run:has([data-state=failed])", margin=16)


def phone(browser: Browser, darkroom: Darkroom, name: str) -> None:
    small = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
    with opened(browser, **small, is_mobile=True) as page:
        compose(page, darkroom, NEWEST)
        page.evaluate("document.querySelector('#runs').scrollIntoView()")
        save(page, name)


def gallery(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser) as page:
        page.goto(f"{darkroom.url}/gallery/")
        save(page, name)


def picture(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser) as page:
        page.goto(darkroom.url)
        page.locator(".frame__link").first.click()
        save(page, name)


def fusion(browser: Browser, darkroom: Darkroom, name: str) -> None:
    """A recipe in the tray, and what two models made of it."""
    with opened(browser) as page:
        load_recipe(page, darkroom)
        tick(page.locator(f'[name="models"][value="{VIP}"]'), False)
        press_generate(page)
        run = page.locator(".run").first
        until("the fused pictures", lambda: run.locator(".frame__link").count() == 2)
        page.evaluate("scrollTo(0, 0)")
        save(page, name)


def load_recipe(page: Page, darkroom: Darkroom) -> None:
    """The first recipe, as its button loads it."""
    page.goto(darkroom.url)
    page.locator('[popovertarget="recipes"]').first.click()
    page.locator("#recipes button[type=submit]").first.click()
    until("the references", lambda: page.locator(".ref").count() >= 2)


def mask(browser: Browser, darkroom: Darkroom, name: str) -> None:
    """The painter, with what a lasso went round."""
    with opened(browser) as page:
        page.goto(darkroom.url)
        page.evaluate("localStorage.clear()")
        page.goto(darkroom.url)
        run = page.locator(".run", has_text=NEWEST.prompt)
        frame = run.locator(".frame", has=page.locator("[data-use]")).first
        frame.locator("[data-use] button").evaluate("element => element.click()")
        page.locator(".ref__mask-open").click()
        painter = page.locator("mask-painter[data-ready]")
        until("the painter", painter.is_visible)
        painter.locator("[name=tool][value=lasso]").locator("xpath=..").click()
        box = painter.locator("canvas").bounding_box()
        assert box is not None  # noqa: S101  # it is in sight
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in LASSO]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()
        save(page, name)


def chat(browser: Browser, darkroom: Darkroom, name: str) -> None:
    """A conversation with branches, at a step with two answers."""
    with opened(browser) as page:
        page.goto(f"{darkroom.url}/chat/new/")
        for words, models, after in TALK:
            if after:
                page.locator("#talk-map").get_by_role("link", name=f"Step {after}", exact=True).click()
            say(page, words, models)
        save(page, name)


def say(page: Page, words: str, models: Sequence[str]) -> None:
    """Returns when every picture of the turn is there."""
    page.locator("#say-models").evaluate("fold => { fold.open = true }")
    for model in (ALL, VIP, OFFICIAL):
        tick(page.locator(f'[name="models"][value="{model}"]'), model in models)
    page.fill("#prompt", words)
    before = page.url
    page.locator("#generate").click()
    page.wait_for_url(lambda url: url != before)
    going_on = "#stage [data-state=queued], #stage [data-state=running]"
    until("its pictures", lambda: page.locator(".stage__link").count() and not page.locator(going_on).count())


def models(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser) as page:
        page.goto(f"{darkroom.url}/models/")
        save(page, name)


def compare(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser) as page:
        page.goto(f"{darkroom.url}/compare/")
        page.locator(".ready a").first.click()
        save(page, name)


def vote(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser, viewport={"width": 1440, "height": 760}) as page:
        page.goto(f"{darkroom.url}/votes/")
        page.get_by_role("button", name="Start voting").click()
        save(page, name)


def matrix(browser: Browser, darkroom: Darkroom, name: str) -> None:
    """The contact sheet of one prompt that says eighteen things."""
    with opened(browser) as page:
        ask(page, darkroom, MANY)
        until("the whole sheet", lambda: darkroom.unfinished() == 0)
        page.locator(".run").first.locator("h2 a").click()
        save(page, name)


def chinese(browser: Browser, darkroom: Darkroom, name: str) -> None:
    with opened(browser, locale="zh-CN") as page:
        ask(page, darkroom, CHINESE)
        run = page.locator(".run").first
        until(
            "the pictures of the Chinese run",
            lambda: run.locator(".frame__link").count() == len(CHINESE.models),
        )
        save(page, name)


PICTURES: dict[str, Callable[[Browser, Darkroom, str], None]] = {
    "studio": studio,
    "studio-dark": lambda browser, darkroom, name: studio(browser, darkroom, name, color_scheme="dark"),
    "composer": composer,
    "failed": failed,
    "phone": phone,
    "compare": compare,
    "vote": vote,
    "gallery": gallery,
    "picture": picture,
    "fusion": fusion,
    "mask": mask,
    "chat": chat,
    "models": models,
    "matrix": matrix,
    "studio-zh": chinese,
}


def expose(browser: Browser, darkroom: Darkroom) -> None:
    """Make the runs: the earlier ones to their end, the newest until only its slow call is still running."""
    with opened(browser) as page:
        for wish in EARLIER:
            ask(page, darkroom, wish)
        until("the earlier runs", lambda: darkroom.unfinished() == 0)
        ask(page, darkroom, NEWEST)
        until("two pictures of the newest run", lambda: darkroom.unfinished() == 1)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.screenshots", description="Take the README's pictures."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(PICTURES)} (all of them)"
    )
    names = parser.parse_args().names or list(PICTURES)
    if unknown := set(names) - set(PICTURES):
        parser.error(f"no such picture: {', '.join(sorted(unknown))} (there are {', '.join(PICTURES)})")
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with started() as darkroom, sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM")
            browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_OPTIONS))
            expose(browser, darkroom)
            for name in names:
                PICTURES[name](browser, darkroom, name)
            browser.close()
    except ScreenshotError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
