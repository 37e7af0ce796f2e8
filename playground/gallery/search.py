"""The index of words: one table of FTS5 on SQLite, one with a GIN index on PostgreSQL, the same tokens in both.

Each picture that is shown has one row: the words of its prompt, and its facets and marks as tokens that begin with
"=", which no word does. So any mix of words and filters is one walk through sorted lists, newest first. SQLite's
table keeps the tokens too, so that a mark can be changed without knowing the others.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from playground.runs.asking import Question, Rows, ask

# All that must be there: of each group one.
Groups = tuple[tuple[str, ...], ...]
Keys = list[int]

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
    def conditions(self) -> list[str]:
        """SQLite takes all in one; of one whole PostgreSQL reads the shortest list to its end, of several it skips."""
        if connection.vendor == "sqlite":
            return [" AND ".join(f"({' OR '.join(map(_quoted, group))})" for group in self.groups)]
        return [" | ".join(map(_lexeme, group)) for group in self.groups]


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _lexeme(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def token(kind: str, value: object = "") -> str:
    """The token of a facet or a mark: `=model:gpt-image-2`."""
    plain = re.sub(r"[^a-z0-9:._-]", "_", f"{kind}:{value}".lower())
    return f"={plain}"


# PostgreSQL's index of words keeps no order that could be walked, so each row's words say in which stretch of so many
# keys it lies: then what is newest can be asked for. Migration 0005 told the rows of before: another number needs one.
STRETCH = 32_768
# How many keys PostgreSQL looks through one by one before it asks that index (about 1 ms for each four thousand), where
# its planner can't know better: it takes the two halves of a Chinese word of three signs for strangers to each other,
# expects hardly any to be found, and then sorts ten thousand rows for forty.
NEAR = 4_000
_NEAREST = """
    SELECT rowid FROM (
        SELECT rowid, words FROM gallery_search WHERE {keys} ORDER BY rowid {order} OFFSET 0
    ) AS near WHERE {words} ORDER BY rowid {order} LIMIT %s
"""
_FOUND = "SELECT rowid FROM gallery_search WHERE {keys} AND {words} ORDER BY rowid {order} LIMIT %s"
# By a sum no index is in order: so it can't walk a million rows for one that it took to be usual, nor count keys first.
_GATHERED = """
    SELECT rowid FROM gallery_search WHERE rowid + 0 >= %s AND rowid + 0 < %s AND {words}
    ORDER BY rowid + 0 {order} LIMIT %s
"""
_BETWEEN = "rowid >= %s AND rowid < %s"
_LAST = "rowid >= GREATEST(%s, LEAST(%s, (SELECT max(rowid) + 1 FROM gallery_search)) - %s) AND rowid < %s"


def nearest(asked: Asked, first: int, below: int, count: int, *, upward: bool = False) -> Question[Keys]:
    """On PostgreSQL: at most so many among the NEAR newest (or oldest) of these keys, each looked at in turn."""
    keys, bounds = _LAST, [first, below, NEAR, below]
    if upward:
        keys, bounds = _BETWEEN, [first, min(below, first + NEAR)]
    statement = _NEAREST.format(keys=keys, words=_words(asked), order=_order(upward))
    return ask(keys_in, statement, [*bounds, *asked.conditions, count])


def found(asked: Asked, first: int, below: int, count: int, *, upward: bool = False) -> Question[Keys]:
    """At most so many of the pictures from this key to below that one, newest first, or oldest first.

    Not beside the table of pictures: what is asked names the workspace, if there are others, and to look each one up
    takes longer than to find it.
    """
    statement = _FOUND.format(keys=_BETWEEN, words=_words(asked), order=_order(upward))
    return ask(keys_in, statement, [first, below, *asked.conditions, count])


def gathered(
    asked: Asked, first: int, below: int, count: int, *, upward: bool = False, is_part: bool = False
) -> Question[Keys]:
    """The same on PostgreSQL by its index of words, whatever its planner thinks: the whole, or these stretches."""
    if is_part:
        stretches = range(first // STRETCH, (below - 1) // STRETCH + 1)
        asked = Asked((tuple(_stretch(each) for each in stretches), *asked.groups))
    statement = _GATHERED.format(words=_words(asked), order=_order(upward))
    return ask(keys_in, statement, [first, below, *asked.conditions, count])


def _words(asked: Asked) -> str:
    if connection.vendor == "sqlite":
        return "gallery_search MATCH %s"
    return " AND ".join(["words @@ %s::tsquery"] * len(asked.conditions))


def _order(upward: bool) -> str:
    return "ASC" if upward else "DESC"


def _stretch(number: int) -> str:
    return token("stretch", number)


def keys_in(rows: Rows) -> Keys:
    return [pk for (pk,) in rows]


def newest() -> Question[int]:
    """The key of the last picture that can be found; 0 where none can."""
    return ask(lambda rows: int(rows[0][0] or 0), "SELECT max(rowid) FROM gallery_search", ())


def write(rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Add or replace the tokens of these pictures."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statement = "INSERT OR REPLACE INTO gallery_search (rowid, words) VALUES (%s, %s)"
            texts = [(pk, " ".join(tokens)) for pk, tokens in rows]
        else:
            statement = (
                "INSERT INTO gallery_search (rowid, words) VALUES (%s, array_to_tsvector(string_to_array(%s, ' '))) "
                "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
            )
            texts = [(pk, " ".join([*tokens, _stretch(pk // STRETCH)])) for pk, tokens in rows]
        cursor.executemany(statement, texts)


def forget(pks: Sequence[int]) -> None:
    """Let these pictures not be found any more."""
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM gallery_search WHERE rowid = %s", [(pk,) for pk in pks])
