"""Settings and Models in a real browser: with and without script, on every screen, and nothing for axe to object to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab, every_screen, looks_right, on
from tests.launch.conftest import Darkroom

KEY = "sk-practice-token"


@pytest.fixture
def tab(new_tab: Callable[..., Tab], screen: dict) -> Tab:
    return new_tab(**on(screen))


def simulator_of(darkroom: Darkroom) -> str:
    """Where the installation's own simulator listens: a provider like any other, for who has its address."""
    command = " ".join(darkroom.children().values())
    return f"http://127.0.0.1:{command.partition('simulator --port ')[2].split()[0]}"


def add(page: Page, name: str, address: str) -> None:
    """Enter a connection that stays switched off, so that other tests keep the simulator."""
    page.goto("/settings/connections/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Addresses").fill(address)
    page.get_by_label("Key", exact=True).fill(KEY)
    page.locator("label", has_text="Switched on").click()
    page.get_by_role("button", name="Save").click()


def remove(page: Page, name: str) -> None:
    page.goto("/settings/")
    page.get_by_role("link", name=f"Delete {name}").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_connection_from_its_first_letter_to_its_end(
    new_tab: Callable[..., Tab], wish: Callable, darkroom: Darkroom, script: bool
) -> None:
    page, name = new_tab(java_script_enabled=script).page, wish("Way")
    add(page, name, f"{simulator_of(darkroom)}/v1")
    way = page.locator("li.way").filter(has_text=name)
    expect(way).to_contain_text("Off")
    expect(way).to_contain_text("…oken")
    way.get_by_role("button", name="Test").click()
    expect(page.get_by_text("answers and the key is right")).to_be_visible()
    page.goto("/settings/")
    way.get_by_role("link", name="Change").click()
    expect(page.get_by_label("Key", exact=True)).to_have_value("")
    page.get_by_text("Per call", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(way).to_contain_text("Per call")
    remove(page, name)


def test_the_doctors_total_follows_the_ticks(new_tab: Callable[..., Tab], wish: Callable) -> None:
    page, name = new_tab().page, wish("Way")
    add(page, name, "https://api.example")
    page.get_by_role("link", name=f"Doctor {name}").click()
    total = page.locator("#doctor-total")
    expect(total).to_contain_text("for 7 calls")
    page.locator('input[value="all.n"]').locator("xpath=..").click()
    expect(total).to_contain_text("for 8 calls")
    remove(page, name)


def test_which_one_is_answered_while_one_ticks(new_tab: Callable[..., Tab]) -> None:
    tab = new_tab().open("/models/")
    first = tab.page.locator(".rank").first
    tab.page.get_by_text("A mask", exact=True).click()
    expect(first).to_contain_text("It changes only what a mask leaves open.")
    tab.page.get_by_label("Exact size").fill("1600x1200")
    expect(first).to_contain_text("It draws exactly 1600x1200.")


def test_which_one_is_answered_without_script(new_tab: Callable[..., Tab]) -> None:
    page = new_tab(java_script_enabled=False).open("/models/").page
    page.get_by_text("A mask", exact=True).click()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".rank").first).to_contain_text("It changes only what a mask leaves open.")


@every_screen
def test_how_they_look(tab: Tab, wish: Callable, darkroom: Darkroom) -> None:
    name = wish("Way")
    for path in (
        "/settings/",
        "/settings/connections/new/",
        "/models/",
        "/models/?mask=on&size=1x1",
        "/models/gpt-image-2-vip/",
    ):
        tab.open(path)
        looks_right(tab)
    add(tab.page, name, simulator_of(darkroom))
    looks_right(tab)
    way = tab.page.locator("li.way").filter(has_text=name)
    way.get_by_role("button", name="Test").click()
    expect(way.locator(".notice")).to_be_visible()
    looks_right(tab)
    for link in ("Doctor", "Change", "Delete"):
        tab.open("/settings/")
        tab.page.get_by_role("link", name=f"{link} {name}").click()
        tab.page.wait_for_url(lambda url: not url.endswith("/settings/"))
        looks_right(tab)
    remove(tab.page, name)


@pytest.mark.parametrize("width", [320, 390, 1440, 3840])
def test_no_page_is_wider_than_the_screen(new_tab: Callable[..., Tab], width: int) -> None:
    tab = new_tab(viewport={"width": width, "height": 900})
    for path in ("/settings/", "/settings/connections/new/", "/models/", "/models/gpt-image-2/"):
        tab.open(path)
        assert tab.overflow() <= 0, path
