"""Stars, ratings, tags and collections: on a selection, as plain form posts, and never on what is not one's own."""

import pytest

from playground.gallery import marks
from playground.gallery.models import Collection, Picture, Tag, Tagging
from tests.factories import picture
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(workspace) -> list[int]:
    return [picture(workspace, prompt=f"A pear {number}").pk for number in range(3)]


def post(client, act: str, ids, **fields):
    return client.post("/gallery/acts/", {"act": act, "o": ids, **fields})


def test_pictures_are_starred_together_and_each_alone(client, three):
    post(client, "favourite", three[:2])
    assert list(Picture.objects.filter(is_favourite=True).values_list("pk", flat=True)) == three[:2]
    post(client, f"unstar:{three[0]}", three)  # the star of one picture, whatever is picked
    post(client, f"star:{three[2]}", [])
    assert list(Picture.objects.filter(is_favourite=True).values_list("pk", flat=True)) == three[1:]
    page = source(client.get("/gallery/"))
    assert page.count('aria-pressed="true"') == 2 and f'value="unstar:{three[1]}"' in page


@pytest.mark.parametrize("given, kept", [("4", 4), ("0", 0), ("9", 5), ("x", 0), ("", 0)])
def test_a_rating_is_from_one_to_five(client, three, given, kept):
    post(client, f"rate:{given}", three)
    assert set(Picture.objects.values_list("rating", flat=True)) == {kept}


def test_tags_are_made_once_however_they_are_spelt(client, workspace, three):
    post(client, "tag", three, tag=" Keep ,client，  KEEP,, too   dark ")
    post(client, "tag", three[:1], tag="keep")
    assert list(Tag.objects.values_list("name", flat=True)) == ["client", "Keep", "too dark"]
    assert Tagging.objects.count() == 9
    tag = Tag.objects.get(key="keep")
    post(client, f"untag:{tag.pk}", three[:2])
    assert list(tag.taggings.values_list("picture", flat=True)) == three[2:]


def test_a_collection_takes_pictures_in_and_gives_them_back(client, three):
    post(client, "collect", three, collect="Spring catalogue")
    collection = Collection.objects.get()
    assert collection.placings.count() == 3
    post(client, f"take-out:{collection.pk}", three[1:])
    assert [placing.picture_id for placing in collection.placings.all()] == three[:1]
    assert "Collection: Spring catalogue" in said(client.get(f"/gallery/?collection={collection.pk}"))


def test_after_an_act_one_is_where_one_was(client, three):
    answer = post(client, "favourite", three, filter="?q=pear&model=x", at=str(three[1]))
    assert answer.headers["Location"] == f"/gallery/?q=pear&model=x&at={three[1]}"
    answer = post(client, "rate:3", three[:1], picture=str(three[0]), filter="?q=pear")
    assert answer.headers["Location"] == f"/gallery/{three[0]}/?q=pear"
    answer = post(client, "favourite", three, filter="https://evil.example/?q=x", at="//evil.example")
    assert answer.headers["Location"].startswith("/gallery/")


def test_an_act_on_nothing_says_so(client, three):
    answer = client.post("/gallery/acts/", {"act": "favourite"}, follow=True)
    assert "Nothing was changed" in said(answer)
    assert client.post("/gallery/acts/", {"act": "nonsense", "o": three}).status_code == 302


def test_a_strangers_pictures_tags_and_collections_are_out_of_reach(client, workspace, elsewhere, three):
    theirs = picture(elsewhere).pk
    marks.tag(elsewhere, [theirs], "secret")
    for act in ("favourite", "rate:5", f"untag:{Tag.objects.get().pk}", "bin", f"star:{theirs}"):
        post(client, act, [theirs])
    post(client, "tag", [theirs], tag="mine")
    row = Picture.objects.get(pk=theirs)
    assert (row.is_favourite, row.rating, row.binned_at) == (False, 0, None)
    assert [tag.name for tag in row.tags.all()] == ["secret"]
    assert "secret" not in source(client.get("/gallery/"))


def test_a_name_with_markup_is_text(client, three):
    post(client, "tag", three, tag='<script>alert(1)</script>"x')
    page = source(client.get(f"/gallery/?tag={Tag.objects.get().pk}"))
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_acts_are_posted(client):
    assert client.get("/gallery/acts/").status_code == 405
