"""Questions to the database: several in one way there and back, where there is a way."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from playground.runs.asking import Question, answer, ask, both, holders, known

pytestmark = pytest.mark.django_db


def number(value: int) -> Question[int]:
    return ask(lambda rows: int(rows[0][0]), "SELECT CAST(%s AS INTEGER)", [value])


def test_each_of_several_gets_its_own_rows():
    several = both(both(number(1), known("two")), both(ask(list, "SELECT 3 WHERE 1 = 0", []), number(4)))
    assert answer(several) == ((1, "two"), ([], 4))


def test_postgresql_is_asked_once_for_all():
    with CaptureQueriesContext(connection) as asked:
        assert answer(both(number(1), both(number(2), number(3)))) == (1, (2, 3))
    assert len(asked) == (3 if connection.vendor == "sqlite" else 1)


def test_for_what_is_known_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert answer(both(known(1), known([]))) == (1, [])


def test_an_answer_may_need_another_question():
    chained = ask(lambda rows: answer(number(rows[0][0] + 1)), "SELECT 41", [])
    assert answer(both(chained, number(7))) == (42, 7)


def test_a_value_is_never_part_of_a_statement():
    text = "'; SELECT 1 -- %s \\ 茶"
    said = ask(lambda rows: rows[0][0], "SELECT CAST(%s AS VARCHAR(99))", [text])
    assert answer(both(said, number(1))) == (text, 1)


def test_one_that_fails_is_an_error_of_all():
    with pytest.raises(DatabaseError), transaction.atomic():
        answer(both(number(1), ask(list, "SELECT nothing FROM nowhere", [])))


def test_a_list_without_values_holds_nothing():
    assert holders([1, 2]) == "%s, %s"
    assert answer(ask(list, f"SELECT 1 WHERE 1 IN ({holders([])})", [])) == []
