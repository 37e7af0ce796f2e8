"""Words to search for: what is asked for is among what was written, in both languages and on both databases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gallery.words import LONGEST_WORD, words_asked, words_of


@pytest.mark.parametrize(
    "text, words",
    [
        ("A Tea-tin, on a window_sill", ["a", "tea", "tin", "on", "window", "sill"]),
        ("Pears and glasses on the bus", ["pear", "and", "glasse", "on", "the", "bus"]),
        ("Café ＡＢＣ ﬁn", ["cafe", "abc", "fin"]),
        ("山水画", ["山", "水", "画", "山水", "水画"]),
        ("4K海报poster", ["4k", "海", "报", "海报", "poster"]),
        ("=favourite: \"x' OR 1", ["favourite", "x", "or", "1"]),
        ("… ?!", []),
    ],
)
def test_a_text_is_cut_into_words_and_pairs(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    "query, words",
    [("山水", ["山水"]), ("山水画", ["山水", "水画"]), ("猫", ["猫"]), ("tea 茶壶", ["tea", "茶壶"])],
)
def test_a_query_asks_for_pairs_and_only_a_lone_sign_for_itself(query, words):
    assert words_asked(query) == words


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_whatever_was_written_is_found_by_itself(text):
    asked = words_asked(text)
    assert set(asked) <= set(words_of(text))
    assert all(
        word and len(word) <= LONGEST_WORD and "=" not in word and not word.isspace() for word in asked
    )
