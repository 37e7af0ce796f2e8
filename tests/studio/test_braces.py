"""The little language of prompts: what multiplies, what is only a character, and that nothing typed breaks it."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.studio import braces

WORD = st.text(st.characters(exclude_characters="{}|\\", exclude_categories=["Cs"]), max_size=8)
ANYTHING = st.text(st.sampled_from("{}|\\ ab\n图") | st.characters(exclude_categories=["Cs"]), max_size=60)
GROUP = st.lists(WORD, min_size=2, max_size=4).map(lambda words: "{" + "|".join(words) + "}")


def every(prompt: str) -> list[str]:
    """All prompts that a template without variables says."""
    from itertools import product

    template = braces.read(prompt)
    ways = product(*(range(len(choices)) for choices in template.choices))
    return [template.fill(way, {}) for way in ways]


class TestAlternatives:
    def test_are_drawn_one_by_one_in_their_order(self):
        assert every("A {red|blue} vase") == ["A red vase", "A blue vase"]

    def test_of_two_groups_are_combined_the_last_changing_first(self):
        assert every("{a|b}{1|2}") == ["a1", "a2", "b1", "b2"]

    def test_may_be_empty(self):
        assert every("A {|very }old {tin|}") == ["A old tin", "A old ", "A very old tin", "A very old "]

    def test_may_hold_others(self):
        assert every("{a {red|blue} vase|nothing}") == ["a red vase", "a blue vase", "nothing"]

    def test_that_are_written_twice_are_one(self):
        assert every("{a|b|a|{b|c}}") == ["a", "b", "c"]

    def test_too_many_to_write_out_are_still_counted(self):
        template = braces.read("{" + "{a|b}" * 30 + "|c}")
        assert template.counts == [2**30 + 1]
        assert braces.read("{a|b}" * 40).counts == [2] * 40

    @given(st.lists(WORD | GROUP, max_size=5))
    def test_make_as_many_as_their_product_and_each_combination_once(self, parts):
        template = braces.read("".join(parts))
        assert len(every("".join(parts))) == prod(template.counts)
        for choices in template.choices:
            assert len(set(choices)) == len(choices)
        assert every("".join(parts)) == every("".join(parts))


class TestVariables:
    def test_take_their_words_from_a_row(self):
        template = braces.read("A {{ colour }} {vase|tin} of {{material}}, {{colour}}")
        assert template.variables == ["colour", "material"]
        row = {"colour": "red", "material": "clay"}
        assert template.fill((1,), row) == "A red tin of clay, red"

    def test_may_stand_in_an_alternative(self):
        template = braces.read("{a {{colour}} vase|nothing}")
        assert template.variables == ["colour"]
        assert template.fill((0,), {"colour": "red"}) == "a red vase"

    def test_may_have_a_chinese_name(self):
        assert braces.read("一个{{颜色}}的花瓶").variables == ["颜色"]

    def test_what_comes_from_the_table_is_never_read(self):
        template = braces.read("{{words}}")
        assert template.fill((), {"words": r"{a|b} {{words}} \{"}) == r"{a|b} {{words}} \{"


class TestWhatIsOnlyAPrompt:
    @pytest.mark.parametrize("prompt", [
        "A vase", "A { lone brace", "another } one", "{a}", "{}", '{"scene": {"light": "soft"}}', "{{", "}}", "{{{{",
        "a|b", "{{ 1+1 }}", "{{ 7 }}", "{{}}", "C:\\new\\pictures", "if (a || b) { c }", "",
    ])  # fmt: skip
    def test_is_left_as_it_is(self, prompt):
        template = braces.read(prompt)
        assert not template.is_many
        assert template.fill((), {}) == prompt

    def test_a_backslash_makes_a_character_of_a_brace(self):
        assert every(r"\{a|b\} {c|d\|e}") == ["{a|b} c", "{a|b} d|e"]

    @given(WORD)
    def test_without_braces_is_untouched(self, words):
        assert every(words) == [words]
        assert braces.escape(words) == words


class TestWhateverIsTyped:
    @given(ANYTHING)
    def test_is_read(self, typed):
        template = braces.read(typed)
        assert prod(template.counts) >= 1
        assert template.is_many or template.fill((), {}) == braces.plain(typed)

    @given(ANYTHING)
    def test_comes_back_as_it_is_once_it_is_escaped(self, words):
        assert every(braces.escape(words)) == [words]

    @pytest.mark.parametrize(
        "typed", ["{" * 20_000, "{|" * 10_000 + "}" * 10_000, "{a|b}" * 5_000, "{{a" * 9_000]
    )
    def test_in_any_amount_too(self, typed):
        assert braces.read(typed).pieces
