"""The gallery as people use it: by mouse, by finger, by keyboard, without script, and back to the same place."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Tab, every_screen, looks_right, on
from tests.launch.conftest import Darkroom, environment, free_port, manage

MANY = 130


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """An installation of its own with more pictures than a page holds."""
    folder = tmp_path_factory.mktemp("filled")
    ports = {"SIMULATOR_URL": f"http://127.0.0.1:{free_port()}"}
    for words in (("migrate", "--verbosity=0"), ("seed_gallery", "--count", str(MANY))):
        made = manage(*words, env=environment(folder / "data", **ports))
        assert made.returncode == 0, made.stderr
    started = Darkroom(folder / "data", folder / "log", **ports)
    try:
        started.says("Darkroom is at")
        yield started
    finally:
        started.kill()


@pytest.fixture
def open_gallery(filled: Darkroom, new_tab: Callable[..., Tab]) -> Callable[..., Tab]:
    def opened(query: str = "", **options: object) -> Tab:
        tab = new_tab(base_url=filled.url, **options).open(f"/gallery/{query}")
        expect(tab.page.locator(".cell").first).to_be_visible()
        return tab

    return opened


def picked(page: Page) -> list[str]:
    return page.locator(".pick input:checked").evaluate_all("boxes => boxes.map(box => box.value)")


def all_ids(page: Page) -> list[str]:
    return page.locator(".pick input").evaluate_all("boxes => boxes.map(box => box.value)")


def test_pictures_are_picked_by_mouse_tagged_binned_and_taken_back(open_gallery: Callable[..., Tab]) -> None:
    page = open_gallery().page
    ids = all_ids(page)
    cells = page.locator(".cell")
    cells.nth(1).hover()
    cells.nth(1).locator(".pick input").click()
    cells.nth(4).locator(".frame__pic").click(modifiers=["Shift"])
    cells.nth(2).locator(".frame__pic").click(modifiers=["ControlOrMeta"])
    assert picked(page) == [ids[1], ids[3], ids[4]]
    expect(page.locator(".selbar__n")).to_have_text("3 picked")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Tags, between commas").fill("one of three")
    page.get_by_role("button", name="Put on").click()
    expect(page.locator(".toast")).to_contain_text("3 pictures were changed.")
    page.goto("/gallery/?tag=1") if page.locator(f"#p{ids[1]}").count() == 0 else None
    page.locator(f"#p{ids[1]} .pick input").check()
    page.get_by_role("button", name="To the bin").click()
    expect(page.locator(".toast").first).to_contain_text("1 picture is in the bin")
    expect(page.locator(f"#p{ids[1]}")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#p{ids[1]}")).to_have_count(1)


def test_everything_can_be_done_by_keyboard(open_gallery: Callable[..., Tab]) -> None:
    page = open_gallery().page
    ids = all_ids(page)
    page.locator(".frame__pic").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert picked(page) == ids[1:4]
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.closest('.cell').getBoundingClientRect().top")
    assert below > page.locator(f"#p{ids[3]}").bounding_box()["y"]
    page.keyboard.press("Escape")
    assert picked(page) == []
    page.keyboard.press("Control+a")
    assert len(picked(page)) == page.locator(".cell").count()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery/*/")


def test_a_finger_that_stays_picks_and_from_then_on_each_tap_does(open_gallery: Callable[..., Tab]) -> None:
    page = open_gallery(viewport=PHONE, has_touch=True, is_mobile=True).page
    ids = all_ids(page)
    first = page.locator(".frame__pic").first
    first.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(page.locator(".pick input").first).to_be_checked()
    first.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    first.dispatch_event("click")
    page.locator(".frame__pic").nth(1).tap()
    assert picked(page) == ids[:2]


def test_a_search_answers_while_one_types_and_back_undoes_it(open_gallery: Callable[..., Tab]) -> None:
    page = open_gallery().page
    page.locator("#q").fill("灯塔")
    page.wait_for_url("**q=*")
    expect(page.locator(".found-head")).to_contain_text("灯塔")
    for cell in page.locator(".cell__t").all_inner_texts():
        assert "灯塔" in cell
    page.get_by_text("Favourites", exact=True).click()
    page.wait_for_url("**favourites=1*")
    page.go_back()
    page.wait_for_url(lambda url: "favourites" not in url)
    expect(page.locator("#q")).to_have_value("灯塔")


def scroll_to_the_end(page: Page) -> None:
    cells = page.locator(".cell")
    before = cells.count()
    while page.locator(".more:not(.more--none)").count():
        page.mouse.wheel(0, 100_000)
        expect(cells).not_to_have_count(before)
        before = cells.count()


def test_scrolling_brings_more_and_going_back_leads_to_the_same_place(
    open_gallery: Callable[..., Tab],
) -> None:
    page = open_gallery().page
    scroll_to_the_end(page)
    expect(page.locator(".found-head")).to_contain_text(f"{page.locator('.cell').count()} pictures")
    ids = all_ids(page)
    deep = page.locator(f"#p{ids[100]}")
    deep.locator(".frame__pic").click()
    page.wait_for_url("**/gallery/*/")
    page.go_back()
    expect(deep).to_be_in_viewport()


def test_a_star_is_put_on_without_a_new_page(open_gallery: Callable[..., Tab]) -> None:
    tab = open_gallery()
    star = tab.page.locator(".star").nth(5)
    star.hover()
    before = star.get_attribute("aria-pressed")
    star.click()
    expect(star).not_to_have_attribute("aria-pressed", before)
    tab.page.reload()
    expect(tab.page.locator(".star").nth(5)).not_to_have_attribute("aria-pressed", before)


def test_without_script_one_filters_picks_bins_and_takes_back(open_gallery: Callable[..., Tab]) -> None:
    page = open_gallery("?q=lighthouse", java_script_enabled=False).page
    first = page.locator(".cell").first
    name = first.get_attribute("id")
    expect(page.locator(".selbar")).to_be_hidden()
    first.locator(".pick input").check()
    page.get_by_role("button", name="To the bin").click()
    expect(page.locator(f"#{name}")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    page.goto("/gallery/?q=lighthouse")
    expect(page.locator(f"#{name}")).to_have_count(1)
    page.goto("/gallery/")
    page.get_by_role("link", name="Load the next 40").click()
    assert page.locator(".cell").count() == 40


@every_screen
def test_the_gallery_in_its_states_looks_right(open_gallery: Callable[..., Tab], screen: dict) -> None:
    tab = open_gallery("?mode=text", **on(screen))
    looks_right(tab)
    tab.page.locator(".pick input").first.check()
    looks_right(tab)
    tab.page.locator("button[popovertarget=picked-tag]").click()
    assert tab.overflow() <= 0
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="To the bin").click()
    for path in ("/gallery/bin/", "/gallery/?q=nothing+like+this"):
        tab.open(path)
        looks_right(tab)
