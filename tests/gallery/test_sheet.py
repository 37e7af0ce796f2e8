"""The sheet of all pictures: newest first, page after page, in as many queries however many there are."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.gallery import pages, search, shelving
from playground.gallery.models import Picture
from playground.gallery.pages import page_of
from playground.runs.models import Generation, Output
from tests.factories import VIP, picture
from tests.studio.pages import HTMX, said, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_pages(monkeypatch) -> None:
    """Three pictures on a page."""
    monkeypatch.setattr(
        pages.page_of, "__kwdefaults__", {"before": None, "at": None, "size": 3, "extent": pages.Extent.WHOLE}
    )


def shown(answer) -> list[int]:
    """The ids of the pictures on the sheet, in order."""
    return [int(pk) for pk in re.findall(r'<a class="frame__pic" href="/gallery/(\d+)/["?]', source(answer))]


def shelve_again(output: Output, **fields: object) -> None:
    """As if it had come like this."""
    shelving.count(Picture.objects.filter(pk=output.pk), -1)
    search.forget([output.pk])
    Picture.objects.filter(pk=output.pk).delete()
    Output.objects.filter(pk=output.pk).update(**fields) if fields else None
    shelving.shelve([output])


def test_an_empty_gallery_says_what_will_be_here_and_leads_to_the_studio(client, workspace):
    page = client.get("/gallery/")
    assert "Nothing developed yet" in said(page) and 'href="/"' in source(page)


def test_the_newest_picture_comes_first_with_all_that_one_looks_for(client, workspace):
    first, second = picture(workspace), picture(workspace, 640, 480, model=VIP, size="2048x1152")
    page = client.get("/gallery/")
    assert shown(page) == [second.pk, first.pk]
    assert "2A vip 640 × 480 2.2 s $0.030" in said(page)
    assert 'title="asked 2048 × 1152"' in source(page)
    assert "A tea tin on a windowsill" in said(page)


def test_each_day_is_headed_and_counted(client, workspace):
    old, new = picture(workspace), picture(workspace)
    shelve_again(old, created_at=timezone.now() - timedelta(days=1))
    page = source(client.get("/gallery/"))
    assert page.count('class="day"') == 2
    assert len(re.findall(r'<li class="day">.*?<span>1 picture</span>', page, re.DOTALL)) == 2
    assert shown(client.get("/gallery/")) == [new.pk, old.pk]


def test_a_days_sum_leaves_the_simulator_out(workspace):
    picture(workspace)
    paid = picture(workspace)
    assert [day.tally.cost for day in page_of(workspace).days] == [0]
    Generation.objects.filter(pk=paid.generation_id).update(simulated=False)
    shelve_again(paid)
    assert [day.tally.cost for day in page_of(workspace).days] == [Decimal("0.03")]


def test_pages_follow_each_other_without_a_gap_or_a_repeat(client, workspace, small_pages):
    everything = [picture(workspace).pk for _ in range(8)][::-1]
    seen, address = [], "/gallery/"
    while address:
        answer = client.get(address)
        seen += shown(answer)
        link = re.search(r'href="(/gallery/\?before=\d+)">Load', source(answer))
        address = link[1] if link else None
    assert seen == everything
    assert "That is everything." in said(answer)


def test_a_picture_that_arrives_meanwhile_moves_no_other(client, workspace, small_pages):
    everything = [picture(workspace).pk for _ in range(6)][::-1]
    first = shown(client.get("/gallery/"))
    picture(workspace)
    assert first + shown(client.get(f"/gallery/?before={first[-1]}")) == everything


def test_a_page_exactly_full_has_no_next_one(client, workspace, small_pages):
    for _ in range(3):
        picture(workspace)
    assert "Load the next" not in said(client.get("/gallery/"))


def test_the_button_says_how_many_the_next_page_holds_at_most(client, workspace):
    assert pages.PAGE_SIZE == 40  # the template says "Load the next 40"


def test_for_htmx_only_the_next_rows_come(client, workspace, output):
    answer = client.get("/gallery/", headers=HTMX)
    assert "<html" not in source(answer) and shown(answer) == [output.pk]
    assert "HX-Request" in answer["Vary"]


def test_when_the_browser_restores_history_the_whole_page_comes(client, workspace, output):
    answer = client.get("/gallery/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in source(answer)


@pytest.mark.parametrize(
    "before", ["", "x", "-1", "0", "1.5", "٣", "9" * 19, "9" * 40, "9" * 5000, "1 OR 1=1", "\x00"]
)
def test_nonsense_in_the_address_is_no_server_error(client, output, before):
    assert client.get("/gallery/", {"before": before}).status_code == 200


def test_a_page_before_the_first_picture_leads_back(client, output):
    page = client.get("/gallery/?before=0")
    assert page.status_code == 200


def test_a_strangers_pictures_are_not_on_the_sheet(client, workspace, elsewhere, output):
    picture(elsewhere, prompt="Secret")
    page = client.get("/gallery/")
    assert shown(page) == [output.pk] and "Secret" not in said(page)


def test_twice_as_many_pictures_cost_as_many_queries(client, workspace):
    counts = []
    for _ in range(2):
        for _ in range(8):
            picture(workspace)
        with CaptureQueriesContext(connection) as seen:
            client.get("/gallery/")
        counts.append(len(seen))
    assert counts[0] == counts[1] == (6 if connection.vendor == "sqlite" else 3)


def test_markup_in_a_prompt_is_text(client, workspace):
    picture(workspace, prompt='<script>alert(1)</script>" onload="x {{ 7|add:7 }}')
    page = source(client.get("/gallery/"))
    assert "<script>alert" not in page and 'onload="x' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "{{ 7|add:7 }}" in page


def test_the_gallery_is_read_only(client):
    assert client.post("/gallery/").status_code == 405
