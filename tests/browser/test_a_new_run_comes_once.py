"""Two answers may bring the same new run: that to Generate, and that to a poll which was under way."""

from collections.abc import Callable

from playwright.sync_api import Request, Route, expect

from tests.browser.conftest import Tab
from tests.factories import ALL


def test_a_run_that_a_poll_brought_first_is_shown_once(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL)
    studio.generate(wish() + " [[sim: slow 5s]]")  # keeps the page polling
    late: list[tuple[Route, object]] = []
    studio.page.route("**/studio/generate/", lambda route: late.append((route, route.fetch())))
    second = studio.generate(wish())  # seen although Generate has no answer yet: a poll brought it
    route, response = late[0]
    name = second.get_attribute("id")

    def is_poll(request: Request) -> bool:
        return "/studio/live/" in request.url

    with studio.page.expect_request_finished(is_poll):  # the poll that the answer wakes
        route.fulfill(response=response)  # type: ignore[arg-type]
    expect(studio.page.locator(f"[id='{name}']")).to_have_count(1)
    expect(second.locator('figure[data-state="done"]')).to_have_count(1)
