"""How often a link was looked at: by browsers that showed it, each once a day, and nothing of whose they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from playground.sharing.models import Link, Visit
from tests.sharing.shares import Visitor, shared

pytestmark = pytest.mark.django_db


def look(visitor: Visitor, link: Link) -> None:
    """As a browser does: the page, and what it shows."""
    visitor.get(link.path)
    for width in (320, 640):
        visitor.get(f"{link.path}1/w{width}.webp")


def views_of(link: Link) -> int:
    return Link.objects.get(pk=link.pk).views


def test_a_browser_counts_once_a_day_however_often_it_looks(output, visitor):
    link = shared(output)
    look(visitor, link)
    look(visitor, link)
    assert views_of(link) == 1
    assert timezone.now() - Link.objects.get(pk=link.pk).last_seen_at < timedelta(minutes=1)


def test_the_next_day_it_counts_again(output, visitor):
    link = shared(output)
    look(visitor, link)
    Visit.objects.update(day=timezone.localdate() - timedelta(days=1))
    look(visitor, link)
    assert views_of(link) == 2


def test_two_browsers_at_one_address_are_two(output):
    link = shared(output)
    for _each in range(2):
        look(Visitor(), link)
    assert views_of(link) == 2


def test_a_messenger_that_fetches_a_preview_is_none(output, visitor):
    link = shared(output)
    visitor.get(link.path)
    visitor.get(f"{link.path}card.jpg")
    Visitor().get(f"{link.path}1/w320.webp")  # without the cookie of the page
    assert views_of(link) == 0


@pytest.mark.parametrize("number", ["", "x", "a" * 500, "a" * 21 + ";", "' OR 1=1 -- 012345678"])
def test_a_number_that_somebody_made_up_counts_nothing(output, visitor, number):
    link = shared(output)
    visitor.cookies["visit"] = number
    visitor.get(f"{link.path}1/w320.webp")
    assert views_of(link) == 0


def test_what_is_noted_says_nothing_of_the_visitor(output, visitor):
    link = shared(output)
    look(visitor, link)
    noted = Visit.objects.values().get()
    assert set(noted) == {"id", "link_id", "day", "visitor"}
    assert noted["visitor"] == visitor.cookies["visit"].value
