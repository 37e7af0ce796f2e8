"""Before the vote nothing tells the pictures apart but what is drawn on them; afterwards all is there."""

import io
import re

import pytest
from PIL import Image

from playground.runs.models import Output, Run
from playground.votes import blind, voting
from playground.votes.models import Ballot
from tests.factories import ALL, OFFICIAL, VIP
from tests.studio.pages import said, source
from tests.votes.conftest import ballot_of, cost_and_seconds, drawn, place_of

pytestmark = pytest.mark.django_db
SIZES = [(1024, 1024), (1536, 1024), (640, 700)]


@pytest.fixture
def ballot(workspace) -> Ballot:
    """Three pictures that differ in all that could be told."""
    return ballot_of(different(workspace))


def different(workspace) -> Run:
    run = drawn(workspace, sizes=SIZES, prompt="A tea tin")
    for model, cost, seconds in ((ALL, "0.031", 41.3), (VIP, "0.077", 97.1), (OFFICIAL, "0.211", 155.9)):
        cost_and_seconds(model, cost, seconds)
    return run


def addresses(answer) -> list[str]:
    return re.findall(r'<img src="([^"]+)"', source(answer))


def secrets(ballot: Ballot) -> set[str]:
    """Whatever belongs to one of the pictures and could stand in a page, an address or a header."""
    found = set()
    for place in ballot.shown:
        output, generation = place.output, place.output.generation
        found |= {
            place.model_id, f">{generation.model_short}<", generation.model_label, generation.label, output.sha256,
            output.sha256[:12], output.file, output.get_absolute_url(), output.original_url, output.download_name,
            str(generation.cost), f"{generation.seconds:.1f}", f"frame-{generation.pk}", str(output.byte_size),
            f"{output.width} × {output.height}", f"{output.width}x{output.height}", output.placeholder,
        }  # fmt: skip
    return found - {""}


def without_tokens(page: str) -> str:
    """Without the forms' tokens: they are random, so that "1A" comes in them by chance."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[A-Za-z0-9]+', "", page)


class TestBeforeTheVote:
    def test_the_page_knows_of_nothing(self, client, ballot):
        page = client.get(ballot.get_absolute_url())
        assert page.status_code == 200
        whole = without_tokens(source(page)) + str(page.headers)
        assert [secret for secret in secrets(ballot) if secret in whole] == []
        assert addresses(page) == [f"/votes/{ballot.pk}/{position}.webp" for position in (1, 2, 3)]
        assert re.findall(r'alt="(Picture [^"]*)"', source(page)) == [
            "Picture One",
            "Picture Two",
            "Picture Three",
        ]

    def test_frames_differ_in_nothing_but_their_place(self, client, ballot):
        frames = re.findall(
            r'<figure class="frame">.*?</figure>', source(client.get(ballot.get_absolute_url())), re.S
        )
        neutral = [
            re.sub(rf"{name}|/{number}\.webp|\"{number}\"|>{number}<", "", frame)
            for number, name, frame in zip((1, 2, 3), ("One", "Two", "Three"), frames, strict=True)
        ]
        assert len(frames) == 3 and len(set(neutral)) == 1

    def test_pictures_come_alike_in_every_header_length_and_size(self, client, ballot):
        answers = [client.get(place.address) for place in ballot.shown]
        assert all(answer.status_code == 200 for answer in answers)
        assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
        assert not {"ETag", "Last-Modified", "Content-Disposition"} & {*answers[0].headers}
        assert len({len(answer.content) for answer in answers}) == 1
        assert len({answer.content for answer in answers}) == 3
        opened = [Image.open(io.BytesIO(answer.content)) for answer in answers]
        assert len({(each.size, each.mode, each.format) for each in opened}) == 1
        assert opened[0].format == "WEBP"

    def test_pictures_carry_nothing_beside_their_pixels(self, client, ballot):
        for place in ballot.shown:
            content = client.get(place.address).content
            with Image.open(io.BytesIO(content)) as opened:
                opened.load()
                assert not {"exif", "xmp", "icc_profile", "comment"} & {*opened.info}
            assert [secret for secret in secrets(ballot) if secret.encode() in content] == []

    def test_each_place_shows_the_picture_that_is_voted_for(self, client, ballot):
        for place in ballot.shown:
            with Image.open(io.BytesIO(client.get(place.address).content)) as shown:
                found = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 2))
            place.output.generation.refresh_from_db()
            position = place.output.generation.position
            assert found[0] == pytest.approx(40 * position + 30, abs=12)

    def test_no_picture_is_enlarged(self, ballot):
        width, height = blind.box_of(ballot)
        assert width <= 1536 and height <= 1024
        assert width * height <= max(w * h for w, h in SIZES)

    def test_shapes_that_are_nearly_alike_show_no_hairline(self, client, workspace):
        ballot = ballot_of(drawn(workspace, ALL, VIP, sizes=[(1672, 941), (2048, 1152)]))
        for place in ballot.shown:
            with Image.open(io.BytesIO(client.get(place.address).content)) as shown:
                corners = [
                    (0, 0),
                    (shown.width - 1, 0),
                    (0, shown.height - 1),
                    (shown.width - 1, shown.height - 1),
                ]
                film = [corner for corner in corners if sum(shown.convert("RGB").getpixel(corner)) < 45]
            assert film == []

    def test_the_same_bytes_come_again_in_another_process(self, ballot):
        outputs = [place.output for place in ballot.shown]
        assert blind.draw(outputs) == blind.draw(outputs)

    def test_the_next_ballot_is_named_by_its_own_addresses_only(self, client, workspace):
        drawn(workspace, ALL, VIP), drawn(workspace)
        first = client.post("/votes/next/", {"at_once": "0"})
        shown = client.post(f"{first.url}cast/", {"answer": "none"}, follow=True)
        following = Ballot.objects.with_places().filter(answer="").get()
        preloaded = re.search(r'data-preload="([^"]*)"', source(shown))[1].split()
        assert preloaded == [place.address for place in following.shown]

    def test_the_memory_for_pictures_is_bounded(self, ballot, pair):
        shelf = blind.Shelf(most_bytes=1)
        for each in (ballot, pair):
            assert shelf.get([place.output for place in each.shown])
        assert len(shelf._made) == 1


class TestAfterTheVote:
    def test_names_prices_and_seconds_are_told(self, client, ballot):
        answer = place_of(ballot, VIP)
        page = client.post(f"/votes/{ballot.pk}/cast/", {"answer": answer}, follow=True)
        words = said(page)
        assert {"gpt-image-2-vip", "gpt-image-2-all", "$0.077", "$0.211", "97.1 s", "155.9 s"} <= set(
            re.findall(r"gpt-image-2[-a-z]*|\$[\d.]+|[\d.]+ s", words)
        )
        assert (
            f"You chose {dict(zip('123', ('One', 'Two', 'Three'), strict=True))[answer]}: gpt-image-2-vip."
            in words
        )
        assert source(page).count('class="frame picked"') == 1

    def test_it_can_be_undone(self, client, ballot):
        client.post(f"/votes/{ballot.pk}/cast/", {"answer": "1"})
        page = client.post(f"/votes/{ballot.pk}/undo/", follow=True)
        assert "Your vote was taken back" in said(page) and 'value="2"' in source(page)
        ballot.refresh_from_db()
        assert ballot.answer == ""

    def test_going_back_does_not_show_the_page_from_before(self, client, ballot):
        assert client.get(ballot.get_absolute_url())["Cache-Control"] == "no-store"

    def test_it_says_so_where_a_picture_is_gone(self, client, ballot):
        voting.cast(ballot, "1")
        Output.objects.filter(pk=ballot.shown[0].output_id).update(binned_at=ballot.created_at)
        page = client.get(ballot.get_absolute_url())
        assert "Not here any more" in said(page) and "<img" not in source(page)

    def test_without_a_vote_names_are_told_too_and_nothing_counts(self, client, ballot):
        page = client.post(f"/votes/{ballot.pk}/reveal/", follow=True)
        assert "gpt-image-2-vip" in said(page) and "without voting" in said(page)


class TestOfOthers:
    def test_a_ballot_is_not_there(self, team_mode, browser_of, run, alice, bob, charlie):
        ballot = ballot_of(run, person=alice)
        for person in (bob, charlie):
            browser = browser_of(person)
            assert browser.get(ballot.get_absolute_url()).status_code == 404
            assert browser.get(ballot.shown[0].address).status_code == 404
            for act in ("cast", "undo", "reveal"):
                assert browser.post(f"/votes/{ballot.pk}/{act}/", {"answer": "1"}).status_code == 404
        assert browser_of(alice).get(ballot.get_absolute_url()).status_code == 200

    def test_a_run_can_not_be_voted_on(self, team_mode, browser_of, run, charlie):
        browser = browser_of(charlie)
        assert browser.get(f"/votes/new/?run={run.number}").status_code == 404
        assert browser.post(f"/votes/new/?run={run.number}").status_code == 404

    def test_a_place_that_is_not_on_the_ballot_is_not_there(self, client, ballot):
        assert client.get(f"/votes/{ballot.pk}/4.webp").status_code == 404
        assert client.get(f"/votes/{ballot.pk}/0.webp").status_code == 404


def test_nothing_is_told_after_a_vote_while_a_picture_waits_on_another_ballot(client, workspace):
    first = ballot_of(different(workspace), at_once=2)
    page = client.post(f"/votes/{first.pk}/cast/", {"answer": "1"}, follow=True)
    whole = without_tokens(source(page)) + str(page.headers)
    assert [secret for secret in secrets(first) if secret in whole] == []
    assert (
        "You chose One." in said(page)
        and "Next vote" in said(page)
        and source(page).count("frame picked") == 1
    )
