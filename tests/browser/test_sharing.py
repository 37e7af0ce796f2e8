"""Links from end to end: made by their owner, seen by a stranger who has nothing but the address, and ended."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Tab, every_screen, looks_right, on
from tests.launch.conftest import Darkroom, environment, free_port, manage

PASSWORD = "a quiet red room"


@pytest.fixture(scope="module")
def studio_with_pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """An installation of its own with a few pictures."""
    folder = tmp_path_factory.mktemp("shared")
    ports = {"SIMULATOR_URL": f"http://127.0.0.1:{free_port()}"}
    for words in (("migrate", "--verbosity=0"), ("seed_gallery", "--count", "6")):
        made = manage(*words, env=environment(folder / "data", **ports))
        assert made.returncode == 0, made.stderr
    started = Darkroom(folder / "data", folder / "log", **ports)
    try:
        started.says("Darkroom is at")
        yield started
    finally:
        started.kill()


@pytest.fixture
def tab(studio_with_pictures: Darkroom, new_tab: Callable[..., Tab]) -> Callable[..., Tab]:
    return lambda **options: new_tab(base_url=studio_with_pictures.url, **options)


def share(owner: Tab, count: int, *ticks: str, password: str = "") -> str:
    """Pick so many pictures in the gallery and make a link to them; its address."""
    page = owner.open("/gallery/").page
    for box in page.locator(".pick input").all()[:count]:
        box.check(force=True)
    page.locator("#selection").get_by_role("button", name="Share").click()
    expect(page.get_by_role("heading", name="Share")).to_be_visible()
    for tick in ticks:
        page.get_by_role("checkbox", name=re.compile(f"^{tick}")).check()
    if password:
        page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Make the link").click()
    address = page.locator("#address")
    expect(address).to_be_visible()
    return address.inner_text()


def test_a_selection_becomes_a_link_that_works_without_script_and_ends_at_once(
    tab: Callable[..., Tab],
) -> None:
    owner = tab()
    address = share(owner, 3, "Prompts")
    visitor = tab(java_script_enabled=False, **{"viewport": PHONE}).open(address).page
    expect(visitor.locator("figure img")).to_have_count(3)
    visitor.locator("figure a").nth(1).click()
    expect(visitor.get_by_role("link", name="All 3")).to_be_visible()
    expect(visitor.locator("h1")).not_to_be_empty()
    visitor.get_by_role("link", name="Next").click()
    expect(visitor).to_have_url(f"{address}3/")

    owner.open("/links/")
    expect(owner.page.locator(".link-row").first).to_contain_text("1 view")
    owner.page.get_by_role("button", name="End it").first.click()
    expect(owner.page.locator(".toast")).to_contain_text("Ended")
    visitor.goto(address)
    expect(visitor.locator("h1")).to_have_text("Nothing is shown at this address")
    owner.page.get_by_role("button", name="Undo").click()
    expect(owner.page.locator(".toast")).to_contain_text("Open again")
    visitor.goto(address)
    expect(visitor.locator("figure img")).to_have_count(3)


def test_a_password_opens_it_in_a_real_browser(tab: Callable[..., Tab]) -> None:
    """Browsers say `Origin: null` with a form of a page that sends no referrer."""
    address = share(tab(), 2, password=PASSWORD)
    visitor = tab().open(address).page
    visitor.get_by_label("This link has a password").fill("something else")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_contain_text("That is not the password")
    visitor.get_by_label("This link has a password").fill(PASSWORD)
    visitor.get_by_role("button", name="Show it").click()
    expect(visitor.locator("figure img")).to_have_count(2)
    assert visitor.locator("figure img").first.evaluate(
        "image => image.decode().then(() => image.naturalWidth > 0)"
    )


def votes_on_the_board(owner: Tab) -> int:
    """How many votes the scoreboard that is open says to count."""
    expect(owner.page.locator("#board")).to_contain_text(re.compile(r"\d votes?\.|Nobody has voted yet"))
    return int(re.findall(r"(\d+) votes?\.|$", owner.page.locator("#board").inner_text())[0] or 0)


def test_a_visitor_votes_blind_without_script_and_the_owner_reads_of_it(tab: Callable[..., Tab]) -> None:
    owner = tab()
    before = votes_on_the_board(owner.open("/votes/scoreboard/?of=simulator&by=visitors"))
    address = share(owner, 6, "Models and settings", "Costs", "Visitors may vote blind")
    visiting = tab(java_script_enabled=False, **{"viewport": PHONE}).open(address)
    visitor = visiting.page
    expect(visitor.locator(".shot__edge").first).not_to_contain_text("$")
    visitor.get_by_role("link", name="Vote blind first").click()
    visitor.get_by_role("button", name="Choose Two").click()
    expect(visitor.locator("h1")).to_contain_text("You chose Two: gpt-image-2")
    expect(visitor.get_by_role("button", name="Choose Two")).to_have_attribute("aria-pressed", "true")
    visitor.get_by_role("button", name="Choose One").click()
    expect(visitor.locator("h1")).to_contain_text("You chose One: gpt-image-2")
    visitor.get_by_role("link", name="All pictures").click()
    expect(visitor.locator(".shot__edge").first).to_contain_text("$")

    owner.open("/links/").page.get_by_role("link", name=re.compile("^Change")).first.click()
    expect(owner.page.locator("main")).to_contain_text("1 visitor voted.")
    owner.page.get_by_role("link", name="See them on the scoreboard").click()
    expect(owner.page.get_by_role("radio", name="Visitors’ votes")).to_be_checked()
    assert votes_on_the_board(owner) == before + 1


@every_screen
def test_it_looks_right_to_visitors_and_to_its_owner(tab: Callable[..., Tab], screen: dict) -> None:
    owner = tab(**on(screen))
    everything = ("Prompts", "References", "Costs", "Models and settings", "Originals")
    one, several = share(owner, 1, *everything), share(owner, 3, *everything)
    looks_right(owner)
    locked = share(owner, 1, password=PASSWORD)
    visitor = tab(**on(screen))
    for address in (one, several, f"{several}2/", locked, re.sub("[^/]+/$", "nowhere/", one)):
        visitor.open(address)
        visitor.page.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")
        looks_right(visitor)
    voting = share(owner, 3, *everything, "Visitors may vote blind")
    for path in ("", "1/", "vote/"):
        visitor.open(f"{voting}{path}")
        looks_right(visitor)
    visitor.page.get_by_role("button", name="Choose One").click()
    expect(visitor.page.locator("h1")).to_contain_text("You chose One")
    looks_right(visitor)
    owner.open("/links/")
    looks_right(owner)
    owner.page.get_by_role("link", name=re.compile("^Change")).first.click()
    owner.page.wait_for_load_state()
    looks_right(owner)
