"""Which pictures a comparison holds, in what order, and what is said of those that it leaves out."""

import uuid

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from playground.compare.asked import Asked
from playground.compare.comparison import MOST, Comparison
from playground.gallery import bin, marks
from playground.runs import services
from playground.runs.models import Output
from tests.chat.talks import answered
from tests.chat.talks import said as said_in_chat
from tests.factories import OFFICIAL, VIP, picture
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db


def shown(answer) -> list[int]:
    return answer.context["comparison"].ids


def test_pictures_stand_in_the_order_asked_for_each_once(workspace):
    first, second, third = (picture(workspace) for _ in range(3))
    ids = [third.pk, first.pk, third.pk, second.pk]
    assert Comparison.of(workspace, ids).ids == [third.pk, first.pk, second.pk]


def test_ids_come_between_commas_or_one_by_one(client, workspace):
    first, second, third = (picture(workspace) for _ in range(3))
    assert shown(client.get(f"/compare/?o={second.pk},{first.pk}&o={third.pk}")) == [
        second.pk, first.pk, third.pk,
    ]  # fmt: skip


@pytest.mark.parametrize("nonsense", ["x", "-1", "0", "9" * 30, "1e3", "", ",,", "١", "\x00"])
def test_nonsense_in_an_address_is_left_out(nonsense):
    query = QueryDict(mutable=True)
    query.setlist("o", [f"3,{nonsense},4"])
    assert Asked.read(query).ids == (3, 4)


def test_a_view_that_is_none_is_the_grid():
    asked = Asked.read(QueryDict("o=1,2&m=sideways&s=pink&a=x&b=2"))
    assert (asked.mode, asked.surround, asked.pair) == ("grid", "", (0, 2))


def test_an_address_is_read_back_as_it_was_written():
    asked = Asked.read(QueryDict("o=3,1&m=flip&a=3&b=1&s=grey"))
    assert Asked.read(QueryDict(asked.address.removeprefix("?"))) == asked


def test_more_than_twelve_are_counted_and_left_out(client, workspace):
    ids = [picture(workspace).pk for _ in range(MOST + 2)]
    page = client.get(f"/compare/?o={','.join(map(str, ids))}")
    assert shown(page) == ids[:MOST]
    assert "2 more were left out: a comparison holds 12 pictures." in said(page)


def test_strangers_missing_and_binned_pictures_are_left_out_with_a_sentence(client, workspace, elsewhere):
    mine, other, binned = (picture(workspace) for _ in range(3))
    theirs = picture(elsewhere)
    bin.put(workspace, [binned.pk])
    page = client.get(f"/compare/?o={mine.pk},{theirs.pk},{binned.pk},{10**9},{other.pk}")
    assert shown(page) == [mine.pk, other.pk]
    assert "3 pictures were left out: they are not here, or they lie in the bin." in said(page)
    assert f"/gallery/{theirs.pk}/" not in source(page)


def test_a_run_is_compared_by_its_number_in_its_own_order(client, workspace, elsewhere):
    output = picture(workspace)
    picture(workspace)
    page = client.get("/compare/?run=1")
    assert "Compare 1A with" in said(page) and shown(page) == [output.pk]
    assert shown(client.get("/compare/?run=3")) == []
    assert Comparison.of_run(elsewhere, 1).pictures == ()


def test_pictures_of_one_run_say_so(workspace):
    first = picture(workspace)
    frame = services.another(first.generation, uuid.uuid4())
    second = picture(workspace)
    Output.objects.filter(pk=second.pk).update(generation=frame)
    comparison = Comparison.of(workspace, [first.pk, second.pk])
    assert comparison.run == first.generation.run and comparison.heading == "Compare run 1"
    assert Comparison.of_run(workspace, 1).ids == [first.pk, second.pk]


def test_a_favourite_is_picked(workspace):
    first, second = picture(workspace), picture(workspace)
    marks.favour(workspace, [second.pk])
    pictures = Comparison.of(workspace, [first.pk, second.pk]).pictures
    assert [each.is_picked for each in pictures] == [False, True]


def test_sizes_that_differ_are_said_to_be_fitted(client, workspace):
    one, other = picture(workspace, 640, 480), picture(workspace, 320, 240)
    page = client.get(f"/compare/?o={one.pk},{other.pk}")
    assert "fitted: 640 × 480 against 320 × 240" in said(page)
    same = picture(workspace, 640, 480)
    assert "fitted" not in said(client.get(f"/compare/?o={one.pk},{same.pk}"))


def test_the_common_frame_lies_between_the_widest_and_the_tallest(workspace):
    wide, tall = picture(workspace, 400, 100), picture(workspace, 100, 100)
    assert Comparison.of(workspace, [wide.pk, tall.pk]).place == "2000:1000"


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (6, 6), (7, 4), (9, 5), (12, 6)])
def test_frames_stand_in_one_row_or_two(workspace, count, columns):
    comparison = Comparison.of(workspace, [picture(workspace).pk for _ in range(count)])
    assert comparison.columns == columns
    assert [len(table.pictures) for table in comparison.tables] == [
        columns, *([count - columns] if count > columns else []),
    ]  # fmt: skip


def test_a_pair_is_chosen_or_the_first_two(workspace):
    first, second, third = (picture(workspace) for _ in range(3))
    comparison = Comparison.of(workspace, [first.pk, second.pk, third.pk])
    for asked, ids in (
        ((), (first, second)),
        ((third.pk, 0), (third, first)),
        ((0, first.pk), (first, second)),
    ):
        assert comparison.pair(asked).ids == ",".join(str(each.pk) for each in ids)


def test_twelve_cost_as_many_queries_as_two(client, workspace):
    ids = [picture(workspace).pk for _ in range(12)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/compare/?o={','.join(map(str, ids[:count]))}")
        return len(seen)

    assert queries(12) == queries(2) <= 14


def test_with_nothing_picked_the_page_says_how_and_offers_runs(client, workspace):
    assert "Nothing to compare yet" in said(client.get("/compare/"))
    first, second = picture(workspace, prompt="A pear"), picture(workspace)
    Output.objects.filter(pk=second.pk).update(generation=services.another(first.generation, uuid.uuid4()))
    page = client.get("/compare/")
    assert "Pick 2 to 12 pictures in the gallery" in said(page) and "A pear" in said(page)
    assert '<a class="ready__run" href="/compare/?run=1">' in source(page)


def test_with_one_picture_the_page_offers_what_goes_with_it(client, workspace, elsewhere):
    only, other, theirs = picture(workspace), picture(workspace), picture(elsewhere)
    page = source(client.get(f"/compare/?o={only.pk}"))
    assert f'href="/compare/?o={only.pk},{other.pk}"' in page
    assert f"/gallery/{theirs.pk}/" not in page


def test_the_page_loads_small_versions_only(client, workspace):
    one, other = picture(workspace, 1600, 900), picture(workspace, 1600, 900)
    page = source(client.get(f"/compare/?o={one.pk},{other.pk}"))
    assert f'src="{one.original_url}"' not in page and f'data-original="{one.original_url}"' in page
    assert f"/gallery/{one.pk}/w320.webp 320w" in page


def test_the_state_in_the_address_is_shown_without_script(client, workspace):
    one, other = picture(workspace), picture(workspace)
    page = source(client.get(f"/compare/?o={one.pk},{other.pk}&m=slider&a={other.pk}&s=grey"))
    assert 'value="slider" data-shortcut="s" checked' in page and 'data-surround="grey"' in page
    assert f'<option value="{other.pk}" selected>' in page.split('name="b"')[0]


def test_a_pick_is_kept_and_one_stays_at_the_comparison(client, workspace):
    one, other = picture(workspace), picture(workspace)
    form = {"o": f"{one.pk},{other.pk}", "m": "flip", "a": other.pk, "b": one.pk, "pick": f"star:{other.pk}"}
    answer = client.post("/compare/pick/", form)
    assert answer.headers["Location"] == f"/compare/?o={one.pk},{other.pk}&m=flip&a={other.pk}&b={one.pk}"
    assert f'value="unstar:{other.pk}" aria-pressed="true"' in source(client.get(answer.headers["Location"]))


def test_a_strangers_picture_is_not_picked(client, workspace, elsewhere):
    theirs = picture(elsewhere)
    answer = client.post(
        "/compare/pick/", {"pick": f"star:{theirs.pk}"}, headers={"X-Requested-With": "fetch"}
    )
    assert answer.status_code == 404
    theirs.picture.refresh_from_db()
    assert not theirs.picture.is_favourite


def test_the_gallery_sends_its_picks_here(client, workspace):
    ids = [picture(workspace).pk for _ in range(3)]
    answer = client.post("/gallery/acts/", {"act": "compare", "o": ids})
    assert answer.headers["Location"] == f"/compare/?o={','.join(map(str, ids))}"


def test_a_run_with_two_pictures_leads_here(client, workspace):
    first, second = picture(workspace, model=VIP), picture(workspace, model=OFFICIAL)
    assert "/compare/?run=1" not in source(client.get("/runs/1/"))
    Output.objects.filter(pk=second.pk).update(generation=services.another(first.generation, uuid.uuid4()))
    assert 'href="/compare/?run=1" data-shortcut="c"' in source(client.get("/runs/1/"))


def test_pages_say_which_picture_is_the_current_one(client, workspace):
    """What an Alt-click elsewhere on them is compared with; a picture's own page says it in its address."""
    turn = answered(said_in_chat(workspace))
    [output] = Output.objects.filter(generation__run=turn.run)
    assert f'data-current="{output.pk}"' in source(client.get(turn.get_absolute_url()))
    assert f'href="/compare/?o={output.pk}" data-shortcut="c"' in source(client.get(output.url))


def test_a_team_member_sees_the_workspaces_pictures_and_a_stranger_none(
    workspace, alice, charlie, team_mode, browser_of
):
    ids = ",".join(str(picture(workspace).pk) for _ in range(2))
    assert len(shown(browser_of(alice).get(f"/compare/?o={ids}"))) == 2
    assert shown(browser_of(charlie).get(f"/compare/?o={ids}")) == []
