"""An open page follows what happens, in every tab, and is quiet when there is nothing to hear."""

from collections.abc import Callable

from playwright.sync_api import APIResponse, Page, Response, Route, expect

from tests.browser.conftest import Tab
from tests.factories import ALL, VIP
from tests.launch.conftest import until

A_SECOND_MS, A_MINUTE_MS = 1_000, 60_000
LAST = 286  # what htmx stops asking at


def is_last_poll(response: Response) -> bool:
    return "/studio/live/" in response.url and response.status == LAST


def hide(page: Page, hidden: bool) -> None:
    """What a browser tells a page whose tab is put behind another, or comes back."""
    page.evaluate(
        """hidden => {
        Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
        document.dispatchEvent(new Event('visibilitychange'));
    }""",
        hidden,
    )


def a_minute_passes(tab: Tab) -> int:
    """How many polls the page sends in it."""
    before = tab.polls()
    passes(tab, A_MINUTE_MS)
    return tab.polls() - before


def passes(tab: Tab, milliseconds: int) -> None:
    tab.page.clock.run_for(milliseconds)
    tab.page.evaluate("1")  # a round trip: what was sent has been seen


def test_a_running_frame_counts_its_seconds_and_the_next_change_replaces_it(
    studio: Tab, wish: Callable
) -> None:
    studio.choose(ALL)
    strip = studio.generate(wish() + " [[sim: slow 2.5s]]")
    running = strip.locator('figure[data-state="running"]')
    expect(running).to_contain_text("Running")
    expect(running.locator(".clock")).to_contain_text("1.")
    expect(strip.locator(".when")).to_have_text("0 of 1 done")
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)
    expect(strip.locator(".clock")).to_have_count(0)


def test_a_frame_that_takes_longer_than_usual_says_so(new_tab: Callable[..., Tab], wish: Callable) -> None:
    tab = new_tab()
    tab.page.clock.install()
    tab.open("/")
    tab.choose(ALL)
    running = tab.generate(wish() + " [[sim: slow 5s]]").locator('figure[data-state="running"]')
    expect(running).to_contain_text("Running")
    tab.page.clock.fast_forward(10 * A_MINUTE_MS)
    expect(running).to_contain_text("slower than usual")


def test_only_the_frame_that_changed_is_replaced(studio: Tab, wish: Callable) -> None:
    """What one has under the pointer or the cursor stays where it is while others arrive."""
    studio.choose(ALL, VIP)
    strip = studio.generate(wish() + " [[sim: slow 3s]]")
    expect(strip.locator('figure[data-state="running"]')).to_have_count(2)
    strip.locator("figure").first.get_by_role("button", name="Stop watching").click()
    folded = strip.locator("figure").first
    expect(folded).to_contain_text("Not watching")
    strip.locator("figure").nth(1).evaluate("figure => { figure.marked = true }")
    folded.get_by_role("button", name="Watch again").click()
    expect(folded).to_contain_text("Running")
    assert strip.locator("figure").nth(1).evaluate("figure => figure.marked") is True
    expect(strip.locator('figure[data-state="done"]')).to_have_count(2)


def test_the_poll_ends_when_nothing_runs_and_begins_with_the_next_run(
    new_tab: Callable[..., Tab], wish: Callable
) -> None:
    tab, last = new_tab(), list[Response]()
    tab.page.on("response", lambda response: last.append(response) if is_last_poll(response) else None)
    tab.page.clock.install()
    tab.open("/")
    tab.choose(ALL)
    tab.generate(wish())
    until("the last poll", lambda: last or passes(tab, A_SECOND_MS))
    assert a_minute_passes(tab) == 0

    strip = tab.generate(wish())
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)


def test_a_run_that_begins_while_the_last_poll_is_on_its_way_is_followed_too(
    studio: Tab, wish: Callable
) -> None:
    """That poll's answer says that nothing runs, as was true when it was asked."""
    late: list[tuple[Route, APIResponse]] = []

    def hold_the_last(route: Route) -> None:
        response = route.fetch()
        if response.status == LAST and not late:
            late.append((route, response))
        else:
            route.fulfill(response=response)

    studio.page.route("**/studio/live/**", hold_the_last)
    studio.choose(ALL)
    studio.generate(wish())
    until("the last poll", lambda: late or studio.page.evaluate("0"))
    strip = studio.generate(wish() + " [[sim: slow 1s]]")
    route, response = late[0]
    route.fulfill(response=response)
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)


def test_a_page_without_runs_never_asks(new_tab: Callable[..., Tab]) -> None:
    tab = new_tab()
    tab.page.clock.install()
    tab.open("/gallery/")
    assert a_minute_passes(tab) == 0


def test_a_hidden_tab_rests_and_catches_up_when_it_is_looked_at(
    new_tab: Callable[..., Tab], wish: Callable
) -> None:
    tab = new_tab()
    tab.page.clock.install()
    tab.open("/")
    tab.choose(ALL)
    strip = tab.generate(wish() + " [[sim: slow 3s]]")
    expect(strip.locator('figure[data-state="running"]')).to_have_count(1)

    hide(tab.page, True)
    asked = a_minute_passes(tab)
    assert asked <= 1  # one may have been on its way
    expect(strip.locator('figure[data-state="running"]')).to_have_count(1)

    hide(tab.page, False)
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)


def test_the_other_tab_sees_the_run_too(
    new_context: Callable, new_tab: Callable[..., Tab], wish: Callable
) -> None:
    context = new_context()
    here, there = new_tab(context).open("/"), new_tab(context).open("/")
    prompt = wish()
    here.choose(ALL)
    here.generate(prompt + " [[sim: slow 1s]]")
    hide(there.page, False)  # one looks at it
    strip = there.strip(prompt)
    expect(strip.locator('figure[data-state="done"]')).to_have_count(1)
    assert there.page.locator("section.run").first.get_attribute("id") == strip.get_attribute("id")


def test_two_windows_side_by_side_end_up_with_the_same_runs(
    new_context: Callable, new_tab: Callable[..., Tab], wish: Callable
) -> None:
    """Nobody looks away and back: what the one started is on the other one with its own next run."""
    context = new_context()
    left, right = new_tab(context).open("/"), new_tab(context).open("/")
    first, second = wish(), wish()
    left.choose(ALL)
    right.choose(ALL)
    left.generate(first)
    right.generate(second)
    expect(right.strip(first).locator('figure[data-state="done"]')).to_have_count(1)
    expect(right.strip(second).locator('figure[data-state="done"]')).to_have_count(1)
    order = right.page.locator("section.run .run-head p").all_inner_texts()
    assert order.index(second) < order.index(first)


def test_a_runs_own_page_is_live(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL, VIP)
    strip = studio.generate(wish() + " [[sim: slow 2s]]")
    strip.locator(".run-head h2 a").click()
    expect(studio.page.locator("h1")).to_contain_text("Run ")
    expect(studio.page.locator('figure[data-state="done"]')).to_have_count(2)
    expect(studio.page.locator("h1")).to_have_count(1)


def test_what_came_while_nobody_looked_is_in_the_title(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL)
    studio.generate(wish() + " [[sim: slow 2s]]")
    expect(studio.page).to_have_title("Studio · Darkroom")


def test_what_happens_is_said_to_those_who_listen(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL)
    studio.generate(wish())
    expect(studio.page.locator("#announcer")).to_contain_text("Done.")
