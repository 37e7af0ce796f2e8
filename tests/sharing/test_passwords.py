"""Links with a password: it opens one link in one browser, and can't be tried for long."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core import signing

from playground.sharing import access, knocking, links
from playground.sharing.models import Knock, Link
from tests.factories import picture
from tests.sharing.shares import PASSWORD, Visitor, all_of, everything, shared
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(workspace):
    output = picture(workspace, 700, 500, prompt="SECRETPROMPT of a lighthouse")
    return shared(
        output,
        password=PASSWORD,
        title="SECRETTITLE",
        words="SECRETWORDS",
        signed="SECRETNAME",
        **everything(),
    )


def test_it_asks_and_gives_nothing_away(locked, visitor):
    answer = visitor.get(locked.path)
    page = all_of(answer)
    assert answer.status_code == 200 and "This link has a password" in said(answer)
    assert "SECRET" not in page and "og:image" not in page and "webp" not in page
    assert 'content="Shared with a password"' in page and answer["Referrer-Policy"] == "no-referrer"


def test_without_it_there_is_nothing_behind_the_door(locked, visitor):
    for rest in ("1/", "1/w320.webp", "1/w640.webp", "1/original", "1/setup", "1/from-1.webp", "card.jpg"):
        assert visitor.get(f"{locked.path}{rest}").status_code == 404, rest


def test_it_opens_the_link(locked, visitor):
    answer = visitor.unlock(locked)
    assert (answer.status_code, answer["Location"]) == (302, locked.path)
    assert "SECRETTITLE" in source(visitor.get(locked.path))
    assert visitor.get(f"{locked.path}1/w320.webp").status_code == 200


def test_even_when_it_is_open_messengers_get_no_picture(locked, visitor):
    visitor.unlock(locked)
    assert visitor.get(f"{locked.path}card.jpg").status_code == 404
    assert "og:image" not in source(visitor.get(locked.path))


def test_the_cookie_goes_to_that_link_alone_and_no_script_reads_it(locked, visitor):
    cookie = visitor.unlock(locked).cookies[access.UNLOCKED_COOKIE]
    assert cookie["path"] == locked.path and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert not cookie["max-age"] and not cookie["expires"]  # as long as the browser is open


def test_a_wrong_one_opens_nothing(locked, visitor):
    for password in ("", "a quiet red Room", PASSWORD + " ", locked.password, "x" * 5000, "\x00"):
        answer = visitor.unlock(locked, password)
        assert answer.status_code == 422 and "That is not the password" in said(answer), password
        knocking.GUESSES.forgive(locked.pk, "203.0.113.7")
    assert "SECRET" not in source(visitor.get(locked.path))


def test_after_six_wrong_ones_not_even_the_right_one_is_looked_at(locked, visitor):
    for _each in range(knocking.GUESSES.most):
        assert visitor.unlock(locked, "wrong").status_code == 422
    answer = visitor.unlock(locked)
    assert answer.status_code == 429 and int(answer["Retry-After"]) == 900
    assert access.UNLOCKED_COOKIE not in answer.cookies
    assert Visitor("198.51.100.1").unlock(locked).status_code == 302


def test_the_right_one_forgives_the_wrong_ones(locked, visitor):
    for _each in range(knocking.GUESSES.most - 1):
        visitor.unlock(locked, "wrong")
    assert visitor.unlock(locked).status_code == 302
    assert Visitor().unlock(locked, "wrong").status_code == 422  # from the same address


def test_many_visitors_together_are_stopped_too(locked):
    for number in range(knocking.ALL_GUESSES.most):
        assert knocking.ALL_GUESSES.take(locked.pk), number
    assert Visitor("198.51.100.77").unlock(locked).status_code == 429


def test_many_who_know_it_are_not(locked):
    for number in range(5):
        assert Visitor(f"198.51.100.{number}").unlock(locked).status_code == 302
    assert not Knock.objects.exclude(tries=0).exists()


def test_tries_at_one_link_do_not_close_another(locked, visitor, output):
    other = shared(output, password=PASSWORD)
    for _each in range(knocking.GUESSES.most + 1):
        visitor.unlock(locked, "wrong")
    assert visitor.unlock(other).status_code == 302


def test_a_new_password_shuts_everybody_out(locked, visitor):
    visitor.unlock(locked)
    links.change(locked, {"password": make_password(PASSWORD)})  # even the same words
    assert "This link has a password" in said(visitor.get(locked.path))
    assert visitor.get(f"{locked.path}1/w320.webp").status_code == 404


def test_without_its_password_a_link_is_open(locked, visitor):
    links.change(locked, {"password": ""})
    assert "SECRETTITLE" in source(visitor.get(locked.path))


def test_what_opened_one_link_opens_no_other(locked, visitor, output):
    other = shared(output, password=PASSWORD)
    visitor.unlock(locked)  # the test's browser sends its cookies everywhere
    assert "This link has a password" in said(visitor.get(other.path))


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "1:1tXXXX:"])
def test_a_cookie_that_somebody_made_up_opens_nothing(locked, visitor, forged):
    visitor.cookies[access.UNLOCKED_COOKIE] = forged
    assert visitor.get(f"{locked.path}1/").status_code == 404


def test_a_cookie_signed_for_something_else_opens_nothing(locked, visitor):
    visitor.cookies[access.UNLOCKED_COOKIE] = signing.TimestampSigner(salt="other").sign(
        access._proof(locked)
    )
    assert visitor.get(f"{locked.path}1/").status_code == 404


def test_it_is_kept_as_argon2(output, visitor, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # tests take a quick one
    link = shared(output, password=PASSWORD)
    assert Link.objects.get().password.startswith("argon2$argon2id$")
    assert visitor.unlock(link).status_code == 302


def test_a_link_with_a_password_is_never_for_search_engines(locked, visitor):
    links.change(locked, {"is_indexed": True})
    visitor.unlock(locked)
    answer = visitor.get(locked.path)
    assert "noindex" in answer["X-Robots-Tag"] and 'content="noindex' in source(answer)
