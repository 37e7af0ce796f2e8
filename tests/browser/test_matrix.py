"""One wish, many pictures: from braces in a prompt to a contact sheet, with and without JavaScript, and on a phone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Tab, on
from tests.factories import ALL, VIP

# Long enough to pause it under way; what was sent cannot be called back, and the next test shares the installation.
SLOWLY = "[[sim: slow 6s, plain, size 96x64]]"
AT_ONCE = "[[sim: plain, size 96x64]]"


def compose(tab: Tab, prompt: str, table: str = "") -> Page:
    page = tab.page
    tab.choose(ALL, VIP)
    page.locator("#prompt").fill(prompt)
    if table:
        expect(page.locator("#matrix-fold")).to_have_attribute("open", "")  # a variable opens the fold
        page.locator("#table").fill(table)
    return page


def open_run(page: Page, prompt: str) -> None:
    """The page of the run with this template, by its heading in the list."""
    page.locator("section.run").filter(has_text=prompt).locator("h2 a").click()
    page.wait_for_load_state()


def test_what_it_multiplies_to_is_said_while_typing_and_comes_as_a_contact_sheet(
    studio: Tab, wish: Callable
) -> None:
    words = wish("tea tin")
    page = compose(studio, f"A {{red|blue}} {words} of {{{{metal}}}} {AT_ONCE}", "metal\ntin\niron\nbrass")
    expect(page.locator(".matrix-sum__n")).to_have_text("2 × 3 × 2 = 12 pictures")
    expect(page.locator(".matrix-sum__first li").first).to_have_text(f"A red {words} of tin {AT_ONCE}")
    page.get_by_role("button", name="Show all prompts").click()
    expect(page.locator(".prompts li")).to_have_count(6)
    expect(page.locator("#generate-words")).to_have_text("Generate 12 pictures, up to $0.360")

    page.locator("#generate").click()
    open_run(page, words)
    expect(page.locator('figure[data-state="done"]')).to_have_count(12)
    expect(page.locator(".tally__n")).to_contain_text("12 of 12")
    expect(page.get_by_role("rowheader", name="brass").first).to_be_visible()
    page.get_by_label("Down").select_option(label="Model (2)")
    page.get_by_role("button", name="Lay out").click()
    expect(page.get_by_role("rowheader", name=VIP).first).to_be_visible()
    assert studio.violations() == []

    page.get_by_role("link", name="Reuse this set-up").click()
    expect(page.locator(".matrix-sum__n")).to_have_text("2 × 3 × 2 = 12 pictures")
    assert studio.violations() == []


def test_many_are_asked_about_once_more_paused_and_stopped(studio: Tab, wish: Callable) -> None:
    words = wish("tea tin")
    numbers = "|".join(str(number) for number in range(120))
    page = compose(studio, f"A {words} {{{numbers}}} {SLOWLY}")
    expect(page.locator(".matrix-sum__n")).to_have_text("120 × 2 = 240 pictures")
    page.locator("#generate").click()
    expect(page.get_by_text("This starts 240 pictures, which cost at most $7.200 together.")).to_be_visible()
    expect(page.locator("#generate")).to_be_focused()
    page.keyboard.press("Enter")
    open_run(page, words)

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(re.compile(r"Paused\."))).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_focused()  # the same place says the other thing
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name=re.compile("Stop: cancel")).click()
    expect(page.locator("#tally-stop")).to_have_count(0)
    expect(page.locator(".tally__n")).to_contain_text("Cancelled")


def test_several_sizes_are_ticked_and_survive_a_reload(studio: Tab, wish: Callable) -> None:
    page = studio.page
    studio.choose(VIP)
    page.locator("#prompt").fill(wish())
    page.get_by_label("Several sizes and qualities of each model").check()
    cell = page.locator(f'input[type="checkbox"][name="{VIP}__size"][value="1280x720"]')
    cell.locator("xpath=..").click()
    expect(page.locator(".matrix-sum__n")).to_have_text("2 pictures")
    expect(page.locator("#draft-note")).to_have_text("Draft saved")
    page.reload()
    expect(page.locator(f'input[type="checkbox"][name="{VIP}__size"]:checked')).to_have_count(2)
    expect(page.locator(".matrix-sum__n")).to_have_text("2 pictures")


def test_without_javascript_too(new_tab: Callable[..., Tab], wish: Callable) -> None:
    tab, words = new_tab(java_script_enabled=False).open("/"), wish("tea tin")
    page = tab.page
    tab.choose(ALL)
    page.locator("#matrix-fold summary").click()
    page.locator("#prompt").fill(f"A {words} {{{{number}}}} {AT_ONCE}")
    page.locator("#table").fill("number\n" + "\n".join(str(number) for number in range(21)))
    page.locator("#generate").click()
    expect(page.get_by_text("This starts 21 pictures")).to_be_visible()
    page.locator("#generate").click()
    open_run(page, words)
    expect(page.locator('figure[data-state="done"]')).to_have_count(21)  # the page reloads itself


def test_on_a_phone_it_fits(new_tab: Callable[..., Tab], wish: Callable) -> None:
    tab = new_tab(**on(PHONE)).open("/")
    words = wish("tea tin")
    page = compose(tab, f"A {{red|blue|green}} {words} {{by day|by night}} {AT_ONCE}")
    expect(page.locator(".matrix-sum__n")).to_have_text("3 × 2 × 2 = 12 pictures")
    assert tab.overflow() <= 0 and tab.violations() == []
    page.locator("#generate").tap()
    open_run(page, words)
    expect(page.locator('figure[data-state="done"]')).to_have_count(12)
    assert tab.overflow() <= 0 and tab.small_targets() == [] and tab.violations() == []
