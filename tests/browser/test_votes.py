"""Voting blind as people do it: from a run to the scoreboard by keyboard, and on a phone with a finger."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Tab, looks_right, on
from tests.factories import ALL, OFFICIAL, VIP

PLAIN = "[[sim: plain, size 96x64]]"


def run_of_three(tab: Tab, prompt: str) -> None:
    """Generate with three models, and go to the page of the finished run."""
    tab.open("/")
    tab.choose(ALL, VIP, OFFICIAL)
    strip = tab.generate(f"{prompt} {PLAIN}")
    expect(strip.locator('figure[data-state="done"]')).to_have_count(3)
    tab.page.goto(strip.locator(".run-head a").first.get_attribute("href") or "")


def start(page: Page, way: str) -> None:
    page.get_by_role("link", name="Vote blind").click()
    expect(page.get_by_role("heading", name=re.compile("Vote blind, run"))).to_be_visible()
    page.locator(".seg label", has_text=way).click()
    page.get_by_role("button", name="Start voting").click()
    expect(page.get_by_text("Names, times and prices stay hidden")).to_be_visible()
    page.wait_for_load_state()


def press(page: Page, key: str, then: str) -> None:
    """Press a key on a page that has come whole, and wait for the words that follow."""
    page.wait_for_load_state()
    page.keyboard.press(key)
    expect(page.locator("main")).to_contain_text(then)


def test_three_votes_by_keyboard_then_one_is_taken_back(studio: Tab, wish: Callable[[str], str]) -> None:
    page = studio.page
    run_of_three(studio, wish("A tea tin"))
    start(page, "Two at a time")
    expect(page.locator("figure.frame")).to_have_count(2)
    for image in page.locator(".blind img").all():
        expect(image).to_have_js_property("complete", True)
    assert not re.search(r"gpt-image|\$0\.\d{3}", page.locator("main").inner_html())
    looks_right(studio)

    press(page, "1", "You chose One.")
    expect(page.locator("figure.picked")).to_have_count(1)
    assert "gpt-image" not in page.locator("main").inner_html()  # its pictures come once more
    looks_right(studio)
    press(page, "Enter", "Vote 2 of 3")
    press(page, "t", "You found them equally good.")
    press(page, "Enter", "Vote 3 of 3")
    press(page, "0", "You found both bad.")
    expect(page.locator("figcaption", has_text=re.compile("gpt-image-2"))).to_have_count(2)
    press(page, "u", "Your vote was taken back")
    looks_right(studio)

    press(page, "2", "You chose Two: gpt-image-2")
    press(page, "Enter", "Chance to be chosen")
    expect(page.locator(".verdict")).to_contain_text("No clear winner yet")
    looks_right(studio)


def test_one_vote_on_a_phone(new_tab: Callable[..., Tab], wish: Callable[[str], str]) -> None:
    tab = new_tab(**on(PHONE))
    page = tab.page
    run_of_three(tab, wish("A lighthouse"))
    start(page, "Best of 3")
    looks_right(tab)
    targets = page.locator(".ballot button").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(targets) >= 44
    page.get_by_role("button", name="Choose Two").tap()
    expect(page.locator("main")).to_contain_text("You chose Two: gpt-image-2")
    looks_right(tab)
    for path in ("/votes/", "/votes/scoreboard/"):
        tab.open(path)
        looks_right(tab)
    page.locator(".seg label", has_text="Real models").click()
    expect(page.get_by_role("heading", name="Nobody has voted yet")).to_be_visible()
    looks_right(tab)


def test_the_next_pictures_come_while_the_names_are_read(studio: Tab, wish: Callable[[str], str]) -> None:
    page = studio.page
    run_of_three(studio, wish("A heron"))
    start(page, "Two at a time")
    press(page, "n", "You found both bad.")
    addresses = (page.locator("[data-preload]").get_attribute("data-preload") or "").split()
    assert len(addresses) == 2
    page.wait_for_load_state("networkidle")
    assert all(any(url.endswith(address) for url in studio.requests) for address in addresses)
