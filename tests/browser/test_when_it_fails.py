"""Every failure says what happened, whether it cost money, and what to do next."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Tab
from tests.factories import ALL, VIP


def test_a_refusal_is_free_and_leads_back_to_the_set_up(studio: Tab, wish: Callable) -> None:
    prompt = wish() + " [[sim: moderation]]"
    studio.choose(ALL, VIP)
    strip = studio.generate(prompt)
    refused = strip.locator('figure[data-state="failed"]')
    expect(refused).to_have_count(2)
    expect(refused.first).to_contain_text("The provider's safety filter refused this prompt.")
    expect(refused.first).to_contain_text("Not billed")
    expect(refused.first.locator(".cost")).to_have_text("$0.000")

    refused.nth(1).get_by_role("link", name="Edit the set-up").click()
    expect(studio.page.locator("#prompt")).to_have_value(prompt)
    expect(studio.page.locator(f'input[value="{VIP}"]')).to_be_checked()
    expect(studio.page.locator(f'input[value="{ALL}"]')).not_to_be_checked()


def test_a_cut_connection_may_have_cost_and_is_sent_again_only_by_a_click_with_its_price(
    studio: Tab, wish: Callable
) -> None:
    studio.choose(ALL)
    strip = studio.generate(wish() + " [[sim: cut 50% x1]]")
    broken = strip.locator('figure[data-state="interrupted"]')
    expect(broken).to_contain_text("May have been billed")
    expect(broken.locator(".cost")).to_have_text("? $0.030")

    broken.get_by_role("button", name="Send again, $0.030").click()
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)
    expect(broken).to_contain_text("Sent again as A2")
    expect(broken.get_by_role("button", name="Send again")).to_have_count(0)


def test_what_was_free_is_sent_again_all_at_once(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL, VIP)
    strip = studio.generate(wish() + " [[sim: 401 x1]]")
    strip.get_by_role("button", name="Send 2 again").click()
    expect(strip.locator('figure[data-state="done"]')).to_have_count(2)
    expect(strip.locator('figure[data-state="failed"]')).to_have_count(2)


def test_a_busy_provider_is_asked_again_by_itself_and_the_page_says_when(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL)
    strip = studio.generate(wish() + " [[sim: 503 x1]]")
    expect(strip.locator("figure")).to_contain_text("nothing was billed. Trying again at")
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)


def test_a_picture_of_other_pixels_than_asked_is_marked(studio: Tab, wish: Callable) -> None:
    studio.choose(VIP)
    strip = studio.generate(wish() + " [[sim: size 640x480]]")
    chip = strip.locator('figure[data-state="done"] .edge .off')
    expect(chip).to_contain_text("640 × 480")
    expect(chip).to_have_attribute("title", "Asked for 2048 × 2048")


def test_without_a_connection_the_page_says_that_nothing_was_sent(
    new_context: Callable, wish: Callable
) -> None:
    """Not with the usual tab: a browser complains in its console about every request that could not be made."""
    context = new_context()
    page = context.new_page()
    page.goto("/")
    page.locator("#prompt").fill(wish())
    context.set_offline(True)
    page.locator("#generate").click()
    expect(page.locator(".toast")).to_contain_text("No connection to Darkroom. Nothing was sent.")
    context.set_offline(False)
    page.locator("#generate").click()
    expect(page.locator("section.run").first.locator("figure")).to_have_count(3)
