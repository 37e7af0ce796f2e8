"""Pictures leave with their story, and bring their set-up back: by a drop, a file and a link; nothing typed is lost."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.runs.setups import Aim, Setup
from tests import files
from tests.browser.conftest import Tab, every_screen, looks_right, on
from tests.browser.test_fusion import hand_over, tiles
from tests.factories import ALL, OFFICIAL, VIP


def size_of_vip(page: Page) -> str:
    return page.locator(f'input[name="{VIP}__size"]:checked').get_attribute("value")


def chosen(page: Page) -> list[str]:
    return page.locator('input[name="models"]:checked').evaluate_all("boxes => boxes.map(box => box.value)")


@pytest.fixture
def made(studio: Tab, wish: Callable) -> tuple[Tab, str]:
    """A picture of one model in a size that is not its usual one, and its prompt."""
    page, prompt = studio.page, wish("A tin for the road")
    studio.choose(VIP)
    page.locator(f'input[name="{VIP}__size"]:not(:checked)').nth(3).dispatch_event("click")
    strip = studio.generate(prompt)
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)
    return studio, prompt


def test_a_picture_from_an_export_brings_its_set_up_back(made: tuple[Tab, str], new_tab: Callable) -> None:
    studio, prompt = made
    page, wanted = studio.page, size_of_vip(studio.page)
    page.goto(f"/gallery/?q={prompt.rsplit(' ', 1)[1]}")
    cell = page.locator(".cell")
    expect(cell).to_have_count(1)
    cell.hover()
    cell.locator(".pick input").click()
    page.get_by_role("button", name="Export", exact=True).click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Export")).to_be_visible()
    page.get_by_label("Names").fill("{model} {label}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export 1 picture").click()
    assert download.value.suggested_filename.startswith("darkroom-")
    archive = zipfile.ZipFile(download.value.path())
    names = archive.namelist()
    assert names[0].startswith(f"{VIP} ") and names[1:] == ["manifest.csv", "manifest.json"]
    (told,) = json.loads(archive.read("manifest.json"))["pictures"]
    assert (told["prompt"], told["parameters"]["size"], told["file"]) == (prompt, wanted, names[0])

    other = new_tab().open("/")
    page = other.page
    page.locator("#prompt").fill("My own words")
    hand_over(page, "drop", archive.read(names[0]), names[0])
    offer = page.locator("#setup-offer")
    expect(offer).to_contain_text("This picture carries a set-up")
    expect(page.locator("#prompt")).to_have_value("My own words")
    assert other.violations() == []
    offer.get_by_role("button", name="Restore the set-up").click()
    expect(page.locator("#prompt")).to_have_value(prompt)
    expect(tiles(page)).to_have_count(0)
    assert (chosen(page), size_of_vip(page)) == ([VIP], wanted)
    expect(page.locator("#setup-opened")).to_contain_text("is here. Nothing was sent.")
    assert other.violations() == []

    page.get_by_role("button", name="Bring back what was typed before").click()
    expect(page.locator("#prompt")).to_have_value("My own words")
    expect(tiles(page)).to_have_count(1)
    assert chosen(page) == [ALL, VIP, OFFICIAL]
    page.get_by_role("button", name="Use the picture").click()
    expect(page.locator("#setup-offer")).to_have_count(0)
    page.reload()
    expect(tiles(page)).to_have_count(1)
    expect(page.locator("#prompt")).to_have_value("My own words")
    expect(page.locator("#setup-offer")).to_have_count(0)


def test_a_set_up_as_a_file_opens_when_it_is_chosen(
    made: tuple[Tab, str], new_tab: Callable, tmp_path: Path
) -> None:
    studio, prompt = made
    page = studio.page
    page.goto(f"/gallery/?q={prompt.rsplit(' ', 1)[1]}")
    page.locator(".cell .frame__pic").click()
    page.wait_for_load_state()
    with page.expect_download() as download:
        page.get_by_role("link", name="Set-up as a file").click()
    assert download.value.suggested_filename.endswith(".darkroom.json")
    content = Path(download.value.path()).read_bytes()
    page = new_tab().open("/").page
    name = download.value.suggested_filename
    page.locator(".ref--add .ref__file").set_input_files(
        [{"name": name, "mimeType": "application/json", "buffer": content}]
    )
    expect(page.locator("#prompt")).to_have_value(prompt)
    assert chosen(page) == [VIP]
    broken = {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    page.locator(".ref--add .ref__file").set_input_files([broken])
    expect(page.locator("#tray .notice--warn")).to_contain_text("This is no set-up of Darkroom.")
    expect(page.locator("#prompt")).to_have_value(prompt)


def test_a_link_opens_a_set_up_and_what_was_typed_comes_back(
    new_context: Callable, new_tab: Callable
) -> None:
    context = new_context()
    first = new_tab(context).open("/").page
    first.locator("#prompt").fill("Half a thought")
    expect(first.locator("#draft-note")).to_have_text("Draft saved")
    setup = Setup(
        "A remix of a tin", (Aim(OFFICIAL, {"quality": "high"}, 2), Aim("gpt-image-9")), label="214"
    )
    tab = new_tab(context).open(f"/{setup.query}")
    page = tab.page
    expect(page.locator("#prompt")).to_have_value("A remix of a tin")
    expect(page.locator("#tray .notice--warn")).to_contain_text(
        "“gpt-image-9” is no model that can be used here"
    )
    assert chosen(page) == [OFFICIAL] and "setup" not in page.url
    assert not any("/studio/generate/" in address for address in tab.requests)
    assert tab.violations() == []
    page.get_by_role("button", name="Bring back what was typed before").click()
    expect(page.locator("#prompt")).to_have_value("Half a thought")
    expect(page.locator('input[name="models"]:checked')).to_have_count(3)
    page.goto("/?setup=broken")
    expect(page.locator("#prompt")).to_have_value("Half a thought")
    expect(page.locator(".toast").first).to_contain_text("This is no set-up")


@every_screen
def test_the_page_of_an_export_looks_right(
    made: tuple[Tab, str], new_tab: Callable[..., Tab], screen: dict
) -> None:
    tab = new_tab(**on(screen)).open("/gallery/export/")
    looks_right(tab)
    tab.page.get_by_text("JPEG", exact=True).click()
    expect(tab.page.get_by_label("Quality, 1 to 100")).to_be_visible()
    looks_right(tab)
    tab.page.get_by_text("As they came", exact=True).click()
    expect(tab.page.get_by_label("Quality, 1 to 100")).to_be_hidden()


def test_without_script_an_export_is_a_form(made: tuple[Tab, str], new_tab: Callable) -> None:
    page = new_tab(java_script_enabled=False).open("/gallery/").page
    page.get_by_role("link", name="Export all").click()
    page.wait_for_load_state()
    with page.expect_download() as download:
        page.locator(".export .btn--go").click()
    assert zipfile.ZipFile(download.value.path()).testzip() is None


def test_a_picture_of_elsewhere_is_a_reference_as_ever(studio: Tab) -> None:
    page = studio.page
    content = files.flat(colour=(77, 1, 1))
    hand_over(page, "drop", content, "plain.png")
    expect(page.locator("#setup-offer")).to_have_count(0)
