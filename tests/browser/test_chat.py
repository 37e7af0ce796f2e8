"""A conversation in a real browser: what the provider hears is what stands on the screen."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests import files
from tests.browser.conftest import Tab, every_screen, looks_right, on
from tests.factories import ALL, OFFICIAL, VIP
from tests.launch.conftest import Darkroom, until

# As wide as a small version at least: what is sent on is the original itself then.
QUICK = "[[sim: fast, size 480x320]]"


class Talk:
    """A conversation on a page, as a person has it."""

    def __init__(self, tab: Tab, darkroom: Darkroom) -> None:
        self.tab, self.page, self.darkroom = tab, tab.page, darkroom

    def choose(self, *models: str) -> None:
        fold = self.page.locator("#say-models")
        if fold.get_attribute("open") is None:
            fold.locator("summary").first.click()
        self.tab.choose(*models)

    def say(self, prompt: str, *models: str, way: str = "", wait: bool = True) -> None:
        """Say it to these models (else to those that are chosen), and wait for the first picture."""
        if models:
            self.choose(*models)
        if way:
            self.page.locator(f'[data-model="{models[0]}"]').get_by_text(way, exact=True).click()
            expect(self.page.locator("#say-how")).to_contain_text(way.lower())
        before = self.page.url
        self.page.locator("#prompt").fill(prompt)
        self.page.locator("#generate").click()
        self.page.wait_for_url(lambda url: url != before)
        if wait:
            expect(self.page.locator("#stage before-after")).to_have_count(1)
            going_on = ", ".join(f'.answers [data-state="{state}"]' for state in ("queued", "running"))
            expect(self.page.locator(going_on)).to_have_count(0)

    def go_to(self, step: int) -> None:
        """By the map."""
        self.page.locator("#talk-map").get_by_role("link", name=f"Step {step}", exact=True).click()
        expect(self.page.locator("#stage h1")).to_have_text(f"Step {step}")

    @property
    def path(self) -> list[str]:
        """What was said on the way here, as the screen has it."""
        return [re.sub(r"\s+", " ", words) for words in self.page.locator(".turn__said").all_inner_texts()]

    @property
    def picture(self) -> str:
        """The hash of the picture on the stage, of its original: as it came, without its story."""
        address = self.page.locator("#stage a[download]").get_attribute("href").removesuffix("?download")
        found = httpx.get(f"{self.darkroom.url}{address}", trust_env=False)
        return hashlib.sha256(found.content).hexdigest()

    def heard(self, prompt: str) -> list[dict[str, Any]]:
        """The provider's calls with this prompt, the latest last."""
        answer = httpx.get(f"{self.darkroom.simulator_url}/_sim/calls", trust_env=False).json()
        return [call for call in answer["calls"] if prompt in (call["prompt"] or "")]


@pytest.fixture
def talk(new_tab: Callable[..., Tab], darkroom: Darkroom) -> Talk:
    """On the page of a new conversation."""
    return Talk(new_tab().open("/chat/new/"), darkroom)


def test_twelve_turns_three_branches_three_models(talk: Talk, wish: Callable) -> None:
    """At each turn the provider hears the path on the screen, and sees the picture on the stage."""

    def turn(words: str, model: str, *, after: int = 0, way: str = "") -> None:
        if after:
            talk.go_to(after)
        prompt = f"{wish(words)} {QUICK}"
        path, picture = talk.path, talk.picture
        talk.say(prompt, model, way=way)
        [call] = talk.heard(prompt)
        assert call["model"] == model
        assert [re.sub(r"\s+", " ", words) for words in talk.path] == [*path, prompt]
        if call["endpoint"] == "chat":
            said = [(one["role"], one["text"]) for one in call["messages"]]
            assert [text for role, text in said if role == "user"] == [*path, prompt]
            assert [role for role, _text in said] == ["user", "assistant"] * len(path) + ["user"]
            assert all("![image](" in text for role, text in said if role == "assistant")
            assert [one["sha256"] for one in call["messages"][-1]["pictures"]] == [picture]
        else:
            assert call["endpoint"] == "edits" and (way or model == OFFICIAL)
            assert [one["sha256"] for one in call["reference_files"]] == [picture]

    talk.say(f"{wish('A cafe')} {QUICK}", ALL)
    turn("Now rainy", VIP)
    turn("Close the shutters", OFFICIAL)
    turn("A red awning", ALL)
    turn("Now foggy", VIP, after=2)
    turn("A lantern", ALL)
    turn("Now at night", OFFICIAL, after=2)
    turn("Wet stones", VIP, way="As an edit")
    turn("A cat", ALL, after=4)
    turn("Two cats", VIP)
    turn("A boat", OFFICIAL, after=6)
    turn("Nobody", ALL)

    assert len(talk.path) == 6  # as many as are shown at once
    talk.go_to(5)
    expect(talk.page.locator("#talk-map circle")).to_have_count(13)  # and the beginning
    expect(talk.page.locator(".turn[aria-current] .fork")).to_contain_text("Branch 2 of 3")


def test_several_answers_stand_side_by_side_and_one_is_gone_on_from(talk: Talk, wish: Callable) -> None:
    talk.say(f"{wish('A cafe')} {QUICK}", ALL, VIP)
    expect(talk.page.locator(".answers .thumb")).to_have_count(2)
    talk.page.keyboard.press("ArrowRight")
    expect(talk.page.locator('.answers [aria-current="true"]')).to_contain_text("vip")
    expect(talk.page.locator("#say-how")).to_contain_text(VIP)
    talk.page.get_by_role("button", name=re.compile("^Another one like")).click()
    expect(talk.page.locator('.answers .thumb[data-state="succeeded"]')).to_have_count(3)
    picture, prompt = talk.picture, f"{wish('Now rainy')} {QUICK}"
    talk.say(prompt)
    assert talk.heard(prompt)[0]["messages"][-1]["pictures"][0]["sha256"] == picture
    talk.page.keyboard.press("ArrowUp")
    expect(talk.page.locator('.answers [aria-current="true"]')).to_contain_text("vip")
    talk.page.keyboard.press("ArrowDown")
    expect(talk.page.locator("#stage h1")).to_have_text("Step 2")


def test_what_is_typed_while_a_picture_comes_stays_and_can_be_sent_then(talk: Talk, wish: Callable) -> None:
    page, typed = talk.page, wish("Now rainy")
    talk.say(wish() + " [[sim: slow 2s, size 480x320]]", ALL, wait=False)
    page.locator("#prompt").fill(typed)
    page.locator("#prompt").press("Control+Enter")
    expect(page.locator("#form-errors")).to_contain_text("The picture is not here yet.")
    held: list[Route] = []
    page.route("**/chat/tray/", lambda route: held.append(route))
    with page.expect_request("**/chat/tray/"):
        expect(page.locator("#stage before-after")).to_have_count(1)
    talk.choose(VIP)  # while the form is about to follow
    held[0].continue_()
    page.unroute("**/chat/tray/")
    expect(page.locator("#tray .ref[data-upload]")).to_have_count(1)
    expect(page.locator("#say-how")).to_have_text(f"{VIP}, as a message")
    expect(page.locator(f'[name="models"][value="{VIP}"]')).to_be_checked()
    expect(page.locator("#prompt")).to_have_value(typed)
    expect(page.locator("#tray .ref[data-upload]")).to_have_count(1)
    page.reload()
    expect(page.locator("#prompt")).to_have_value(typed)
    page.locator("#generate").click()
    expect(page.locator("#stage h1")).to_have_text("Step 2")
    expect(page.locator("#prompt")).to_have_value("")
    assert len(talk.heard(typed)) <= 1


def test_a_turn_of_one_tab_appears_in_the_other(
    talk: Talk, new_tab: Callable[..., Tab], wish: Callable
) -> None:
    talk.say(f"{wish()} {QUICK}", ALL)
    slow = wish("Slowly") + " [[sim: slow 1s, size 480x320]]"
    other = new_tab(talk.page.context).open(talk.page.url)
    other.page.locator("#prompt").fill("half a sentence")
    talk.say(slow, wait=False)
    other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.page.locator(".ways-on .thumb")).to_have_count(1)
    expect(other.page.locator(".ways-on .thumb img")).to_have_count(1)
    expect(other.page.locator("#prompt")).to_have_value("half a sentence")


def test_two_pictures_are_held_against_each_other_by_keyboard(talk: Talk, wish: Callable) -> None:
    page = talk.page
    talk.say(f"{wish()} {QUICK}", ALL)
    talk.say(f"{wish('Now rainy')} {QUICK}")
    before = page.locator('.stage__before[data-key="step"]')
    expect(before).to_be_hidden()
    page.keyboard.press("b")
    expect(before).to_be_visible()
    expect(page.locator(".stage__range")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.locator(".stage__box").evaluate("box => box.style.getPropertyValue('--cut')") == "60%"
    page.keyboard.press("v")
    expect(before).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("b")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#prompt")).to_have_value("b")
    expect(page.locator("#stage h1")).to_have_text("Step 2")


def test_a_picture_of_the_gallery_begins_a_conversation(
    studio: Tab, darkroom: Darkroom, wish: Callable
) -> None:
    studio.choose(ALL)
    figure = studio.generate(f"{wish()} {QUICK}").locator('figure[data-state="done"]')
    expect(figure).to_have_count(1)
    figure.hover()
    figure.get_by_role("button", name=re.compile("^Edit .* by conversation")).click()
    expect(studio.page.locator("#tray .ref[data-upload]")).to_have_count(1)
    talk, prompt = Talk(studio, darkroom), f"{wish('Now rainy')} {QUICK}"
    talk.say(prompt)
    assert len(talk.heard(prompt)[0]["messages"][0]["pictures"]) == 1
    talk.page.keyboard.press("ArrowUp")
    expect(talk.page.locator("#stage h1")).to_have_text("The beginning")


def test_without_javascript_it_is_all_there(
    new_tab: Callable[..., Tab], darkroom: Darkroom, wish: Callable
) -> None:
    tab = new_tab(java_script_enabled=False).open("/chat/new/")
    page, first, second = tab.page, wish(), wish("Now rainy")

    def drawn() -> None:
        """It reloads itself after five seconds; whoever can't wait does it."""
        until("the picture", lambda: page.reload() and page.locator("#stage .stage__link img").count())

    page.locator("#prompt").fill(f"{first} {QUICK}")
    page.locator("#generate").click()
    expect(page.locator("noscript meta[http-equiv], #stage .stage__link img")).to_have_count(1)
    drawn()
    page.locator("#prompt").fill(f"{second} {QUICK}")
    page.locator("#say-tray summary").click()
    page.locator(".ref--add .ref__file").set_input_files(
        {"name": "tin.png", "mimeType": "image/png", "buffer": files.flat(60, 40, colour=(9, 9, 200))}
    )
    page.get_by_role("button", name="Add the chosen files").click()
    expect(page.locator("#tray .ref[data-upload]")).to_have_count(2)
    expect(page.locator("#prompt")).to_have_value(f"{second} {QUICK}")
    page.locator("#generate").click()
    expect(page.locator("#stage h1")).to_have_text("Step 2")
    drawn()
    assert len(Talk(tab, darkroom).heard(second)[0]["messages"][-1]["pictures"]) == 2

    page.get_by_role("button", name="Delete this step").click()
    expect(page.locator("#stage h1")).to_have_text("Step 1")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#stage h1")).to_have_text("Step 2")


@pytest.fixture(scope="module")
def spoken(darkroom: Darkroom) -> str:
    """The address of a conversation with a bit of everything: branches, words, a refusal, answers side by side."""
    with httpx.Client(base_url=darkroom.url, timeout=30, trust_env=False) as http:
        first = _post(http, "/chat/new/", f"A lighthouse {QUICK}", ALL, VIP, OFFICIAL)
        second = _post(http, first, f"Now at night {QUICK}", ALL)
        for words in (f"Now in fog {QUICK}", "Nicer [[sim: fast, text]]", "A heron [[sim: moderation]]"):
            _post(http, second, words, ALL)
    return first.rsplit("/", 2)[0]


def _post(http: httpx.Client, path: str, prompt: str, *models: str) -> str:
    """Say something by the page's plain form, and wait for the end; the address of the turn."""
    page = http.get(path).text
    hidden = r'<input type="hidden" name="([\w-]+)"[^>]*value="([^"]*)"'
    form: dict[str, Any] = dict(re.findall(hidden, page[page.index('id="composer"') :]))
    form |= {"prompt": prompt, "models": list(models)}
    form["csrfmiddlewaretoken"] = re.search(r'"X-CSRFToken": "([^"]+)"', page)[1]
    turn = http.post("/chat/say/", data=form).headers["Location"]
    until(f"the end of {turn}", lambda: not re.search(r'data-state="(queued|running)"', http.get(turn).text))
    return turn


@every_screen
def test_it_looks_right(new_tab: Callable[..., Tab], spoken: str, screen: dict) -> None:
    tab = new_tab(**on(screen))
    for path in (*(f"{spoken}/{part}/" for part in ("1", "4", "map")), "/chat/new/", "/chat/"):
        tab.open(path)
        tab.page.locator("main details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")
        looks_right(tab)
    tab.open(f"{spoken}/2/")
    expect(tab.page.locator("#generate")).to_be_in_viewport()
    expect(tab.page.locator("#prompt")).to_be_in_viewport()
