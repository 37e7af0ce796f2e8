"""The table behind `{{variables}}`: whatever a spreadsheet copies, and a clear word where it can’t be read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.studio.table import Table, TableError, read_table

CELL = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_cells_stand_between_commas_semicolons_or_tabs(mark):
    text = f"colour{mark}material\nred{mark}oak\nblue{mark}steel"
    assert read_table(text) == Table(["colour", "material"], [["red", "oak"], ["blue", "steel"]])


def test_one_column_needs_no_mark():
    assert read_table("colour\nred\n\nblue\n").rows == [["red"], ["blue"]]


def test_a_quoted_cell_holds_commas_lines_and_quotation_marks():
    assert read_table('a,b\n"one, two","say ""hi""\nthere"').rows == [["one, two", 'say "hi"\nthere']]


def test_what_windows_writes_is_read_too():
    assert read_table("\ufeffcolour\r\nred\r\n") == Table(["colour"], [["red"]])


def test_nothing_is_an_empty_table():
    assert len(read_table(" \n ")) == 0


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=5))
def test_what_a_spreadsheet_writes_comes_back(rows):
    file = io.StringIO()
    csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert read_table(file.getvalue()).rows == rows


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_a_table_or_refused_with_a_sentence(pasted):
    try:
        assert isinstance(read_table(pasted), Table)
    except TableError as error:
        assert str(error)


@pytest.mark.parametrize(("text", "words"), [
    ("a,b\n1,2\n3", "Line 3 of the table has 1 cells, and 2 columns have names."),
    ('a,b\n"x\ny",1\n1,2,3', "Line 4 of the table has 3 cells"),
    ('a,b\n1,2\n"open,3', "Line 3 of the table can’t be read"),
    ("a,,c\n1,2,3", "Line 1 of the table names its columns, and one has no name."),
    ("a,a\n1,2", "two columns “a”"),
    ("a\n" + "x\n" * 501, "The table has 501 rows; 500 is the most."),
    (",".join(f"c{number}" for number in range(21)), "The table has 21 columns; 20 is the most."),
    ("a\n" + "x" * 4001, "Line 2 of the table has a cell of more than 4,000 characters."),
    ("x" * 200_001, "The table has 200,001 characters; 200,000 is the most."),
])  # fmt: skip
def test_what_can_not_be_read_says_where_and_why(text, words):
    with pytest.raises(TableError, match="table") as refused:
        read_table(text)
    assert words in str(refused.value)


def test_rows_that_a_prompt_can_not_tell_apart_are_one():
    table = read_table("colour,note\nred,1\nblue,2\nred,3")
    assert table.distinct(["colour"]) == [{"colour": "red"}, {"colour": "blue"}]
    assert table.lacks(["colour", "size"]) == ["size"]
