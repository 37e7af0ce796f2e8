"""A provider's key at rest: useless without a secret that lies beside the database."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database
from hypothesis import given
from hypothesis import strategies as st

from playground.accounts import keys
from tests.factories import connection

KEY = "sk-live-0123456789abcdef"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA, settings.ENCRYPTION_KEY = tmp_path / "data", ""


class TestTheSecret:
    def test_is_made_with_the_first_key_for_its_owner_only(self, settings):
        path = settings.DATA / keys.FILE_NAME
        assert not path.exists()
        sealed = keys.seal(KEY)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert keys.unseal(sealed) == KEY
        assert [each.name for each in settings.DATA.iterdir()] == [keys.FILE_NAME]

    def test_is_one_when_many_need_it_at_the_same_moment(self):
        with ThreadPoolExecutor(8) as pool:
            sealed = list(pool.map(keys.seal, [KEY] * 16))
        assert {keys.unseal(each) for each in sealed} == {KEY}

    def test_may_come_from_the_environment(self, settings):
        settings.ENCRYPTION_KEY = "a long text that nobody guesses"
        assert keys.unseal(keys.seal(KEY)) == KEY
        assert not settings.DATA.exists()

    def test_may_be_followed_by_older_ones_which_still_open(self, settings):
        settings.ENCRYPTION_KEY = "older"
        sealed = keys.seal(KEY)
        settings.ENCRYPTION_KEY = "newer older"
        assert keys.unseal(sealed) == KEY
        settings.ENCRYPTION_KEY = "newer"
        assert keys.unseal(keys.seal(KEY)) == KEY
        with pytest.raises(keys.KeyLostError):
            keys.unseal(sealed)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_what_is_sealed_comes_back_and_does_not_show(text):
    sealed = keys.seal(text)
    assert keys.unseal(sealed) == text
    assert len(text) < 4 or text not in sealed


@pytest.mark.parametrize("nonsense", ["", "x", "gAAAA", "é" * 40])
def test_what_nobody_sealed_is_lost(nonsense):
    with pytest.raises(keys.KeyLostError):
        keys.unseal(nonsense)


@pytest.mark.parametrize(("key", "shown"), [(KEY, "cdef"), ("sk-12345678", ""), ("", "")])
def test_only_the_last_four_characters_of_a_long_key_are_shown(key, shown):
    assert keys.last_characters(key) == shown


@pytest.mark.django_db
class TestAStoredKey:
    def test_is_nowhere_in_the_database(self, workspace):
        row = connection(workspace, key=KEY)
        with database.cursor() as cursor:
            cursor.execute("SELECT * FROM accounts_connection")
            stored = str(cursor.fetchall())
        assert KEY not in stored and "cdef" in stored
        assert row.key == KEY

    def test_is_in_no_text_about_its_row(self, workspace):
        row = connection(workspace, key=KEY)
        assert KEY not in f"{row} {row!r} {vars(row)}"

    def test_of_another_secret_is_said_to_be_lost(self, workspace, settings):
        row = connection(workspace)
        settings.ENCRYPTION_KEY = "another one"
        assert row.has_lost_its_key
