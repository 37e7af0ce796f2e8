"""Which pictures a link shows: fixed by hand, as it was, or as it is now."""

import pytest

from playground.gallery import marks
from playground.sharing import contents, links
from playground.sharing.models import Item
from tests.chat import talks
from tests.factories import picture, run
from tests.sharing.shares import collection, shared

pytestmark = pytest.mark.django_db


def shown(link) -> list[int]:
    contents.refresh(link)
    return [item.output_id for item in contents.items_of(link)]


def test_pictures_are_shown_in_the_order_in_which_they_were_picked(workspace):
    first, second, third = (picture(workspace) for _each in range(3))
    assert shown(shared(third, first, second)) == [third.pk, first.pk, second.pk]


class TestARun:
    @pytest.fixture
    def drawn(self, workspace):
        both = run(workspace, "gpt-image-2-all", "gpt-image-2-vip")
        first, second = both.generations.select_related("run")
        talks.answer_of(first)
        return both, first, second

    def test_is_shown_as_it_was(self, drawn):
        both, first, second = drawn
        link = shared(run=both)
        talks.answer_of(second)
        assert shown(link) == [first.outputs.get().pk] and contents.come_since(link) == 1

    def test_shows_what_came_since_when_its_owner_says_so(self, drawn):
        both, first, second = drawn
        link = shared(run=both)
        talks.answer_of(second)
        links.change(link, {}, with_new=True)
        assert shown(link) == [first.outputs.get().pk, second.outputs.get().pk] and not contents.come_since(
            link
        )


class TestACollection:
    def test_is_shown_as_it_is_now(self, workspace):
        first, second = picture(workspace), picture(workspace)
        tea = collection(workspace, first)
        link = shared(collection=tea)
        marks.collect(workspace, [second.pk], "Tea")
        assert shown(link) == [first.pk, second.pk]
        marks.take_out(workspace, [first.pk], tea.pk)
        assert shown(link) == [second.pk] and not contents.gone_from(link, 1)

    def test_a_picture_keeps_its_number_while_others_come_and_go(self, workspace):
        first, second, third = (picture(workspace) for _each in range(3))
        tea = collection(workspace, first, second)
        link = shared(collection=tea)
        marks.take_out(workspace, [first.pk], tea.pk)
        marks.collect(workspace, [third.pk], "Tea")
        shown(link)
        marks.collect(workspace, [first.pk], "Tea")
        shown(link)
        assert dict(link.items.values_list("output_id", "position")) == {
            first.pk: 1,
            second.pk: 2,
            third.pk: 3,
        }

    def test_a_picture_of_two_collections_is_shown_once(self, workspace):
        output = picture(workspace)
        link = shared(collection=collection(workspace, output))
        collection(workspace, output, name="Other")
        assert shown(link) == [output.pk]

    def test_looking_at_it_twice_at_once_numbers_it_once(self, workspace):
        first, second = picture(workspace), picture(workspace)
        link = shared(collection=collection(workspace, first))
        contents.number(link, [first.pk, second.pk])
        Item.objects.bulk_create(  # what the other visitor wrote from the same knowledge
            [Item(link=link, position=2, output=second)], ignore_conflicts=True
        )
        assert link.items.count() == 2

    def test_without_pictures_can_be_shared_too(self, workspace):
        output = picture(workspace)
        tea = collection(workspace, output)
        marks.take_out(workspace, [output.pk], tea.pk)
        link = shared(collection=tea)
        assert shown(link) == []


def test_no_link_shows_more_than_a_thousand(workspace, monkeypatch):
    monkeypatch.setattr(contents, "MOST", 2)
    assert len(shown(shared(*(picture(workspace) for _each in range(3))))) == 2
