"""Pictures held against each other as people do it: by keyboard, by mouse, by finger, and back at the same place."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Tab, every_screen, looks_right, on
from tests.factories import ALL, OFFICIAL, VIP


@pytest.fixture
def run_of_three(studio: Tab, wish: Callable[..., str]) -> Tab:
    """A tab on the page of a run whose three models have drawn."""
    studio.choose(ALL, VIP, OFFICIAL)
    strip = studio.generate(wish("A stoneware vase and two pears"))
    expect(strip.locator('figure[data-state="done"]')).to_have_count(3)
    strip.locator(".run-head h2 a").click()
    studio.page.wait_for_url("**/runs/*/")
    expect(studio.page.locator('figure[data-state="done"]')).to_have_count(3)
    return studio


@pytest.fixture
def compared(run_of_three: Tab) -> Tab:
    """The same three, compared: by the key. What the studio showed while there were no small versions is forgotten."""
    run_of_three.requests.clear()
    run_of_three.page.keyboard.press("c")
    run_of_three.page.wait_for_url("**/compare/?run=*")
    expect(run_of_three.page.locator("#scale")).to_contain_text("Fit,")
    return run_of_three


def places(page: Page) -> list[dict[str, Any]]:
    """Where the picture of each frame is drawn, from its frame's corner, in parts of the frame."""
    return page.locator(".compare__frames .view").evaluate_all(
        """views => views.map(view => {
          const frame = view.getBoundingClientRect(), image = view.querySelector('img').getBoundingClientRect();
          const part = number => Math.round(number * 1000) / 1000;
          return {z: part(image.width / frame.width), x: part((image.left - frame.left) / frame.width),
                  y: part((image.top - frame.top) / frame.height)};
        })"""
    )


def all_at_one_place(page: Page) -> dict[str, Any]:
    found = places(page)
    assert all(place == found[0] for place in found)
    return found[0]


def originals(tab: Tab) -> list[str]:
    return [url for url in tab.requests if url.endswith("/original")]


def ids_of(page: Page) -> list[str]:
    return page.locator(".compare__frames .frame").evaluate_all(
        "frames => frames.map(frame => frame.dataset.o)"
    )


def test_all_frames_move_together_and_originals_come_only_at_full_size(compared: Tab) -> None:
    page = compared.page
    assert all_at_one_place(page) == {"z": 1, "x": 0, "y": 0}
    page.keyboard.press("+")
    place = all_at_one_place(page)
    assert place["z"] == 1.5 and place["x"] == place["y"] == -0.25
    view = page.locator(".compare__frames .view").nth(1)
    box = view.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 40, middle[1] - 30)
    page.mouse.up()
    dragged = all_at_one_place(page)
    assert dragged["x"] > place["x"] and dragged["y"] < place["y"]
    page.keyboard.press("ArrowRight")
    assert all_at_one_place(page)["x"] < dragged["x"]
    page.mouse.wheel(0, -60)
    assert all_at_one_place(page)["z"] > 1.5
    page.keyboard.press("0")
    assert all_at_one_place(page) == {"z": 1, "x": 0, "y": 0}
    assert originals(compared) == []
    page.keyboard.press("z")
    expect(page.locator("#scale")).to_have_text("100%")
    expect(page.locator('.compare__frames img[src$="/original"]')).to_have_count(3)


def test_two_are_held_against_each_other_by_keyboard_and_a_reload_shows_the_same(compared: Tab) -> None:
    page = compared.page
    first, second, third = ids_of(page)
    page.keyboard.press("s")
    pair = page.locator("#pair")
    expect(pair).to_be_visible()
    expect(page.locator(".compare__frames")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(pair.locator("[type=range]")).to_have_value("52")
    box = pair.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 40)
    expect(pair.locator("[type=range]")).to_have_value("25")

    page.keyboard.press("3")
    expect(page.locator("select[name=b]")).to_have_value(third)
    expect(pair.locator(".pair__tag--second")).to_contain_text("C official")
    page.wait_for_url(f"**m=slider*a={first}&b={third}*")

    page.keyboard.press("f")
    expect(pair.locator(".pair__tag--first")).to_be_visible()
    page.keyboard.press("f")
    expect(pair.locator(".pair__tag--first")).to_be_hidden()
    expect(page.locator("#flip")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_contain_text("C official")

    page.keyboard.press("x")
    expect(page.locator(".apart__fig")).to_contain_text(re.compile(r"\d+\.\d%"))
    expect(page.locator(".apart__fig")).to_contain_text(re.compile("between .*A and .*C"))
    expect(page.locator(".apart__pic img")).to_have_js_property("complete", True)
    page.get_by_text("Grey", exact=True).click()
    page.wait_for_url("**m=difference*s=grey*")
    page.reload()
    expect(page.locator(".apart__fig")).to_contain_text(re.compile("between .*A and .*C"))
    expect(page.locator("html")).to_have_attribute("data-surround", "grey")
    page.keyboard.press("x")
    expect(page.locator(".compare__frames")).to_be_visible()
    assert second in ids_of(page)


def test_the_loupe_shows_one_place_of_each_and_a_pick_stays(compared: Tab) -> None:
    page = compared.page
    page.keyboard.press("l")
    lenses = page.locator(".lens")
    expect(lenses).to_have_count(3)
    box = page.locator(".compare__frames .view").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7)
    offsets = lenses.evaluate_all(
        """lenses => lenses.map(lens => {
          const {left, top, width, height} = lens.getBoundingClientRect();
          const view = lens.parentElement.getBoundingClientRect();
          return [(left + width / 2 - view.left) / view.width, (top + height / 2 - view.top) / view.height];
        })"""
    )
    assert all(abs(x - 0.3) < 0.01 and abs(y - 0.7) < 0.01 for x, y in offsets)
    page.keyboard.press("l")
    page.keyboard.press("2")
    picked = page.locator(".compare__frames .frame").nth(1)
    expect(picked).to_have_class(re.compile("picked"))
    expect(page.locator("#announcer")).to_contain_text("Picked")
    page.reload()
    expect(picked).to_have_class(re.compile("picked"))
    page.keyboard.press("2")
    expect(picked).not_to_have_class(re.compile("picked"))


def test_pictures_of_the_gallery_are_compared_by_picks_by_alt_click_and_by_a_key(run_of_three: Tab) -> None:
    page = run_of_three.open("/gallery/").page
    cells = page.locator(".cell")
    cells.first.locator(".frame__pic").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".selbar__n")).to_have_text("2 picked")
    wanted = [cells.nth(at).locator(".pick input").get_attribute("value") for at in (0, 1, 2)]
    page.keyboard.press("c")
    page.wait_for_url(f"**/compare/?o={wanted[0]},{wanted[1]}")

    page.goto("/gallery/")
    page.keyboard.press("Escape")
    cells.nth(2).locator(".frame__pic").click(modifiers=["Alt"])
    expect(page.locator(".toast")).to_contain_text("Held for comparing")
    cells.nth(0).locator(".frame__pic").click(modifiers=["Alt"])
    page.wait_for_url(f"**/compare/?o={wanted[2]},{wanted[0]}")
    expect(page.locator("h1")).to_contain_text("Compare run")

    page.goto("/gallery/")
    cells.nth(1).locator(".frame__pic").focus()
    page.keyboard.press("c")
    page.wait_for_url(f"**/compare/?o={wanted[0]},{wanted[1]}")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/compare/")
    expect(page.get_by_text("Ready to be compared")).to_be_visible()


@every_screen
def test_it_looks_right_in_each_view(run_of_three: Tab, new_tab: Callable[..., Tab], screen: dict) -> None:
    address = run_of_three.page.locator("a[data-shortcut=c]").get_attribute("href")
    tab = new_tab(**on(screen))
    for view in ("", "&m=slider", "&m=flip&s=grey", "&m=difference&s=white", "&m=loupe"):
        tab.open(f"{address}{view}")
        expect(tab.page.locator("#scale")).to_contain_text("%")
        looks_right(tab)
    tab.open("/compare/")
    looks_right(tab)
    one = tab.open(address).page.locator("a.no").first.get_attribute("href").strip("/").split("/")[-1]
    tab.open(f"/compare/?o={one}")
    looks_right(tab)


@pytest.mark.parametrize("width", [320, 721, 900, 1041])
def test_nothing_is_cut_off_between_a_phone_and_a_desk(
    run_of_three: Tab, new_tab: Callable[..., Tab], width: int
) -> None:
    address = run_of_three.page.locator("a[data-shortcut=c]").get_attribute("href")
    tab = new_tab(viewport={"width": width, "height": 800})
    for path in (f"{address}&m=flip", f"{address}&m=difference", "/gallery/"):
        assert tab.open(path).overflow() <= 0, path
    everywhere = tab.page.locator(".nav:visible, #more").get_by_role("link", include_hidden=True)
    assert {"Compare", "Models", "Settings"} <= {words.strip() for words in everywhere.all_text_contents()}


def test_on_a_phone_two_fingers_zoom_all_frames(run_of_three: Tab, new_tab: Callable[..., Tab]) -> None:
    address = run_of_three.page.locator("a[data-shortcut=c]").get_attribute("href")
    tab = new_tab(viewport=PHONE, has_touch=True, is_mobile=True).open(address)
    expect(tab.page.locator("#scale")).to_contain_text("Fit,")
    tab.page.locator(".compare__frames .view").first.evaluate(
        """view => {
          const touch = (clientX, identifier) => new Touch({identifier, target: view, clientX, clientY: 400});
          const at = (...xs) => xs.map(touch), usual = {bubbles: true, cancelable: true};
          const send = (name, touches) => view.dispatchEvent(new TouchEvent(name, {touches, ...usual}));
          send('touchstart', at(150, 200)); send('touchmove', at(100, 250)); send('touchend', []);
        }"""
    )
    assert all_at_one_place(tab.page)["z"] == 3
    assert tab.overflow() <= 0


def test_without_script_there_is_the_grid_its_table_and_a_form_for_the_other_views(
    run_of_three: Tab, new_tab: Callable[..., Tab]
) -> None:
    address = run_of_three.page.locator("a[data-shortcut=c]").get_attribute("href")
    page = new_tab(java_script_enabled=False).open(address).page
    expect(page.locator(".compare__frames .frame")).to_have_count(3)
    expect(page.locator("table.data--cmp")).to_contain_text("gpt-image-2-vip")
    page.get_by_text("Difference", exact=True).click()
    page.locator("select[name=b]").select_option(index=2)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".apart__fig")).to_contain_text(re.compile("between .*A and .*C"))
    page.get_by_role("button", name=re.compile("^Pick .*B")).click()
    expect(page.get_by_role("button", name=re.compile("^Picked .*B"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Picked .*B")).click()
