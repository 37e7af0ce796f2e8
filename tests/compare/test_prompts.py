"""Prompts by the word: what differs from the first, and nothing else."""

import time

from hypothesis import given
from hypothesis import strategies as st

from playground.compare.prompts import ADDED, GONE, SAME, Piece, pieces_between, said_of

texts = st.text(alphabet="ab c,.梨子瓶 \n", max_size=60)


def test_equal_prompts_are_said_once_with_their_labels():
    [only] = said_of([("1A", "A pear"), ("1B", "A pear")])
    assert only.names == "1A, 1B" and only.pieces == [Piece("A pear", SAME)]


def test_only_the_words_that_differ_are_marked():
    assert pieces_between("A green pear on a table", "A red pear on a table, at dusk") == [
        Piece("A ", SAME), Piece("green", GONE), Piece("red", ADDED), Piece(" pear on a table", SAME),
        Piece(", at dusk", ADDED),
    ]  # fmt: skip


def test_a_prompt_that_has_little_in_common_is_said_whole():
    _first, other = said_of(
        [("1A", "A green pear on a table"), ("2A", "The lighthouse, at dusk, in a storm")]
    )
    assert other.is_another and other.pieces == [Piece("The lighthouse, at dusk, in a storm", SAME)]


def test_chinese_is_compared_by_the_sign():
    assert pieces_between("桌上的绿瓶", "桌上的红瓶") == [
        Piece("桌上的", SAME), Piece("绿", GONE), Piece("红", ADDED), Piece("瓶", SAME),
    ]  # fmt: skip


@given(texts, texts)
def test_nothing_of_either_prompt_is_lost(before, after):
    pieces = pieces_between(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind != GONE) == after


@given(texts)
def test_a_prompt_does_not_differ_from_itself(prompt):
    assert all(piece.kind == SAME for piece in pieces_between(prompt, prompt))


def test_two_books_are_told_apart_in_a_moment():
    began = time.monotonic()
    pieces = pieces_between("same " + "a b " * 20_000, "same " + "c d " * 20_000)
    assert pieces[0].text.startswith("same") and {piece.kind for piece in pieces} >= {SAME, GONE, ADDED}
    assert time.monotonic() - began < 5
