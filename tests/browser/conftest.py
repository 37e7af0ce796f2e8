"""A real Chromium before a real Darkroom: pages, worker and simulator as `make run` starts them.

One installation serves all tests of a process (starting takes seconds), so each test says words of its own in its
prompts, looks at its own runs, and is over when these are: the next one finds an installation at rest. The browser
lives as long as one module, because Playwright leaves an event loop running in the thread that other tests use.

    def test_something(studio):              # a page on the studio; closed, and asked for console errors, afterwards
        studio.generate("A pear 17")
"""

import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.launch.conftest import Darkroom, environment, free_port, manage, until

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
]  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# The machine may be busy with other tests: generous, and never waited for in full when all is well.
PATIENCE_MS = 20_000
PASSWORD = "a quiet red room"
every_screen = pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _chromium() -> str:
    names = (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.fail("There is no Chromium: run these tests with `make test`, which finds or installs one.")
    return found


# --- Installations ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """A whole installation whose simulator is in a hurry."""
    folder = tmp_path_factory.mktemp("darkroom")
    started = Darkroom(folder / "data", folder / "log", SIMULATOR_SPEED=400, SIMULATOR_SEED=7)
    try:
        started.says("Darkroom is at")
        until("a worker", started.is_healthy)
        yield started
    finally:
        started.kill()


@pytest.fixture(autouse=True)
def at_rest(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing is under way any more when the next test begins."""
    yield
    if "darkroom" in request.fixturenames:
        used: Darkroom = request.getfixturevalue("darkroom")
        until(
            "pictures that this test left under way",
            lambda: 'data-live="no"' in used.get("/").text,
            seconds=60,
        )


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """An installation that asks for a login, with Alice's account and nothing in it."""
    folder = tmp_path_factory.mktemp("team")
    team = {"ALLOWED_HOSTS": "pictures.example", "SIMULATOR_URL": f"http://127.0.0.1:{free_port()}"}
    env = environment(folder / "data", PLAYGROUND_PASSWORD=PASSWORD, **team)
    for words in (("migrate", "--verbosity=0"), ("adduser", "alice")):
        made = manage(*words, env=env)
        assert made.returncode == 0, made.stderr
    started = Darkroom(folder / "data", folder / "log", **team)
    try:
        started.says("Darkroom is at")
        yield started
    finally:
        started.kill()


# --- The browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
    yield launched
    launched.close()


class Tab:
    """A page of Darkroom, and what a person does on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def _hear(self, kind: str, text: str) -> None:
        # An answer of 4xx is the browser's own remark about what the page says in words.
        if kind in {"error", "warning"} and "the server responded with a status of 4" not in text:
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: str = "/") -> "Tab":
        self.page.goto(path)
        return self

    def choose(self, *models: str) -> None:
        """Tick these models and no other."""
        boxes = self.page.locator('input[name="models"]')
        for box in boxes.all():
            if (box.get_attribute("value") in models) != box.is_checked():
                box.locator("xpath=..").click()

    def generate(self, prompt: str) -> Locator:
        """Type and press Generate; the strip of the run that starts."""
        self.page.locator("#prompt").fill(prompt)
        self.page.locator("#generate").click()
        return self.strip(prompt)

    def strip(self, prompt: str) -> Locator:
        """The strip of the run with this prompt."""
        words = re.sub(r"\s+", " ", prompt)
        found = self.page.locator("section.run").filter(has=self.page.locator(".run-head p", has_text=words))
        expect(found).to_have_count(1)
        return found

    def polls(self) -> int:
        return sum("/studio/live/" in url for url in self.requests)

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def small_targets(self) -> list[str]:
        """What is too small to hit with a finger: under 24 pixels in either direction."""
        return list(self.page.evaluate(SMALL_TARGETS))

    def violations(self) -> list[str]:
        """What axe objects to on the page as it is: to everything in light, and to the colours in dark."""
        found = self._axe("light", {})
        found += self._axe("dark", {"runOnly": ["color-contrast"]})
        self.page.emulate_media(color_scheme="light")
        return found

    def _axe(self, scheme: Literal["light", "dark"], options: dict[str, Any]) -> list[str]:
        self.page.emulate_media(color_scheme=scheme)
        try:
            found = Axe().run(self.page, options=options).response["violations"]
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            self.page.wait_for_load_state()  # the page was just left for the next one
            found = Axe().run(self.page, options=options).response["violations"]
        return [f"{scheme}, {each['id']}: {node['target']}" for each in found for node in each["nodes"]]


def looks_right(tab: Tab) -> None:
    """Nothing for axe to object to in light and in dark, nothing wider than the screen or too small for a finger."""
    assert tab.violations() == []
    assert tab.overflow() <= 0
    assert tab.small_targets() == []


def on(screen: dict[str, int]) -> dict[str, Any]:
    """The options of a browser on this screen."""
    return {"viewport": screen, "has_touch": screen is PHONE, "is_mobile": screen is PHONE}


SMALL_TARGETS = """[...document.querySelectorAll('a, button, input, select, summary, [role=button]')]
.filter(element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  return box.width && (box.width < 24 || box.height < 24) && element.checkVisibility({visibilityProperty: true}) &&
    style.opacity != 0 && style.display != 'inline';
}).map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def new_context(browser: Browser, darkroom: Darkroom) -> Iterator[Callable[..., BrowserContext]]:
    """Another person's browser: its own cookies and storage."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        wanted = {
            "base_url": darkroom.url,
            "viewport": WIDE,
            "locale": "en",
            "reduced_motion": "reduce",
        } | options
        context = browser.new_context(**wanted)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def new_tab(new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Tab]]:
    """A tab in a browser of its own, or of the context given; console errors fail the test at its end."""
    opened: list[Tab] = []

    def open_one(context: BrowserContext | None = None, **options: Any) -> Tab:
        tab = Tab((context or new_context(**options)).new_page())
        opened.append(tab)
        return tab

    yield open_one
    assert [complaint for tab in opened for complaint in tab.complaints] == []


@pytest.fixture
def studio(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on the studio."""
    return new_tab().open("/")


@pytest.fixture
def wish() -> Callable[[str], str]:
    """A prompt that no other test says."""

    def words(text: str = "A tea tin") -> str:
        return f"{text} {uuid.uuid4().hex[:8]}"

    return words
