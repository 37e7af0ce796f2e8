"""Filters and the search: what they find, page after page, and that each is a walk along an index."""

import importlib
import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from playground.accounts.models import Workspace
from playground.gallery import marks, pages, search, seeding
from playground.gallery.filters import Filter
from playground.gallery.models import Picture, Tag
from playground.gallery.pages import Count, count_of, neighbours, page_of
from playground.runs.asking import answer
from tests.factories import ALL, VIP, picture
from tests.gallery.test_sheet import shown
from tests.studio.pages import HTMX, said, source

pytestmark = pytest.mark.django_db


def found(workspace, query: str) -> list[int]:
    return answer(wanted(query).walk(workspace).older(None, 1000))


def wanted(query: str) -> Filter:
    return Filter.read(QueryDict(query))


@pytest.fixture
def tea(workspace):
    return picture(workspace, 96, 64, prompt="A tea tin on a windowsill. 窗台上的茶壶")


@pytest.fixture
def ridge(workspace):
    return picture(workspace, 64, 96, model=VIP, prompt="Mountain ridges at dawn, 山水画", size="1280x1280")


# -- What is found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, finds",
    [
        ("", "tea ridge"), ("q=tea", "tea"), ("q=TEA+windowsills", "tea"), ("q=tea+dawn", ""), ("q=ridge", "ridge"),
        ("q=茶壶", "tea"), ("q=山水", "ridge"), ("q=山水画", "ridge"), ("q=画", "ridge"), ("q=茶画", ""), ("q=...", ""),
        ("q=te", ""), ("q=%22tea%22+OR+x", ""), ("q=tea&q=dawn", "ridge"),
        (f"model={ALL}", "tea"), (f"model={VIP}", "ridge"), (f"model={ALL}&model={VIP}", "tea ridge"),
        ("model=none", ""), ("mode=text", "tea ridge"), ("mode=edit", ""), ("size=small", "tea ridge"), ("size=4K", ""),
        ("ratio=3:2", "tea"), ("ratio=2:3", "ridge"), ("ratio=3:2&ratio=2:3", "tea ridge"), ("price=4c", "tea ridge"),
        ("origin=simulator", "tea ridge"), ("origin=provider", ""), ("since=2020-01-01", "tea ridge"),
        ("until=2020-01-01", ""), ("since=nonsense", "tea ridge"), (f"q=dawn&model={VIP}&ratio=2:3", "ridge"),
        (f"q=dawn&model={ALL}", ""), ("q=dawn&since=2020-01-01", "ridge"), ("q=dawn&until=2020-01-01", ""),
        ("favourites=1", ""), ("rating=3", ""), ("tag=1", ""), ("collection=99999999999999999999", "tea ridge"),
    ],
)  # fmt: skip
def test_a_filter_finds_what_is_so(workspace, tea, ridge, query, finds):
    names = {"tea": tea.pk, "ridge": ridge.pk}
    assert found(workspace, query) == [names[name] for name in reversed(finds.split())]


@pytest.mark.parametrize("query", ["q=望远镜", "q=pear", "q=pear&mode=text"])
@pytest.mark.parametrize("near", [1, 3, 4000])
def test_the_pages_of_a_search_follow_each_other_without_a_gap(workspace, monkeypatch, near, query):
    monkeypatch.setattr("playground.gallery.search.NEAR", near)
    for number in range(7):
        picture(workspace, prompt="Something else") if number == 3 else None
        picture(workspace, prompt=f"A pear 望远镜 {'on a plate' if number % 2 else 'in the grass'}")
    everything = found(workspace, query)
    seen, before = [], None
    while True:
        page = page_of(workspace, wanted(query), before=before, size=3)
        seen += [cell.pk for day in page.days for cell in day.cells]
        before = page.next_before
        if before is None:
            break
    assert seen == everything and len(everything) == wanted(query).walk(workspace).count() == 7
    assert answer(wanted(query).walk(workspace).newer(everything[4], 3)) == everything[1:4][::-1]


def test_marks_are_filters_too_alone_and_together(workspace, tea, ridge):
    marks.favour(workspace, [tea.pk])
    marks.rate(workspace, [ridge.pk], 4)
    marks.tag(workspace, [tea.pk, ridge.pk], "keep")
    marks.collect(workspace, [ridge.pk], "Posters")
    tag, collection = Tag.objects.get().pk, workspace.collections.get().pk
    assert found(workspace, "favourites=1") == [tea.pk]
    assert found(workspace, "rating=4") == [ridge.pk] and found(workspace, "rating=5") == []
    assert found(workspace, f"tag={tag}") == [ridge.pk, tea.pk]
    assert found(workspace, f"tag={tag}&q=dawn") == [ridge.pk]
    assert found(workspace, f"tag={tag}&favourites=1") == [tea.pk]
    assert found(workspace, f"collection={collection}&rating=2&q=画") == [ridge.pk]
    marks.favour(workspace, [tea.pk], is_favourite=False)
    assert found(workspace, f"tag={tag}&favourites=1") == []


def test_a_days_range_holds_both_its_days(workspace, tea, ridge):
    Picture.objects.filter(pk=tea.pk).update(made_on=date(2026, 3, 1))
    Picture.objects.filter(pk=ridge.pk).update(made_on=date(2026, 3, 3))
    assert found(workspace, "since=2026-03-01&until=2026-03-01") == [tea.pk]
    assert found(workspace, "since=2026-03-02") == [ridge.pk]
    assert found(workspace, "until=2026-03-02") == [tea.pk]
    assert found(workspace, "since=2026-03-02&until=2026-03-02") == []
    assert found(workspace, "since=2026-03-03&until=2026-03-01") == []


def test_a_strangers_pictures_are_never_found(workspace, elsewhere, tea):
    theirs = picture(elsewhere, 96, 64, prompt="A tea tin")
    marks.favour(elsewhere, [theirs.pk])
    for query in ("", "q=tea", "ratio=3:2", "ratio=3:2&ratio=1:1", "q=tea&ratio=3:2", "favourites=1"):
        assert theirs.pk not in found(workspace, query), query
        walk = wanted(query).walk(workspace)
        assert (answer(walk.older(None, 10)), walk.count()) == (
            [tea.pk] if "fav" not in query else [],
            "fav" not in query,
        ), query
        assert not answer(walk.newer(tea.pk, 10)), query
    assert found(elsewhere, "q=tea&favourites=1") == [theirs.pk]


def test_the_index_is_asked_for_the_workspace_where_there_is_another(workspace, tea, request):
    def asked(mine: Workspace) -> bool:
        with CaptureQueriesContext(connection) as queries:
            assert found(mine, "q=tea") == [tea.pk]
        return "=workspace:" in queries[-1]["sql"]

    def each_way() -> list[bool]:
        return [asked(Workspace.objects.local()), asked(Workspace.objects.get(pk=workspace.pk))]

    assert each_way() == [False, False]
    request.getfixturevalue("elsewhere")
    assert each_way() == [True, True]


def test_whatever_the_index_of_words_gives_a_strangers_picture_is_not_shown(client, workspace, tea, request):
    theirs = picture(request.getfixturevalue("elsewhere"), prompt="A tea tin")
    search.write([(theirs.pk, [search.token("workspace", workspace.pk), "tea"])])  # as no writer does
    assert found(workspace, "q=tea") == [theirs.pk, tea.pk]
    assert shown(client.get("/gallery/?q=tea")) == [tea.pk]


def test_a_filter_is_the_same_after_a_trip_through_an_address(workspace):
    query = "q=tea+tin&model=a&model=b&ratio=3%3A2&since=2026-01-02&tag=3&favourites=1&rating=2"
    assert wanted(query).address() == f"?{query}"
    assert wanted(query).without("model", "a").address() == f"?{query.replace('model=a&', '')}"
    assert wanted("").is_empty and wanted("before=3&x=y&model=&rating=x").is_empty


def test_the_neighbours_are_those_of_the_filter(workspace, elsewhere):
    first, other, second = (
        picture(workspace, prompt="A pear"),
        picture(workspace),
        picture(workspace, prompt="A pear"),
    )
    picture(elsewhere, prompt="A pear")
    assert answer(neighbours(workspace, second.pk, wanted("q=pear"))) == ([], [first.pk])
    assert answer(neighbours(workspace, first.pk, wanted("q=pear"))) == ([second.pk], [])
    assert answer(neighbours(workspace, other.pk, wanted(""))) == ([second.pk], [first.pk])


def test_counting_stops_where_it_would_be_a_scan(workspace, monkeypatch):
    for _ in range(4):
        picture(workspace, prompt="A green pear")
    monkeypatch.setattr("playground.gallery.search.NEAR", 1)

    def counted(query):
        return count_of(page_of(workspace, wanted(query)))

    assert counted("q=pear") == counted("q=green+pear") == Count(4)
    monkeypatch.setattr("playground.gallery.walks.COUNTED", 2)
    monkeypatch.setattr(pages, "COUNTED", 2)
    assert counted("q=pear") == counted("q=green+pear") == Count(2, and_more=True)
    assert counted("") == counted(f"model={ALL}") == Count(4)


# -- The page ------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_looked_for_and_how_to_get_rid_of_it(client, workspace, tea, ridge):
    page = client.get("/gallery/", {"q": "tea", "model": ALL})
    assert shown(page) == [tea.pk] and "1 picture" in said(page)
    assert 'value="tea"' in source(page) and f'value="{ALL}" checked' in source(page)
    assert 'href="/gallery/?q=tea"' in source(page) and f'href="/gallery/?model={ALL}"' in source(page)
    assert f'href="/gallery/{tea.pk}/?q=tea&amp;model={ALL}"' in source(page)


def test_nothing_found_says_so_and_keeps_the_way_back(client, tea):
    page = client.get("/gallery/?q=nothing+like+that")
    assert "No picture is like that" in said(page) and 'name="q"' in source(page)


def test_for_htmx_another_filter_brings_what_it_finds_and_a_later_page_only_its_rows(
    client, workspace, tea, ridge
):
    answer = source(client.get("/gallery/?q=tea", headers=HTMX))
    assert "<html" not in answer and 'id="count"' in answer and 'id="filters"' not in answer
    rows = client.get(f"/gallery/?before={ridge.pk}", headers=HTMX)
    assert 'id="count"' not in source(rows) and f"p{tea.pk}" in source(rows)
    assert not rows.has_header("HX-Push-Url")


def test_the_address_that_htmx_shows_says_what_is_looked_for_and_no_more(client, workspace):
    for query in ("q=tea&since=&until=&rating=", "q=tea"):
        assert client.get(f"/gallery/?{query}", headers=HTMX)["HX-Push-Url"] == "/gallery/?q=tea"
    assert client.get("/gallery/?q=&rating=", headers=HTMX)["HX-Push-Url"] == "/gallery/"


def test_a_page_can_begin_at_a_picture_and_lead_to_the_newer_ones(client, workspace):
    ids = [picture(workspace).pk for _ in range(3)]
    page = client.get(f"/gallery/?at={ids[1]}")
    assert shown(page) == [ids[1], ids[0]]
    assert f'href="/gallery/?at={ids[2]}#p{ids[2]}"' in source(page)


@pytest.mark.parametrize("query", ["", "q=pear", f"model={ALL}", "ratio=4:3&ratio=1:1", "since=2020-01-01"])
def test_twice_as_many_pictures_cost_as_many_queries(client, workspace, django_assert_max_num_queries, query):
    with transaction.atomic():
        for _ in range(3):
            picture(workspace, prompt="A pear")
    with django_assert_max_num_queries(13):
        client.get(f"/gallery/?{query}")


# -- The plans -----------------------------------------------------------------------------------------------------

PLANS = {
    "": "picture_newest", f"model={VIP}": "picture_model", "mode=edit": "picture_mode", "size=4K": "picture_size",
    "ratio=3:2": "picture_ratio", "price=4c": "picture_price", "origin=provider": "picture_origin",
    "favourites=1": "picture_favourite", "since=2025-06-01&until=2025-08-01": "picture_newest",
    f"model={VIP}&since=2025-06-01": "picture_model",
}  # fmt: skip
SEARCHED = (
    "q=lighthouse", "q=lighthouse+pear", "q=灯塔", "q=茶", "tag=1", "collection=1", "rating=4", "ratio=3:2&ratio=2:3",
    f"model={VIP}&size=4K", "q=lighthouse&since=2025-06-01&until=2025-08-01", "q=灯塔&favourites=1&tag=1",
)  # fmt: skip


@pytest.fixture
def many(workspace, monkeypatch):
    """Enough pictures for a planner to have an opinion."""
    columns = {"sha256": "0" * 64, "file": "x", "byte_size": 1, "format": "png", "width": 1280, "height": 854}
    monkeypatch.setattr(seeding, "keep_plates", lambda most: [seeding.Plate(columns)])
    monkeypatch.setattr(search, "STRETCH", 100)
    seeding.seed(workspace, 2500)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # so few rows are read whole, unless it is forbidden
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
    return list(Picture.objects.values_list("pk", flat=True))


def plans(workspace, query: str, before: int) -> Iterator[str]:
    """How the database goes about the next page: of each question that is asked for it."""
    with CaptureQueriesContext(connection) as asked:
        answer(wanted(query).walk(workspace).older(before, 41))
    with connection.cursor() as cursor:
        for each in asked:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + each["sql"].replace("%", "%%"), [])
            yield "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    "query", ["q=harbour+neon", f"q=lighthouse&model={VIP}", "q=望远镜", "q=zeppelin+teapot"]
)
def test_what_lies_far_apart_is_found_without_a_gap(workspace, monkeypatch, many, query):
    walk = wanted(query).walk(workspace)
    monkeypatch.setattr(search, "NEAR", len(many))
    everything = answer(walk.older(None, len(many)))
    monkeypatch.setattr(search, "NEAR", 8)
    down, up = [], []
    with CaptureQueriesContext(connection) as asked:
        while keys := answer(walk.older(down[-1] if down else None, 5)):
            down += keys
        while keys := answer(walk.newer(up[-1] if up else 0, 5)):
            up += keys
    assert down == everything == up[::-1] and bool(everything) == ("zeppelin" not in query)
    is_common = connection.vendor == "postgresql" and everything
    assert not is_common or any("=stretch:" in each["sql"] for each in asked)


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite walks its index of words: it needs no stretches"
)
def test_what_was_described_before_there_were_stretches_is_found_too(workspace, many):
    stretches = importlib.import_module("playground.gallery.migrations.0005_stretches")
    told = "SELECT count(*) FROM gallery_search WHERE '=stretch:' || rowid / 32768 = ANY(tsvector_to_array(words))"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gallery_search SET words = ts_delete(words, '=stretch:' || rowid / %s)", [search.STRETCH]
        )
        cursor.execute(told)
        assert cursor.fetchone()[0] == 0
    with connection.schema_editor() as editor:
        stretches.tell(None, editor)
    with connection.cursor() as cursor:
        cursor.execute(told)
        assert cursor.fetchone()[0] == len(many)


def test_every_filter_is_a_walk_along_an_index_also_deep_down(workspace, many):
    for before in (many[-1], many[len(many) // 2]):
        for query, index in PLANS.items():
            *_, found = plans(workspace, query, before)
            assert not re.search(r"TEMP B-TREE|\bSCAN\b|Seq Scan|Sort", found), (query, found)
            assert index in found or connection.vendor != "sqlite", (query, found)
        for query in SEARCHED:
            *all_, found = plans(workspace, query, before)
            whole = "TEMP B-TREE|Seq Scan on (gallery_picture|gallery_search|runs)"
            assert not any(re.search(whole, each) for each in (*all_, found)), (query, all_, found)
            assert "SCAN gallery_search VIRTUAL TABLE" in found or connection.vendor != "sqlite", query
