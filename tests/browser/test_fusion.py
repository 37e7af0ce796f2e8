"""Many pictures in, one picture out: the tray and the mask painter with mouse, fingers and keyboard."""

import base64
import hashlib
import io
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests import files
from tests.browser.conftest import PHONE, Tab, every_screen
from tests.factories import ALL, OFFICIAL, VIP
from tests.launch.conftest import Darkroom

PNG = "image/png"


def colour(red: int, width: int = 360, height: int = 240) -> bytes:
    """A picture that no other test has."""
    return files.flat(width, height, colour=(red, 90, 40))


def as_file(content: bytes, name: str = "tin.png") -> dict:
    return {"name": name, "mimeType": PNG, "buffer": content}


def tiles(page: Page) -> Locator:
    return page.locator("#tray .ref[data-upload]")


def names(page: Page) -> list[str]:
    """What the pictures in the tray are called, in their order."""
    return [
        tile.get_attribute("alt").split(": ", 1)[1]
        for tile in page.locator("#tray .ref__pic > img[alt*=':']").all()
    ]


def add(page: Page, *chosen: dict) -> None:
    """Choose files, and wait until they are in the tray."""
    before = tiles(page).count()
    page.locator(".ref--add .ref__file").set_input_files(list(chosen))
    expect(tiles(page)).to_have_count(before + len(chosen))


HANDED = """([kind, files]) => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, {type: 'image/png'}));
  }
  const target = document.querySelector('#prompt');
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
  target.dispatchEvent(event);
}"""


def hand_over(page: Page, kind: str, content: bytes, name: str) -> None:
    """Paste or drop a file, as the system would."""
    before = tiles(page).count()
    page.evaluate(HANDED, [kind, [[name, base64.b64encode(content).decode()]]])
    expect(tiles(page)).to_have_count(before + 1)


@pytest.fixture
def calls(darkroom: Darkroom) -> Callable[[str], list[dict]]:
    """What the provider received for this prompt."""

    def of(prompt: str) -> list[dict]:
        log = httpx.get(f"{darkroom.simulator_url}/_sim/calls", timeout=30, trust_env=False).json()["calls"]
        return [call for call in log if prompt in (call["prompt"] or "")]

    return of


def open_painter(page: Page) -> Locator:
    page.locator(".ref__mask-open").click()
    painter = page.locator("mask-painter[data-ready]")
    expect(painter).to_be_visible()
    return painter


def bits(page: Page) -> bytes:
    """What is painted: 1 where the picture may change, row by row."""
    painted = page.evaluate(
        "() => { const data = document.querySelector('mask-painter').bits.data; let text = '';"
        "for (let n = 0; n < data.length; n += 8192) text += String.fromCharCode(...data.subarray(n, n + 8192));"
        "return btoa(text); }"
    )
    return base64.b64decode(painted)


def drag(page: Page, canvas: Locator, *points: tuple[float, float]) -> None:
    """Press at the first point (in shares of the canvas), move over the others, and let go."""
    box = canvas.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_five_references_from_five_sources_reordered_masked_and_sent_to_three_models(
    studio: Tab, wish: Callable, calls: Callable
) -> None:
    page, prompt = studio.page, wish("Change image 1: the tin of image 5")
    source = studio.generate(wish("A source"))
    expect(source.locator('figure[data-state="done"]')).to_have_count(3)

    add(page, as_file(colour(11), "chosen.png"))
    hand_over(page, "paste", colour(12), "pasted.png")
    hand_over(page, "drop", colour(13), "dropped.png")
    page.locator("#pick-open").click()
    page.locator("#picks .pick").first.click()
    expect(tiles(page)).to_have_count(4)
    page.locator("#picker [data-close]").click()
    source.locator("figure").first.hover()
    source.locator("figure").first.get_by_role("button", name="as a reference").click()
    expect(tiles(page)).to_have_count(5)

    page.locator("#prompt").fill(prompt)
    tiles(page).nth(4).locator(".ref__pic").drag_to(tiles(page).nth(1).locator(".ref__pic"))
    expect(page.locator("#prompt")).to_have_value(prompt.replace("image 5", "image 2"))
    order = names(page)
    assert order[0] == "chosen.png" and order[2:4] == ["pasted.png", "dropped.png"]

    painter = open_painter(page)
    drag(page, painter.locator("canvas"), (0.3, 0.3), (0.5, 0.6), (0.7, 0.4))
    painted = bits(page)
    painter.get_by_role("button", name="Use this mask").click()
    expect(page.locator(".ref__mask-open")).to_contain_text("%")

    after = prompt.replace("image 5", "image 2")
    page.locator("#generate").click()
    expect(studio.strip(after).locator('figure[data-state="done"]')).to_have_count(3)
    received = {call["model"]: call for call in calls(after)}
    assert set(received) == {ALL, VIP, OFFICIAL}
    assert [call["references"] for call in received.values()] == [5, 5, 5]
    assert [received[model]["mask_file"] is not None for model in (ALL, VIP, OFFICIAL)] == [
        False,
        False,
        True,
    ]

    address = page.locator("#tray .ref__mask").get_attribute("src")
    content = page.request.get(address).body()
    assert hashlib.sha256(content).hexdigest() == received[OFFICIAL]["mask_file"]["sha256"]
    with Image.open(io.BytesIO(content)) as mask:
        assert mask.getchannel("A").tobytes() == bytes(0 if bit else 255 for bit in painted)


def test_the_tray_survives_a_reload_and_follows_to_the_next_page(studio: Tab) -> None:
    page = studio.page
    add(page, as_file(colour(21), "first.png"), as_file(colour(22), "second.png"))
    page.locator("#tray .ref__note").nth(1).fill("the bottle")
    page.locator("#prompt").fill("Blend image 1 and image 2")
    page.reload()
    expect(tiles(page)).to_have_count(2)
    assert names(page) == ["first.png", "second.png"]
    expect(page.locator("#tray .ref__note").nth(1)).to_have_value("the bottle")
    expect(page.locator("#prompt")).to_have_value("Blend image 1 and image 2")


def test_a_picture_taken_on_its_own_page_joins_the_draft(studio: Tab, wish: Callable) -> None:
    page = studio.page
    studio.choose(ALL)
    strip = studio.generate(wish("A source"))
    add(page, as_file(colour(23), "first.png"))
    strip.locator('figure[data-state="done"] a.frame__link').click()
    page.get_by_role("button", name="Use as reference").click()
    expect(tiles(page)).to_have_count(2)
    assert names(page)[0] == "first.png"
    page.reload()
    expect(tiles(page)).to_have_count(2)


def test_a_file_that_can_not_be_used_is_refused_in_a_sentence(studio: Tab) -> None:
    page = studio.page
    page.locator(".ref--add .ref__file").set_input_files(
        [as_file(files.SVG, "logo.svg"), as_file(colour(31))]
    )
    expect(page.locator("#toasts")).to_contain_text("“logo.svg” was not taken: SVG can’t be read here")
    expect(tiles(page)).to_have_count(1)
    expect(page.locator("#coming .ref--coming")).to_have_count(0)


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(studio: Tab) -> None:
    page = studio.page
    page.route("**/studio/uploads/", lambda route: None)  # it never arrives
    page.locator(".ref--add .ref__file").set_input_files([as_file(colour(32), "slow.png")])
    coming = page.locator("#coming .ref--coming")
    expect(coming.get_by_role("progressbar", name="slow.png")).to_be_visible()
    coming.get_by_role("button", name="Cancel").click()
    expect(page.locator("#coming .ref--coming")).to_have_count(0)
    expect(tiles(page)).to_have_count(0)
    page.unroute("**/studio/uploads/")
    add(page, as_file(colour(33), "next.png"))


def test_a_chip_puts_the_name_at_the_cursor_in_the_language_of_the_prompt(studio: Tab) -> None:
    page = studio.page
    add(page, as_file(colour(34)))
    page.locator("#prompt").fill("Put on a table")
    page.locator("#prompt").evaluate("field => field.setSelectionRange(3, 3)")
    page.locator(".ref__chip").click()
    expect(page.locator("#prompt")).to_have_value("Put image 1 on a table")
    page.locator("#prompt").fill("杯子放到")
    page.locator(".ref__chip").click()
    expect(page.locator("#prompt")).to_have_value("杯子放到图1")


def test_the_keyboard_is_enough_for_fusion(studio: Tab, wish: Callable, calls: Callable) -> None:
    page, prompt = studio.page, wish("Repaint image 1 like image 2")
    studio.choose(OFFICIAL)
    page.locator(".ref--add .ref__file").focus()
    page.locator(".ref--add .ref__file").set_input_files(
        [as_file(colour(41), "a.png"), as_file(colour(42), "b.png")]
    )
    expect(tiles(page)).to_have_count(2)

    page.locator("#prompt").fill(prompt)
    page.get_by_role("button", name="Move image 2 earlier").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#prompt")).to_have_value(prompt.replace("1 like image 2", "2 like image 1"))
    assert names(page) == ["b.png", "a.png"]
    assert page.evaluate("document.activeElement.closest('.ref')?.dataset.number") == "1"
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#prompt")).to_have_value(prompt)
    assert page.evaluate("document.activeElement.closest('.ref')?.dataset.number") == "2"

    page.locator(".ref__mask-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("mask-painter[data-ready]")).to_be_visible()
    page.locator(".paint__more summary").focus()
    page.keyboard.press("Enter")
    for name, value in {"left": 30, "top": 20, "width": 100, "height": 50}.items():
        page.locator(f"[name=box-{name}]").fill(str(value))
    page.get_by_role("button", name="Add rectangle").press("Enter")
    expect(page.locator(".paint__share")).to_have_text("6% of the picture may change")
    page.get_by_role("button", name="Invert").press("Enter")
    page.keyboard.press("Control+z")
    expect(page.locator(".paint__share")).to_have_text("6% of the picture may change")
    painted = bits(page)
    page.get_by_role("button", name="Use this mask").press("Enter")
    expect(page.locator(".ref__mask-open")).to_contain_text("6%")
    assert sum(painted) == 100 * 50 and painted[20 * 360 + 30] == 1 and painted[20 * 360 + 29] == 0

    page.locator("#prompt").press("Control+Enter")
    expect(studio.strip(prompt).locator('figure[data-state="done"]')).to_have_count(1)
    assert calls(prompt)[0]["mask_file"]["width"] == 360


def test_enter_in_a_note_moves_nothing_and_sends_nothing(studio: Tab) -> None:
    page = studio.page
    add(page, as_file(colour(43), "a.png"), as_file(colour(44), "b.png"))
    page.locator("#prompt").fill("A prompt that must not be sent")
    page.locator("#tray .ref__note").nth(1).press("Enter")
    page.locator("#tray .ref__note").nth(1).fill("still here")
    assert names(page) == ["a.png", "b.png"]
    expect(page.locator(".run-head p", has_text="must not be sent")).to_have_count(0)


class TestThePainter:
    @pytest.fixture
    def painter(self, studio: Tab) -> Locator:
        add(studio.page, as_file(colour(51), "tin.png"))
        return open_painter(studio.page)

    def tool(self, painter: Locator, name: str) -> None:
        painter.locator(f"[name=tool][value={name}]").locator("xpath=..").click()

    def test_has_tools_that_paint_and_take_away(self, studio: Tab, painter: Locator) -> None:
        page, canvas = studio.page, painter.locator("canvas")
        self.tool(painter, "rectangle")
        drag(page, canvas, (0.1, 0.1), (0.9, 0.9))
        whole = sum(bits(page))
        assert whole == pytest.approx(360 * 240 * 0.64, rel=0.02)
        self.tool(painter, "eraser")
        drag(page, canvas, (0.5, 0.5), (0.6, 0.5))
        assert 0 < sum(bits(page)) < whole
        painter.get_by_role("button", name="Undo").click()
        assert sum(bits(page)) == whole
        painter.get_by_role("button", name="Redo").click()
        assert sum(bits(page)) < whole
        painter.get_by_role("button", name="Clear").click()
        assert sum(bits(page)) == 0
        expect(painter.get_by_role("button", name="Use this mask")).to_be_disabled()

    def test_fills_what_a_line_surrounds(self, studio: Tab, painter: Locator) -> None:
        page, canvas = studio.page, painter.locator("canvas")
        painter.locator("[name=brush-size]").evaluate("field => { field.value = 6 }")
        corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)]
        drag(page, canvas, *corners)
        line = sum(bits(page))
        self.tool(painter, "fill")
        canvas.click(
            position={"x": canvas.bounding_box()["width"] / 2, "y": canvas.bounding_box()["height"] / 2}
        )
        assert line < 10_000 < sum(bits(page)) < 360 * 240 * 0.45

    def test_lassoes(self, studio: Tab, painter: Locator) -> None:
        self.tool(painter, "lasso")
        drag(studio.page, painter.locator("canvas"), (0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
        assert sum(bits(studio.page)) == pytest.approx(360 * 240 * 0.18, rel=0.05)

    def test_paints_where_the_pointer_is_at_every_zoom(self, studio: Tab, painter: Locator) -> None:
        page = studio.page
        for _time in range(3):
            painter.get_by_role("button", name="Zoom in").click()
        canvas, stage = (
            painter.locator("canvas").bounding_box(),
            painter.locator(".paint__stage").bounding_box(),
        )
        x, y = stage["x"] + 200, stage["y"] + 150
        painter.locator("[name=brush-size]").evaluate("field => { field.value = 1 }")
        page.mouse.click(x, y)
        wanted = (
            int((x - canvas["x"]) * 360 / canvas["width"]),
            int((y - canvas["y"]) * 240 / canvas["height"]),
        )
        painted = bits(page)
        places = [(n % 360, n // 360) for n, bit in enumerate(painted) if bit]
        assert places and all(abs(px - wanted[0]) <= 1 and abs(py - wanted[1]) <= 1 for px, py in places)

    def test_starts_again_from_an_earlier_mask(self, studio: Tab, painter: Locator) -> None:
        page = studio.page
        self.tool(painter, "rectangle")
        drag(page, painter.locator("canvas"), (0.1, 0.1), (0.4, 0.5))
        first = bits(page)
        painter.get_by_role("button", name="Use this mask").click()
        expect(page.locator(".ref__mask-open")).to_contain_text("%")
        page.get_by_role("button", name="Take off").click()
        expect(page.locator("#unmask")).to_have_count(0)
        again = open_painter(page)
        assert sum(bits(page)) == 0
        again.locator(".paint__more summary").click()
        again.locator(".paint__earlier").first.click()
        expect(again.locator(".paint__share")).not_to_contain_text("0%")
        assert bits(page) == first

    def test_takes_a_mask_from_a_file(self, studio: Tab, painter: Locator) -> None:
        drawn = Image.new("RGBA", (360, 240), (0, 0, 0, 255))
        drawn.paste((0, 0, 0, 0), (10, 20, 110, 70))
        painter.locator(".paint__more summary").click()
        painter.locator(".ref__load").set_input_files([as_file(files.saved(drawn), "mask.png")])
        expect(painter.locator(".paint__share")).to_have_text("6% of the picture may change")
        assert sum(bits(studio.page)) == 100 * 50
        painter.locator(".ref__load").set_input_files([as_file(files.flat(90, 90, "RGBA"), "square.png")])
        expect(painter.locator(".paint__said")).to_have_text("This mask has another shape than the picture.")

    def test_is_not_left_by_accident(self, studio: Tab, painter: Locator) -> None:
        page = studio.page
        drag(page, painter.locator("canvas"), (0.3, 0.3), (0.5, 0.6))
        page.keyboard.press("Escape")
        expect(painter).to_be_visible()
        expect(painter.locator(".paint__said")).to_contain_text("Press Esc once more")
        page.keyboard.press("Escape")
        expect(page.locator("#painter")).to_be_hidden()


def test_a_finger_paints_and_two_fingers_move(new_tab: Callable[..., Tab]) -> None:
    tab = new_tab(viewport=PHONE, has_touch=True, is_mobile=True).open("/")
    page = tab.page
    add(page, as_file(colour(61), "tin.png"))
    painter = open_painter(page)
    box = painter.locator("canvas").bounding_box()
    touches = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": n}
            for n, (x, y) in enumerate(points)
        ]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (0.3, 0.3))
    for step in range(1, 6):
        touch("touchMove", (0.3 + step * 0.05, 0.3 + step * 0.05))
    touch("touchEnd")
    painted = bits(page)
    assert 0 < sum(painted) < 360 * 240 / 2

    wide = box["width"]
    touch("touchStart", (0.4, 0.5), (0.6, 0.5))
    for step in range(1, 5):
        touch("touchMove", (0.4 - step * 0.05, 0.5), (0.6 + step * 0.05, 0.5))
    touch("touchEnd")
    assert painter.locator("canvas").bounding_box()["width"] > wide * 1.3
    assert bits(page) == painted
    assert tab.overflow() <= 0


@every_screen
def test_nothing_to_object_to(new_tab: Callable[..., Tab], screen: dict) -> None:
    tab = new_tab(viewport=screen).open("/")
    page = tab.page
    page.get_by_role("button", name="Recipes").click()
    assert (tab.violations(), tab.overflow()) == ([], 0)
    page.get_by_role("button", name="Load: Brand kit").click()
    expect(tiles(page)).to_have_count(3)
    assert (tab.violations(), tab.overflow(), tab.small_targets()) == ([], 0, [])
    painter = open_painter(page)
    painter.locator(".paint__more summary").click()
    drag(page, painter.locator("canvas"), (0.3, 0.3), (0.5, 0.6))
    assert (tab.violations(), tab.overflow(), tab.small_targets()) == ([], 0, [])
    painter.get_by_role("button", name="Use this mask").click()
    expect(page.locator("#unmask")).to_be_visible()
    page.locator("#pick-open").click()
    expect(page.locator("#picker")).to_be_visible()
    assert (tab.violations(), tab.overflow()) == ([], 0)


def test_without_javascript_pictures_are_added_moved_and_sent(
    new_tab: Callable[..., Tab], wish: Callable, calls: Callable
) -> None:
    page, prompt = new_tab(java_script_enabled=False).open("/").page, wish("Blend image 1 and image 2")
    for model in (VIP, OFFICIAL):
        page.locator(f'input[name="models"][value="{model}"]').uncheck(force=True)
    page.locator("#prompt").fill(prompt)
    page.locator(".ref--add .ref__file").set_input_files(
        [as_file(colour(71), "a.png"), as_file(colour(72), "b.png")]
    )
    page.get_by_role("button", name="Add the chosen files").click()
    assert names(page) == ["a.png", "b.png"]
    page.get_by_role("button", name="Move image 2 earlier").click(force=True)
    assert names(page) == ["b.png", "a.png"]
    moved = page.locator("#prompt").input_value()
    assert moved == prompt.replace("1 and image 2", "2 and image 1")
    page.locator("#generate").click()
    expect(page.locator("section.run").first).to_contain_text(moved)
