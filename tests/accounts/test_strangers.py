"""Where a login is asked for: strangers learn nothing, not even that something is there."""

import pytest

from playground.accounts.models import User
from tests.factories import picture, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("team_mode")]


@pytest.fixture
def output(workspace):
    """A picture in Alice's and Bob's workspace."""
    return picture(workspace, 700, 500)


@pytest.fixture
def pages(output, workspace) -> list[str]:
    """Every address that shows something of it."""
    generation, thumbnail = output.generation, output.thumb(320)
    return [
        f"/runs/{generation.run.number}/",
        f"/frames/{generation.pk}/",
        output.get_absolute_url(),
        output.original_url,
        f"{output.original_url}?download",
        f"{output.get_absolute_url()}setup.darkroom.json",
        f"/gallery/export/?run={generation.run.number}",
        thumbnail,
    ]


@pytest.fixture
def acts(workspace) -> list[str]:
    """Every address that changes something of a frame that waits."""
    generation = queued(workspace)
    frame, number = f"/frames/{generation.pk}", f"/runs/{generation.run.number}"
    return [
        *(f"{frame}/{act}/" for act in ("retry", "another", "cancel", "watch")),
        f"{number}/cancel/",
        f"{number}/retry/",
    ]


class TestWithoutALogin:
    @pytest.mark.parametrize(
        "path", ["/", "/gallery/", "/studio/live/?since=0", "/runs/1/", "/gallery/1/original"]
    )
    def test_every_page_leads_to_it(self, client, path):
        response = client.get(path)
        assert response.status_code == 302
        assert response.url.startswith("/login/?next=")

    @pytest.mark.parametrize(
        "path", ["/studio/generate/", "/studio/estimate/", "/frames/1/retry/", "/runs/1/cancel/"]
    )
    def test_nothing_can_be_changed(self, client, path):
        assert client.post(path).status_code == 302

    @pytest.mark.parametrize("path", ["/login/", "/healthz"])
    def test_the_doors_are_open(self, client, path):
        assert client.get(path).status_code != 302


# Closing a served picture closes the connection too, as at the end of any request.
@pytest.mark.django_db(transaction=True)
class TestTheWorkspace:
    def test_is_shared_by_its_people(self, alice, bob, browser_of, pages):
        for person in (alice, bob):
            browser = browser_of(person)
            for path in pages:
                response = browser.get(path)
                response.close()
                assert response.status_code == 200, path

    def test_of_others_is_not_there(self, charlie, browser_of, pages):
        """404 and never 403: a stranger can't tell what exists."""
        browser = browser_of(charlie)
        for path in pages:
            assert browser.get(path).status_code == 404, path

    def test_of_others_cannot_be_changed(self, charlie, workspace, browser_of, acts):
        before = list(workspace.runs.values_list("generations__state", "generations__revision"))
        browser = browser_of(charlie)
        for path in acts:
            assert browser.post(path).status_code == 404, path
        assert list(workspace.runs.values_list("generations__state", "generations__revision")) == before

    def test_of_others_is_neither_in_the_lists_nor_in_the_news(self, charlie, browser_of, output):
        browser = browser_of(charlie)
        for path in ("/", "/gallery/"):
            assert output.original_url not in browser.get(path).content.decode()
        assert browser.get("/studio/live/?since=0").status_code in (204, 286)

    def test_of_others_gives_no_settings_away(self, charlie, browser_of, output):
        """`?from=` fills the composer from a frame: only from one's own."""
        assert browser_of(charlie).get(f"/?from={output.generation_id}").status_code == 404

    def test_of_two_runs_with_the_same_number_shows_the_own(self, charlie, browser_of, output):
        own = queued(charlie.workspaces.get(), prompt="Charlie's own")
        assert own.run.number == output.generation.run.number
        page = browser_of(charlie).get(f"/runs/{own.run.number}/").content.decode()
        assert "Charlie&#x27;s own" in page


class TestAnAccountWithoutAWorkspace:
    def test_is_told_whom_to_ask(self, browser_of):
        nobody = User.objects.create_user("dora")
        response = browser_of(nobody).get("/")
        assert response.status_code == 403
        assert "belongs to no workspace" in response.content.decode()

    def test_can_still_log_out(self, browser_of):
        browser = browser_of(User.objects.create_user("dora"))
        assert browser.post("/logout/").status_code == 302
