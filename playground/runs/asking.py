"""Questions in plain SQL, several of them in one way to the database and back.

A page of the gallery wants its frames, its tallies and the names of its tags at once. PostgreSQL answers each of them
in less time than the way takes, and Django composes them in more.

    rows, (tallies, shelves) = answer(both(rows_of(...), both(tallies_of(...), shelves_of(...))))
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection

A = TypeVar("A")
B = TypeVar("B")
Told_co = TypeVar("Told_co", covariant=True)
Rows = list[tuple[Any, ...]]
Values = Sequence[Any]


@dataclass(frozen=True)
class Question(Generic[Told_co]):
    """Statements with their values, and what their rows say."""

    statements: tuple[tuple[str, Values], ...]
    read: Callable[[Iterator[Rows]], Told_co]


def ask(read: Callable[[Rows], A], statement: str, values: Values) -> Question[A]:
    return Question(((statement, values),), lambda found: read(next(found)))


def known(fact: A) -> Question[A]:
    """What need not be asked."""
    return Question((), lambda found: fact)


def both(first: Question[A], second: Question[B]) -> Question[tuple[A, B]]:
    """Two questions, of which neither needs the other's answer."""
    return Question(
        first.statements + second.statements, lambda found: (first.read(found), second.read(found))
    )


def answer(question: Question[A]) -> A:
    """One statement after another on SQLite, to which there is no way; all at once on PostgreSQL."""
    statements = question.statements
    if not statements:
        return question.read(iter(()))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return question.read(iter([cursor.execute(*each).fetchall() for each in statements]))
        values = [value for _, each in statements for value in each]
        cursor.execute("; ".join(statement for statement, _ in statements), values)
        return question.read(_one_by_one(cursor))


def _one_by_one(cursor: Any) -> Iterator[Rows]:
    yield cursor.fetchall()
    while cursor.nextset():
        yield cursor.fetchall()


def holders(values: Values) -> str:
    """What stands in a statement for a list of values."""
    return ", ".join(["%s"] * len(values)) or "NULL"
