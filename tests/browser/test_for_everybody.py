"""By keyboard alone, without JavaScript, on a phone, in the dark, in Chinese."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Tab
from tests.factories import ALL, OFFICIAL, VIP


def test_the_keyboard_is_enough(studio: Tab, wish: Callable) -> None:
    page, prompt = studio.page, wish()
    page.keyboard.press("/")
    expect(page.locator("#prompt")).to_be_focused()
    page.keyboard.type(prompt)
    for _ in range(12):  # past the reference tray
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "models":
            break
    expect(page.locator(f'input[value="{ALL}"]')).to_be_focused()
    page.keyboard.press("2")
    page.keyboard.press("3")
    expect(page.locator(f'input[value="{VIP}"]')).not_to_be_checked()
    expect(page.locator(f'input[value="{OFFICIAL}"]')).not_to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'input[name="{ALL}__shape"][value="1:1"]')).to_be_checked()
    page.keyboard.press("Control+Enter")
    figure = studio.strip(prompt).locator('figure[data-state="done"]')
    expect(figure).to_have_count(1)

    link = figure.locator("a.frame__link")
    for _ in range(200):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#prompt-text")).to_have_text(prompt)
    page.wait_for_load_state()  # the keys are listened to once the page is whole
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("#composer")).to_be_visible()


def test_ctrl_enter_in_the_prompt_generates(studio: Tab, wish: Callable) -> None:
    prompt = wish()
    studio.choose(ALL)
    studio.page.locator("#prompt").fill(prompt)
    studio.page.locator("#prompt").press("Control+Enter")
    expect(studio.strip(prompt).locator("figure")).to_have_count(1)


def test_the_list_of_shortcuts_opens_with_a_question_mark(studio: Tab) -> None:
    studio.page.keyboard.press("?")
    expect(studio.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    studio.page.keyboard.press("Escape")
    expect(studio.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_without_javascript_everything_works_by_post_and_reload(
    new_tab: Callable[..., Tab], wish: Callable
) -> None:
    tab = new_tab(java_script_enabled=False).open("/")
    page, prompt = tab.page, wish()
    page.locator("#generate").click()
    expect(page.locator("#prompt-error")).to_have_text("Write what the picture should show.")

    tab.choose(ALL, VIP)
    strip = tab.generate(prompt)
    expect(strip.locator('figure[data-state="done"]')).to_have_count(2)  # the page reloads itself

    strip.get_by_role("button", name=re.compile("Another one like")).first.click()
    expect(page.locator("h1")).to_contain_text("Run ")
    expect(page.locator('figure[data-state="done"]')).to_have_count(3)
    page.locator("figure a.frame__link").first.click()
    expect(page.locator("#prompt-text")).to_have_text(prompt)
    page.get_by_role("link", name="Gallery").first.click()
    expect(page.locator(".cell").first).to_contain_text(prompt)


def test_on_a_phone_the_price_is_in_the_button_and_tools_always_show(
    new_tab: Callable[..., Tab], wish: Callable
) -> None:
    tab = new_tab(viewport=PHONE, has_touch=True, is_mobile=True).open("/")
    page, prompt = tab.page, wish()
    expect(page.locator("#generate-price")).to_have_text(re.compile(r"up to \$"))
    tab.choose(ALL)
    page.locator("#prompt").fill(prompt)
    page.locator("#generate").tap()
    strip = tab.strip(prompt)
    figure = strip.locator('figure[data-state="done"]')
    expect(figure).to_have_count(1)
    assert figure.locator(".tools-on-pic").evaluate("tools => getComputedStyle(tools).opacity") == "1"
    assert tab.overflow() <= 0 and tab.small_targets() == []


def test_on_a_phone_the_foot_says_how_far_the_newest_run_is_and_leads_to_it(
    new_tab: Callable[..., Tab], wish: Callable
) -> None:
    tab = new_tab(viewport=PHONE, has_touch=True, is_mobile=True).open("/")
    strip = tab.generate(wish())
    foot = tab.page.locator("#runlink")
    expect(foot).to_contain_text(strip.locator("h2").inner_text())
    expect(foot).to_contain_text("3 of 3 done")
    foot.tap()
    expect(strip.locator("figure").first).to_be_in_viewport()


def test_the_theme_goes_round_and_is_kept(studio: Tab) -> None:
    root = studio.page.locator("html")
    expect(root).to_have_attribute("data-theme", "system")
    for theme in ("light", "dark"):
        with studio.page.expect_response("**/theme/"):
            studio.page.get_by_role("button", name=re.compile("^Theme:")).first.click()
        expect(root).to_have_attribute("data-theme", theme)
    studio.page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    assert studio.page.evaluate("getComputedStyle(document.body).colorScheme || 'dark'") != "light"


def test_the_page_speaks_chinese_where_it_is_asked_to(studio: Tab) -> None:
    studio.page.get_by_role("button", name="简体中文").first.click()
    expect(studio.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(studio.page.locator("#generate")).to_contain_text("生成")
    expect(studio.page.locator('label[for="prompt"]')).to_have_text("提示词")
    studio.page.get_by_role("button", name="English").first.click()
    expect(studio.page.locator("#generate")).to_contain_text("Generate")


def test_a_browser_that_prefers_chinese_gets_it(new_tab: Callable[..., Tab]) -> None:
    tab = new_tab(locale="zh-CN").open("/")
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-Hans")
