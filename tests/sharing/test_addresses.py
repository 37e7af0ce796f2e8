"""Addresses of links: nobody guesses one, nobody reads one here, and those that lead nowhere all look the same."""

import io
import logging
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from playground.sharing import knocking, links
from playground.sharing.links import make, rotate
from playground.sharing.models import Knock, Link
from playground.sharing.quiet import Formatter
from tests.factories import picture
from tests.sharing.shares import PASSWORD, Visitor, body, shared

pytestmark = pytest.mark.django_db


def what_a_visitor_sees(visitor, path: str, **more):
    answer = visitor.get(path, **more)
    return answer.status_code, body(answer), dict(answer.headers)


# -- Guessing --------------------------------------------------------------------------------------------------------


def test_a_token_has_at_least_128_bits_and_is_stored_as_its_hash_alone(output):
    link = shared(output)
    assert links.TOKEN_BYTES * 8 >= 128 and len(link.token) >= 22
    row = Link.objects.filter(pk=link.pk).values().get()
    assert link.token not in str(row) and row["token_hash"] == Link.hash_of(link.token)


def test_two_tokens_are_never_alike(output):
    assert len({shared(output).token for _each in range(20)}) == 20


@pytest.fixture
def dead_ends(output) -> dict[str, str]:
    """Addresses that lead nowhere, each for another reason."""
    expired, ended, rotated = shared(output), shared(output), shared(output)
    Link.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    links.end(ended)
    rotate(rotated, key=uuid.uuid4())
    living = shared(output)
    return {
        "unknown": f"/s/{'a' * 32}/",
        "expired": expired.path,
        "ended": ended.path,
        "given a new address": rotated.path,
        "malformed": "/s/%00%ff%E2%98%83/",
        "a word": "/s/x/",
        "no token": "/s/",
        "too deep": "/s/a/b/c/d",
        "below an expired one": f"{expired.path}1/w320.webp",
        "the card of an ended one": f"{ended.path}card.jpg",
        "a number that it does not have": f"{living.path}2/",
        "a number that is no number": f"{living.path}{'9' * 30}/",
        "an original that is not given": f"{living.path}1/original",
        "a set-up that is not given": f"{living.path}1/setup",
    }


def test_all_dead_ends_are_the_same_to_the_byte(dead_ends, visitor):
    answers = {why: what_a_visitor_sees(visitor, path) for why, path in dead_ends.items()}
    assert answers["unknown"][0] == 404
    for why, answer in answers.items():
        assert answer == answers["unknown"], why


def test_a_dead_end_does_not_say_what_was_asked_for(visitor):
    path = "/s/SECRETTOKENSECRETTOKENSECRETTOKEN/"
    assert "SECRETTOKEN" not in str(what_a_visitor_sees(visitor, path))


def test_posting_to_a_dead_end_is_the_same_too(dead_ends, visitor):
    answers = {body(visitor.post(path, {"password": "x"})) for path in dead_ends.values()}
    assert len(answers) == 1


def test_an_address_without_its_last_slash_leads_to_the_one_with_it(output, visitor):
    link = shared(output)
    assert visitor.get(link.path.rstrip("/"), follow=True).status_code == 200
    answer = visitor.get("/s/never-was")
    assert (answer.status_code, answer["Location"]) == (302, "never-was/")


def test_who_tries_too_many_addresses_waits_and_who_has_one_never_does(output, settings):
    link, guesser = shared(output), Visitor("198.51.100.9")
    for _each in range(knocking.MISSES.most):
        assert guesser.get("/s/guess/").status_code == 404
    answer = guesser.get("/s/guess/")
    assert answer.status_code == 429 and int(answer["Retry-After"]) == 600
    assert guesser.get(link.path).status_code == 200
    assert Visitor("198.51.100.10").get("/s/guess/").status_code == 404


def test_a_flood_of_tries_writes_nothing_any_more(django_assert_num_queries):
    guesser = Visitor()
    Knock.objects.create(
        key=knocking.MISSES._key(("203.0.113.7",)), began_at=timezone.now(), tries=knocking.MISSES.most
    )
    with django_assert_num_queries(2):  # the link, the count
        assert guesser.get("/s/guess/").status_code == 429


def test_after_a_while_it_may_be_tried_again(output):
    limit = knocking.Limit("test", 2, timedelta(minutes=1))
    assert [limit.take("me") for _each in range(3)] == [True, True, False]
    Knock.objects.update(began_at=timezone.now() - timedelta(minutes=2))
    assert not limit.is_reached("me") and limit.take("me")


def test_no_address_of_a_visitor_is_stored(output):
    link = shared(output, password=PASSWORD)
    visitor = Visitor("198.51.100.23")
    visitor.unlock(link, "wrong")
    visitor.get("/s/guess/")
    visitor.unlock(link)
    visitor.get(f"{link.path}1/w320.webp")
    assert Knock.objects.exists()
    for model in (Knock, Link, link.visits.model):
        assert "198.51.100" not in str(list(model.objects.values()))


@pytest.mark.parametrize(
    "https, remote, forwarded, found",
    [
        (False, "203.0.113.7", "", "203.0.113.7"),
        (False, "203.0.113.7", "10.0.0.1", "203.0.113.7"),  # anybody can write that
        (True, "127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # only the last is the proxy's own
        (False, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (False, "::ffff:203.0.113.7", "", "203.0.113.7"),
        (True, "127.0.0.1", "nonsense", ""),
    ],
)
def test_who_tries_is_who_connects_or_whom_our_own_proxy_names(rf, settings, https, remote, forwarded, found):
    settings.HTTPS = https
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert knocking.caller(rf.get("/", REMOTE_ADDR=remote, **more)) == found


# -- Ending and moving -----------------------------------------------------------------------------------------------


def test_a_new_address_ends_the_old_one_at_once(output, visitor):
    link = shared(output)
    made = rotate(link, key=uuid.uuid4())
    assert visitor.get(link.path).status_code == 404
    assert visitor.get(f"/s/{made.token}/").status_code == 200


def test_the_same_form_sent_twice_makes_one_link_and_one_address(output):
    link, key = shared(output), uuid.uuid4()
    first, second = rotate(link, key=key), rotate(link, key=key)
    assert first.token and not second.token
    subject = links.Subject("picture", outputs=[output])
    one, again = (
        make(output.workspace, subject, person=None, key=uuid.UUID(int=5), fields={}) for _each in "12"
    )
    assert one.token and not again.token and one.link == again.link


def test_a_link_that_was_ended_is_erased_after_its_days(output):
    link, other = shared(output), shared(output)
    links.end(link)
    links.forget_old()
    assert Link.objects.count() == 2
    Link.objects.filter(pk=link.pk).update(ended_at=timezone.now() - links.ENDED_KEPT - timedelta(minutes=1))
    links.forget_old()
    assert list(Link.objects.all()) == [other]


def test_what_was_only_noted_to_count_by_is_forgotten(output, visitor):
    link = shared(output)
    visitor.get(link.path)
    visitor.get(f"{link.path}1/w320.webp")
    visitor.get("/s/guess/")
    link.visits.update(day=timezone.localdate() - timedelta(days=3))
    Knock.objects.update(began_at=timezone.now() - timedelta(days=1))
    links.forget_old()
    assert not link.visits.exists() and not Knock.objects.exists()
    link.refresh_from_db()
    assert link.views == 1


# -- Logs ------------------------------------------------------------------------------------------------------------


def test_a_line_of_the_log_never_holds_a_token():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter("%(name)s: %(message)s"))
    record = logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", ("/s/SECRET-token_1/2/",), None)
    handler.emit(record)
    try:
        raise ValueError("no place for http://pictures.example/s/SECRET-token_1?x=1")
    except ValueError as error:
        handler.emit(
            logging.LogRecord("x", 40, "", 0, "failed", (), (ValueError, error, error.__traceback__))
        )
    said = stream.getvalue()
    assert "SECRET" not in said and "/s/…/2/" in said and "ValueError" in said


def test_the_installation_logs_with_that_formatter():
    formats = settings.LOGGING["formatters"]
    used = {handler.get("formatter") for handler in settings.LOGGING["handlers"].values()} - {None}
    assert used and {formats[name]["()"] for name in used} == {"playground.sharing.quiet.Formatter"}


def test_django_says_not_found_without_the_token(output, visitor, caplog):
    with caplog.at_level("WARNING", logger="django.request"):
        visitor.get("/s/SECRETTOKEN/")
    lines = [Formatter("%(message)s").format(record) for record in caplog.records]
    assert lines and not any("SECRETTOKEN" in line for line in lines)


# -- Other people's workspaces ---------------------------------------------------------------------------------------


def test_a_link_of_another_workspace_is_made_by_nobody_here(client, charlie, workspace):
    theirs = picture(charlie.workspaces.get())
    assert client.get(f"/links/new/?o={theirs.pk}").status_code == 404
    assert client.post("/links/create/", {"o": theirs.pk, "period": "7"}).status_code == 404
    assert not Link.objects.exists()
    assert re.fullmatch(r"[0-9a-f]{64}", Link.hash_of("x"))
