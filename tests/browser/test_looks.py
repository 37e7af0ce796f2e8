"""Every page in every state, light and dark, wide and on a phone: nothing for axe to object to, nothing cut off."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Tab, every_screen, looks_right, on
from tests.factories import ALL, OFFICIAL, VIP
from tests.launch.conftest import Darkroom, until

WIDTHS = (320, 390, 1440, 3840)


class Exhibition:
    """Runs in each state that lasts, and where they are."""

    def __init__(self, darkroom: Darkroom) -> None:
        self.http = httpx.Client(base_url=darkroom.url, timeout=30, trust_env=False)
        self.done = self.order("A lighthouse in a storm, long exposure", ALL, VIP, OFFICIAL)
        self.failed = self.order("A heron at dawn [[sim: moderation]]", ALL, VIP, OFFICIAL)
        self.broken = self.order("A ship in a bottle [[sim: cut 50%]]", ALL, OFFICIAL)
        self.worded = self.order("Draw me something nice [[sim: text]]", ALL, VIP, OFFICIAL)
        for run in (self.done, self.failed, self.broken, self.worded):
            until(f"the end of {run}", lambda run=run: self.is_over(run))
        self.picture = re.search(r'href="(/gallery/\d+/)"', self.http.get(self.done).text)[1]

    def order(self, prompt: str, *models: str) -> str:
        """Generate, and return the address of the run."""
        page = self.http.get("/").text
        key = re.search(r'id="submission-key" value="([^"]+)"', page)[1]
        token = re.search(r'"X-CSRFToken": "([^"]+)"', page)[1]
        form = {"submission_key": key, "prompt": prompt, "models": list(models), "csrfmiddlewaretoken": token}
        number = re.search(r"#run-(\d+)", self.http.post("/studio/generate/", data=form).headers["Location"])[
            1
        ]
        return f"/runs/{number}/"

    def is_over(self, run: str) -> bool:
        return not re.search(r'data-state="(queued|running)"', self.http.get(run).text)


@pytest.fixture(scope="module")
def exhibition(darkroom: Darkroom) -> Iterator[Exhibition]:
    shown = Exhibition(darkroom)
    yield shown
    shown.http.close()


@pytest.fixture
def tab(new_tab: Callable[..., Tab], screen: dict) -> Tab:
    return new_tab(**on(screen))


@every_screen
def test_the_studio_and_its_runs(tab: Tab, exhibition: Exhibition) -> None:
    tab.open("/")
    tab.page.locator("#composer details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")
    looks_right(tab)
    for run in (exhibition.done, exhibition.failed, exhibition.broken, exhibition.worded):
        tab.open(run)
        looks_right(tab)


@every_screen
def test_a_run_while_it_runs(tab: Tab, exhibition: Exhibition) -> None:
    running = exhibition.order("The tide [[sim: slow 6s]]", ALL, OFFICIAL)
    tab.open(running)
    expect(tab.page.locator('figure[data-state="running"]')).to_have_count(2)
    tab.page.get_by_role("button", name="Stop watching").last.click()
    expect(tab.page.locator("figure").last).to_contain_text("Not watching")
    looks_right(tab)


@every_screen
def test_a_form_that_was_refused(tab: Tab) -> None:
    tab.open("/")
    tab.choose(OFFICIAL)
    tab.page.locator(f'select[name="{OFFICIAL}__size"]').select_option("custom")
    tab.page.locator(f'input[name="{OFFICIAL}__size__custom"]').fill("1000x1000")
    tab.page.locator("#generate").click()
    expect(tab.page.locator("#prompt-error")).not_to_be_empty()
    looks_right(tab)


@every_screen
def test_the_gallery_a_picture_and_a_page_that_is_not_there(tab: Tab, exhibition: Exhibition) -> None:
    for path in ("/gallery/", exhibition.picture, f"{exhibition.picture}?view=full", "/nowhere/"):
        tab.open(path)
        looks_right(tab)


@every_screen
def test_the_costs_and_the_limits(tab: Tab, exhibition: Exhibition) -> None:
    for path in ("/costs/", "/costs/?of=simulator", "/costs/limits/"):
        tab.open(path)
        looks_right(tab)


@every_screen
def test_the_login_and_the_empty_pages_behind_it(tab: Tab, team: Darkroom) -> None:
    tab.open(f"{team.url}/")
    looks_right(tab)
    tab.page.get_by_label("Name").fill("alice")
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="Log in").click()
    expect(tab.page.locator("#composer")).to_be_visible()
    expect(tab.page.get_by_role("heading", name="Nothing exposed yet")).to_be_attached()
    looks_right(tab)
    tab.open(f"{team.url}/gallery/")
    expect(tab.page.get_by_role("heading", name="Nothing developed yet")).to_be_visible()
    looks_right(tab)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_page_is_wider_than_the_screen(
    new_tab: Callable[..., Tab], exhibition: Exhibition, language: str
) -> None:
    tab = new_tab(locale=language)
    costs = "/costs/?of=simulator"
    for path in (
        "/",
        exhibition.done,
        exhibition.worded,
        "/gallery/",
        exhibition.picture,
        costs,
        "/chat/new/",
        "/nowhere/",
    ):
        for width in WIDTHS:
            tab.page.set_viewport_size({"width": width, "height": 900})
            tab.open(path) if width == WIDTHS[0] else None
            assert tab.overflow() <= 0, (path, width)


BELOW_ITS_PLACE = """state => Math.max(
  ...[...state.querySelectorAll("*")].map(each => each.getBoundingClientRect().bottom))
  - state.closest('.frame__pic').getBoundingClientRect().bottom"""


@pytest.mark.parametrize("width", [320, 1440])
def test_no_words_of_a_failure_are_cut_off(
    new_tab: Callable[..., Tab], exhibition: Exhibition, width: int
) -> None:
    tab = new_tab(viewport={"width": width, "height": 900}, has_touch=width < 400)
    for run in (exhibition.failed, exhibition.broken, exhibition.worded):
        tab.open(run)
        assert max(tab.page.locator("figure .state").evaluate_all(f"all => all.map({BELOW_ITS_PLACE})")) <= 0
