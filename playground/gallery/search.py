"""The index of words: one table of FTS5 on SQLite, one with a GIN index on PostgreSQL, the same tokens in both.

Each picture that is shown has one row: the words of its prompt, and its facets and marks as tokens that begin with
"=", which no word does. So any mix of words and filters is one walk through sorted lists, newest first. SQLite's
table keeps the tokens too, so that a mark can be changed without knowing the others.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

# All that must be there: of each group one.
Groups = tuple[tuple[str, ...], ...]

SQLITE_TABLE = """
    CREATE VIRTUAL TABLE gallery_search USING fts5(
        words, detail=none, columnsize=0, tokenize="ascii tokenchars '=:-._/'"
    )
"""
POSTGRES_TABLE = (
    """
    CREATE TABLE gallery_search (
        rowid bigint PRIMARY KEY REFERENCES gallery_picture ON DELETE CASCADE,
        words tsvector NOT NULL
    )
    """,
    "ALTER TABLE gallery_search ALTER words SET STATISTICS 1000",
    "CREATE INDEX gallery_search_words ON gallery_search USING gin (words) WITH (fastupdate = off)",
)


@dataclass(frozen=True)
class Asked:
    """A question to the index: of each group at least one token must be there."""

    groups: Groups

    @property
    def for_sqlite(self) -> str:
        return " AND ".join(f"({' OR '.join(map(_quoted, group))})" for group in self.groups)

    @property
    def for_postgres(self) -> str:
        return " & ".join(f"({' | '.join(map(_lexeme, group))})" for group in self.groups)


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _lexeme(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def token(kind: str, value: object = "") -> str:
    """The token of a facet or a mark: `=model:gpt-image-2`."""
    plain = re.sub(r"[^a-z0-9:._-]", "_", f"{kind}:{value}".lower())
    return f"={plain}"


# How many rows PostgreSQL looks through one by one before it asks its index (about 1 ms for each four thousand), where
# its planner can't know better: it takes the two halves of a Chinese word of three signs for strangers to each other,
# expects hardly any to be found, and then sorts ten thousand rows for forty.
NEAR = 4_000
_NEAREST = """
    SELECT rowid FROM (
        SELECT rowid, words FROM gallery_search WHERE rowid >= %s AND rowid < %s ORDER BY rowid {order} OFFSET 0
    ) AS near WHERE words @@ %s::tsquery ORDER BY rowid {order} LIMIT %s
"""
_FOUND = {
    "sqlite": """
        SELECT rowid FROM gallery_search WHERE rowid >= %s AND rowid < %s AND gallery_search MATCH %s
        ORDER BY rowid {order} LIMIT %s
    """,
    # By a sum no index is in order: so it can't walk a million rows for one that it took to be usual.
    "postgresql": """
        SELECT rowid FROM gallery_search WHERE rowid >= %s AND rowid < %s AND words @@ %s::tsquery
        ORDER BY rowid{sum} {order} LIMIT %s
    """,
}


def nearest(asked: Asked, first: int, below: int, count: int, *, upward: bool = False) -> list[int]:
    """On PostgreSQL: at most so many of the pictures from this key to below that one, each looked at in turn."""
    return _keys(_NEAREST, asked, first, below, count, upward=upward)


def found(
    asked: Asked, first: int, below: int, count: int, *, upward: bool = False, by_words: bool = False
) -> list[int]:
    """The same by whichever index its planner likes, or by that of words. Newest first, or oldest first.

    Not beside the table of pictures: what is asked names the workspace, if there are others, and to look each one up
    takes longer than to find it.
    """
    statement = _FOUND[connection.vendor]
    return _keys(statement, asked, first, below, count, upward=upward, sum=" + 0" if by_words else "")


def _keys(
    statement: str, asked: Asked, first: int, below: int, count: int, *, upward: bool, **more: str
) -> list[int]:
    question = asked.for_sqlite if connection.vendor == "sqlite" else asked.for_postgres
    with connection.cursor() as cursor:
        whole = statement.format(order="ASC" if upward else "DESC", **more)
        cursor.execute(whole, [first, below, question, count])
        return [pk for (pk,) in cursor.fetchall()]


def newest() -> int:
    """The key of the last picture that can be found; 0 where none can."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(rowid) FROM gallery_search")
        return int(cursor.fetchone()[0] or 0)


def write(rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Add or replace the tokens of these pictures."""
    texts = [(pk, " ".join(tokens)) for pk, tokens in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statement = "INSERT OR REPLACE INTO gallery_search (rowid, words) VALUES (%s, %s)"
        else:
            statement = (
                "INSERT INTO gallery_search (rowid, words) VALUES (%s, array_to_tsvector(string_to_array(%s, ' '))) "
                "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
            )
        cursor.executemany(statement, texts)


def forget(pks: Sequence[int]) -> None:
    """Let these pictures not be found any more."""
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM gallery_search WHERE rowid = %s", [(pk,) for pk in pks])
