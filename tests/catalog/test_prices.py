from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import (
    ImpossibleRequestError,
    Size,
    actual_cost,
    dollars,
    estimate,
    load,
    nearest_size,
    output_tokens,
    prompt_tokens,
)

CATALOG = load()
OFFICIAL = CATALOG.get("gpt-image-2")
models = st.sampled_from(CATALOG.models)
small = st.integers(min_value=0, max_value=50_000)
legal = st.builds(
    lambda w, h: nearest_size(OFFICIAL, Size(w, h)), st.integers(400, 3900), st.integers(400, 3900)
)


class TestEstimate:
    @given(
        models, st.integers(0, 16), st.integers(0, 3), st.text(max_size=60), st.sampled_from(["1", "0.85"])
    )
    def test_its_parts_add_up_to_it(self, model, references, partials, prompt, multiplier):
        found = estimate(
            model,
            {},
            prompt=prompt,
            references=references,
            partial_images=partials,
            multiplier=Decimal(multiplier),
        )
        ends = [
            sum(ends) * Decimal(multiplier)
            for ends in zip(*((p.low, p.high) for p in found.parts), strict=True)
        ]
        assert [dollars(end) for end in ends] == [dollars(found.low), dollars(found.high)]

    @given(models, st.integers(0, 16), st.integers(0, 3), st.text(max_size=60), st.booleans())
    def test_high_is_never_below_low(self, model, references, partial_images, prompt, is_low):
        fields = {"quality": "low"} if is_low and "quality" in model.parameters[model.endpoints[0]] else {}
        found = estimate(model, fields, prompt=prompt, references=references, partial_images=partial_images)
        assert Decimal(0) < found.low <= found.high
        assert found.exact == (found.low == found.high)

    def test_quality_auto_is_the_range_over_the_qualities(self):
        found = estimate(OFFICIAL, {"size": "2048x1152"})
        assert (found.low, found.high) == (Decimal("0.00471"), Decimal("0.1695"))
        assert (found.output_tokens_low, found.output_tokens) == (157, 5650)
        assert not found.is_picture_known

    def test_size_auto_is_the_range_over_the_named_sizes(self):
        found = estimate(OFFICIAL, {"size": "auto", "quality": "high"})
        assert (found.output_tokens_low, found.output_tokens) == (5488, 14272)

    def test_references_count_from_floor_to_ceiling(self):
        found = estimate(
            OFFICIAL, {"size": "1024x1024", "quality": "medium"}, prompt_tokens=120, references=16
        )
        assert found.high == Decimal("0.249888")
        assert (found.image_tokens_low, found.image_tokens) == (16 * 1024, 16 * 1536)
        assert found.is_picture_known

    def test_partial_pictures_may_come_or_not(self):
        found = estimate(OFFICIAL, {"size": "1024x1024", "quality": "low"}, partial_images=1)
        assert (found.low, found.high) == (Decimal("0.00588"), Decimal("0.00888"))

    def test_a_multiplier_multiplies_everything(self):
        found = estimate(OFFICIAL, {"size": "2048x1152", "quality": "high"}, multiplier=Decimal("1.2"))
        assert found.high == found.picture_high == Decimal("0.2034")

    def test_a_flat_price_has_no_tokens(self, vip):
        found = estimate(vip, {"size": "3840x2160", "quality": "high"}, references=16, prompt="x")
        assert (found.low, found.high, found.output_tokens) == (Decimal("0.03"), Decimal("0.03"), None)

    def test_the_same_words_cost_less_on_2_5(self, shipped):
        flare = shipped.get("gpt-image-2.5-flare")
        for old, new in (("low", "low"), ("medium", "high"), ("high", "max")):
            same = [
                estimate(model, {"size": "1024x1024", "quality": quality}).high
                for model, quality in ((OFFICIAL, old), (flare, new))
            ]
            assert same[0] == same[1]
        tokens = [
            estimate(flare, {"size": "2048x1152", "quality": quality}).output_tokens
            for quality in ("low", "medium", "high", "xhigh", "max")
        ]
        assert tokens == [157, 367, 1413, 2511, 5650]

    def test_a_price_by_picture_comes_from_its_table(self, shipped):
        old = shipped.get("gpt-image-1.5")
        assert estimate(old, {"size": "1024x1536", "quality": "high"}).high == Decimal("0.2")
        found = estimate(old, {})
        assert (found.low, found.high, found.output_tokens) == (Decimal("0.009"), Decimal("0.2"), None)

    @pytest.mark.parametrize("fields", [{"size": "1920x1080"}, {"quality": "max"}])
    def test_what_does_not_exist_has_no_price(self, fields):
        with pytest.raises(ImpossibleRequestError) as caught:
            estimate(OFFICIAL, fields)
        assert caught.value.problems

    @given(st.text(max_size=400))
    def test_the_guess_at_a_prompt_has_its_bounds_in_order(self, prompt):
        low, high = prompt_tokens(prompt)
        assert 0 <= low <= high
        assert (low == 0) == (prompt == "")


class TestOutputTokens:
    @given(legal, st.sampled_from([16, 24, 48, 64, 96]))
    def test_a_turned_picture_costs_the_same(self, size, factor):
        assert output_tokens(size, factor) == output_tokens(size.turned(), factor)

    @given(legal)
    def test_a_better_quality_never_costs_less(self, size):
        counts = [output_tokens(size, factor) for factor in (16, 24, 48, 64, 96)]
        assert counts == sorted(counts)

    @given(st.integers(51, 179), st.sampled_from([16, 48, 96]))
    def test_of_squares_the_larger_costs_more(self, edge, factor):
        smaller, larger = Size(edge * 16, edge * 16), Size(edge * 16 + 16, edge * 16 + 16)
        assert output_tokens(smaller, factor) < output_tokens(larger, factor)

    def test_more_pixels_of_another_shape_may_cost_less(self):
        assert output_tokens(Size(1536, 1024), 96) < output_tokens(Size(1024, 1024), 96)


class TestActualCost:
    @pytest.mark.parametrize(
        ("usage", "usd"),
        [
            ({"input_tokens": 24, "input_tokens_details": {"text_tokens": 24, "image_tokens": 0},
              "output_tokens": 196, "total_tokens": 220}, "0.006"),
            ({"input_tokens": 50, "output_tokens": 1756}, "0.05293"),
            ({"prompt_tokens": 50, "completion_tokens": 1756}, "0.05293"),
            ({"input_tokens": 1084, "input_tokens_details": {"text_tokens": 60, "image_tokens": 1024},
              "output_tokens": 1756}, "0.061172"),
            ({"input_tokens": 1084, "input_tokens_details": {"text_tokens": 60}, "output_tokens": 1756}, "0.061172"),
            ({"input_tokens": 3200, "input_tokens_details": {"text_tokens": 200, "image_tokens": 3000,
              "cached_tokens_details": {"text_tokens": 80, "image_tokens": 1000}}, "output_tokens": 5488}, "0.18334"),
            ({"input_tokens": 3200, "input_tokens_details": {"text_tokens": 200, "image_tokens": 3000,
              "cached_tokens": 1080, "cached_tokens_details": {"text_tokens": 80, "image_tokens": 1000}},
              "output_tokens": 5488}, "0.18334"),
            ({"input_tokens": 3200, "input_tokens_details": {"text_tokens": 200, "image_tokens": 3000,
              "cached_text_tokens": 80, "cached_image_tokens": 1000}, "output_tokens": 5488}, "0.18334"),
            ({"input_tokens": 1000, "input_tokens_details": {"text_tokens": 1000, "cached_tokens": 500},
              "output_tokens": 196}, "0.009005"),
            ({"input_tokens": 1000, "cached_tokens": 1000, "output_tokens": 196}, "0.00713"),
            ({"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 500}, "completion_tokens": 196},
             "0.009005"),
            ({"input_tokens": 1000, "input_tokens_details": None, "output_tokens": 196, "new_key": [1]}, "0.01088"),
            ({"input_tokens": 0, "output_tokens": 0}, "0"),
        ],
    )  # fmt: skip
    def test_spellings_of_usage(self, usage, usd):
        assert actual_cost(OFFICIAL, usage) == Decimal(usd)

    def test_cached_tokens_of_no_kind_are_text_first_so_that_the_figure_is_never_too_low(self):
        details = {"text_tokens": 100, "image_tokens": 1000, "cached_tokens": 150}
        cost = actual_cost(
            OFFICIAL, {"input_tokens": 1100, "input_tokens_details": details, "output_tokens": 0}
        )
        assert cost == (100 * Decimal("1.25") + 950 * 8 + 50 * 2) / 1_000_000

    def test_input_of_no_kind_beside_references_counts_as_pictures(self):
        usage = {"input_tokens": 1000, "output_tokens": 0}
        assert actual_cost(OFFICIAL, usage, references=1) == Decimal("0.008")
        assert actual_cost(OFFICIAL, usage) == Decimal("0.005")

    @pytest.mark.parametrize(
        "usage",
        [
            None, {}, [], "5", {"input_tokens": 3}, {"output_tokens": 3}, {"input_tokens": -1, "output_tokens": 3},
            {"input_tokens": "3", "output_tokens": 3}, {"input_tokens": True, "output_tokens": 3},
            {"input_tokens": 3, "output_tokens": 3, "input_tokens_details": [1]},
            {"input_tokens": 3, "output_tokens": 3, "input_tokens_details": {"text_tokens": 9}},
            {"input_tokens": 3, "output_tokens": 3, "cached_tokens": 4},
            {"text_in": 3, "text_in_cached": 4, "image_out": 1},
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_no_cost_instead_of_a_wrong_one(self, usage):
        assert actual_cost(OFFICIAL, usage) is None

    def test_a_flat_price_never_looks_at_usage(self, reverse):
        assert actual_cost(reverse, {"input_tokens": 31, "output_tokens": 1185}) == Decimal("0.03")
        assert actual_cost(reverse, "nonsense", pictures=2, multiplier=Decimal("0.5")) == Decimal("0.03")

    def test_without_a_cached_rate_cached_tokens_cost_the_full_rate(self, shipped):
        usage = {"input_tokens": 1000, "cached_tokens": 1000, "output_tokens": 0}
        assert actual_cost(shipped.get("gpt-image-1.5"), usage) == Decimal("0.005")

    @given(small, small, small)
    def test_caching_never_makes_a_call_dearer(self, text, image, cached):
        details = {"text_tokens": text, "image_tokens": image}
        usage = {"input_tokens": text + image, "input_tokens_details": details, "output_tokens": 0}
        with_cache = {**usage, "cached_tokens": min(cached, text + image)}
        assert actual_cost(OFFICIAL, with_cache) <= actual_cost(OFFICIAL, usage)


class TestPricesByDate:
    NEW_PRICE = """
    [models.gpt-image-2-all]
    like = "gpt-image-2-all"
    [[models.gpt-image-2-all.prices]]
    since = 2026-04-01
    per_call = 0.03
    source = "founding"
    [[models.gpt-image-2-all.prices]]
    since = 2026-12-01
    per_call = 0.025
    source = "news"
    """

    def test_a_new_price_leaves_old_totals_alone(self, tmp_path):
        from playground.catalog import SHIPPED

        extra = tmp_path / "prices.toml"
        extra.write_text(self.NEW_PRICE, "utf-8")
        model = load(SHIPPED, extra).get("gpt-image-2-all")

        costs = [actual_cost(model, None, on=date(2026, *day)) for day in ((11, 30), (12, 1), (12, 31))]
        assert costs == [Decimal("0.03"), Decimal("0.025"), Decimal("0.025")]

    def test_a_day_before_the_first_price_gets_the_first_price(self, reverse):
        assert actual_cost(reverse, None, on=date(1970, 1, 1)) == Decimal("0.03")


def test_dollars_are_rounded_half_up_to_six_places():
    assert str(dollars(Decimal("0.1695"))) == "0.169500"
    assert str(dollars(Decimal("0.0000125"))) == "0.000013"
    assert str(dollars(Decimal("0"))) == "0.000000"
