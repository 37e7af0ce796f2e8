"""The table that fills `{{variables}}`: pasted from a spreadsheet or a file, its first row the names."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS, LONGEST_CELL = 500, 20, 200_000, 4_000


class TableError(Exception):
    """The table can't be read; the message says where and why."""


@dataclass(frozen=True)
class Table:
    """Names, and rows of as many cells."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def lacks(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in self.columns]

    def distinct(self, names: Sequence[str]) -> list[Mapping[str, str]]:
        """The rows as far as these names see them, each once, in their order."""
        places = [(name, self.columns.index(name)) for name in names if name in self.columns]
        rows = ({name: row[place] for name, place in places} for row in self.rows)
        return list({tuple(row.items()): row for row in rows}.values()) if places else []


def read_table(text: str) -> Table:
    """Read comma, semicolon or tab between cells; a quoted cell may hold any of them, and lines. Raises TableError."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return Table()
    if len(text) > MOST_CHARACTERS:
        words = _("The table has %(length)s characters; %(most)s is the most.")
        raise TableError(words % {"length": f"{len(text):,}", "most": f"{MOST_CHARACTERS:,}"})
    lines = _lines(text)
    number, names = lines[0]
    columns = _columns(number, names)
    rows = [_row(number, cells, columns) for number, cells in lines[1:]]
    if len(rows) > MOST_ROWS:
        words = _("The table has %(rows)s rows; %(most)s is the most.")
        raise TableError(words % {"rows": len(rows), "most": MOST_ROWS})
    return Table(columns, rows)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Each row that is not empty, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True, skipinitialspace=True)
    found, begins = [], 1
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        words = _("Line %(line)s of the table can’t be read: a quotation mark is open, or stands in a cell.")
        raise TableError(words % {"line": begins}) from error
    return found or [(1, [])]


def _delimiter(text: str) -> str:
    """The one of the first line that has words."""
    first = next(line for line in text.split("\n") if line.strip())
    return max("\t;,", key=lambda mark: (first.count(mark), mark == "\t"))


def _columns(number: int, names: list[str]) -> list[str]:
    if len(names) > MOST_COLUMNS:
        words = _("The table has %(columns)s columns; %(most)s is the most.")
        raise TableError(words % {"columns": len(names), "most": MOST_COLUMNS})
    if not names or "" in names:
        raise TableError(
            _("Line %(line)s of the table names its columns, and one has no name.") % {"line": number}
        )
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise TableError(_("The table has two columns “%(name)s”.") % {"name": twice})
    return names


def _row(number: int, cells: list[str], columns: list[str]) -> list[str]:
    if len(cells) != len(columns):
        words = _("Line %(line)s of the table has %(cells)s cells, and %(columns)s columns have names.")
        raise TableError(words % {"line": number, "cells": len(cells), "columns": len(columns)})
    if any(len(cell) > LONGEST_CELL for cell in cells):
        words = _("Line %(line)s of the table has a cell of more than %(most)s characters.")
        raise TableError(words % {"line": number, "most": f"{LONGEST_CELL:,}"})
    return cells
