from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import Size, SizeFormatError, check_size, load, nearest_size

CATALOG = load()
OFFICIAL = CATALOG.get("gpt-image-2")
VIP = CATALOG.get("gpt-image-2-vip")
ALL = CATALOG.get("gpt-image-2-all")

edges = st.integers(min_value=1, max_value=12_000)
sizes = st.builds(Size, edges, edges)
models = st.sampled_from(CATALOG.models)


class TestSize:
    @given(sizes)
    def test_it_survives_being_written_and_read(self, size):
        assert Size.parse(str(size)) == size

    @given(st.text(max_size=12))
    def test_any_other_text_is_an_error(self, text):
        with suppress(SizeFormatError):
            assert str(Size.parse(text)) == text

    @pytest.mark.parametrize(
        "text", ["１０２４x1024", "1024x1024\n", "1024x٣", "1_024x1024", "1e3x1024", "9" * 5000 + "x1"]
    )
    def test_look_alikes_are_errors(self, text):
        with pytest.raises(SizeFormatError):
            Size.parse(text)

    def test_its_ratio_is_exact(self):
        assert Size(3840, 1280).ratio == Fraction(3)
        assert Size(3840, 1280).turned().ratio == Fraction(1, 3)


class TestNearestSize:
    @given(models, sizes)
    def test_it_is_always_valid(self, model, size):
        assert check_size(model, str(nearest_size(model, size))).ok

    @given(models, sizes)
    def test_of_a_valid_size_it_is_the_size_itself(self, model, size):
        valid = nearest_size(model, size)
        assert nearest_size(model, valid) == valid
        assert (valid == size) == check_size(model, str(size)).ok

    @given(sizes)
    def test_a_turned_size_has_the_turned_answer(self, size):
        found, turned = nearest_size(OFFICIAL, size), nearest_size(OFFICIAL, size.turned())
        assert {found.long, found.short} == {turned.long, turned.short}

    @given(models, st.text(max_size=20))
    def test_every_text_that_is_no_size_still_gets_a_valid_suggestion(self, model, text):
        verdict = check_size(model, text)
        assert verdict.is_auto or check_size(model, str(verdict.nearest)).ok

    @pytest.mark.parametrize(
        ("asked", "nearest"),
        [
            ("1920x1080", "1920x1088"),
            ("1080x1920", "1088x1920"),
            ("3200x1800", "3200x1808"),
            ("1032x1024", "1024x1024"),
            ("512x512", "816x816"),
            ("4000x4000", "2880x2880"),
            ("3840x2176", "3840x2160"),
            ("3840x1000", "3840x1280"),
            ("1600x3856", "1600x3840"),
            ("480x1456", "480x1440"),
            ("1024X1024", "1024x1024"),
            (" 2048 × 1152 ", "2048x1152"),
            ("01024x1024", "1024x1024"),
            ("16:9", "2048x1152"),
            ("square", "1024x1024"),
        ],
    )
    def test_official(self, asked, nearest):
        assert str(check_size(OFFICIAL, asked).nearest) == nearest

    @pytest.mark.parametrize(
        ("asked", "nearest"),
        [
            ("1024x1024", "1280x1280"),
            ("1536x1024", "1280x848"),
            ("1024x1536", "848x1280"),
            ("1920x1080", "2048x1152"),
            ("2560x1440", "2048x1152"),
            ("4096x4096", "2880x2880"),
            ("2048X1360", "2048x1360"),
            ("9:16", "1152x2048"),
            ("2K", "2048x2048"),
        ],
    )
    def test_vip_keeps_the_ratio_before_the_size(self, asked, nearest):
        assert str(check_size(VIP, asked).nearest) == nearest

    @pytest.mark.parametrize(("asked", "nearest"), [("2048x1152", "1536x864"), ("256x128", "512x256")])
    def test_words_models_keep_the_shape_of_a_target(self, asked, nearest):
        assert str(check_size(ALL, asked).nearest) == nearest

    def test_it_is_the_best_of_all_legal_sizes(self):
        edges = range(16, 3841, 16)
        legal = [it for w in edges for h in edges if not OFFICIAL.sizes.violations(it := Size(w, h))]

        def distance(asked, it):
            return abs(it.width - asked.width) + abs(it.height - asked.height)

        for asked in (Size(1366, 768), Size(700, 700), Size(1234, 567), Size(3999, 2001)):
            found, least = nearest_size(OFFICIAL, asked), min(distance(asked, it) for it in legal)
            # The shape counts too: it may cost up to what keeping the diagonal saves.
            assert distance(asked, found) <= 2 * least


class TestCheckSize:
    def test_auto_is_no_size_and_no_problem(self):
        for model in (OFFICIAL, VIP, ALL):
            verdict = check_size(model, "auto")
            assert (verdict.ok, verdict.is_auto, verdict.size, verdict.nearest) == (True, True, None, None)

    def test_messages_name_the_rule_with_its_number(self):
        (problem,) = check_size(OFFICIAL, "1792x936").problems
        assert problem.message == "1792x936: width and height must both be multiples of 16."
        assert problem.values == {"size": "1792x936", "step": 16, "nearest": "1792x944"}

    def test_a_target_in_pixels_is_bounded_on_words_models(self):
        assert check_size(ALL, "1536x864").ok
        assert check_size(ALL, "513x400").ok
        assert [problem.code for problem in check_size(ALL, "2048x1152").problems] == ["max_edge"]
        assert [problem.code for problem in check_size(ALL, "500x500").problems] == ["min_edge"]
