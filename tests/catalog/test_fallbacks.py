"""Who can take over, and at what price: decided by what the request needs, never by trying."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import Endpoint, Value, check_request, fallbacks, load, parameters_for

CATALOG = load()
DAY = date(2026, 11, 21)
ALL, VIP, OFFICIAL, NANO = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2", "gemini-3-pro-image"
FLARE = "gpt-image-2.5-flare"
GENERATIONS, EDITS, CHAT = Endpoint.GENERATIONS, Endpoint.EDITS, Endpoint.CHAT


@dataclass(frozen=True)
class Asked:
    endpoint: Endpoint = GENERATIONS
    prompt: str = "a tea tin"
    parameters: Mapping[str, Value] = field(default_factory=dict)
    references: tuple = ()
    mask: object | None = None
    messages: tuple = ()


def found(model, on=DAY, **asked):
    several = fallbacks(CATALOG.get(model), Asked(**asked), catalog=CATALOG, on=on)
    return {one.model.id: one for one in several}


class TestWhoIsNamed:
    def test_the_others_and_never_the_model_itself(self):
        for model in CATALOG.offered(DAY):
            named = found(model.id)
            assert model.id not in named
            assert len(named) == len(CATALOG.offered(DAY)) - 1

    def test_cheapest_first_and_another_line_before_the_same(self):
        several = list(found(ALL).values())
        assert [one.price.high for one in several] == sorted(one.price.high for one in several)
        flat = [one for one in several if one.price.high == Decimal("0.03")]
        assert (flat[0].model.id, flat[-1].model.id) == (VIP, "gpt-image-2.5-all")
        assert [one.shares_line for one in flat] == [False] * (len(flat) - 1) + [True]

    def test_nobody_who_is_switched_off(self):
        assert "gpt-image-1.5" in found(OFFICIAL, on=date(2026, 11, 30))
        assert "gpt-image-1.5" not in found(OFFICIAL, on=date(2026, 12, 1))

    def test_a_mask_needs_a_model_that_has_masks(self):
        named = found(OFFICIAL, endpoint=EDITS, references=("a",), mask="m")
        assert set(named) == {FLARE, "gpt-image-2.5-sunburst"}

    def test_more_pictures_than_some_take(self):
        assert NANO in found(ALL, endpoint=EDITS, references=("a",) * 14)
        assert NANO not in found(ALL, endpoint=EDITS, references=("a",) * 15)
        assert VIP in found(ALL, endpoint=EDITS, references=("a",) * 15)

    def test_transparency_is_needed(self):
        named = found(FLARE, parameters={"background": "transparent"})
        assert {OFFICIAL, NANO, ALL}.isdisjoint(named)
        assert named["gpt-image-2.5-sunburst"].parameters["background"] == "transparent"
        assert named[VIP].parameters == {"background": "transparent"}  # a switch, but nothing less will do

    def test_4k_is_needed(self):
        named = found(VIP, parameters={"size": "3840x2160"})
        assert ALL not in named
        assert (named[OFFICIAL].parameters, named[OFFICIAL].reason) == (
            {"size": "3840x2160", "quality": "medium"},
            "does_it_all",
        )
        assert (named[NANO].parameters, named[NANO].reason) == ({"size": "5504x3072"}, "other_size")

    def test_a_shape_that_nobody_else_has(self):
        assert set(found(OFFICIAL, parameters={"size": "3072x1024"})) <= {FLARE, "gpt-image-2.5-sunburst"}


class TestConversations:
    def test_they_stay_a_conversation_where_there_is_one(self):
        assert found(ALL, endpoint=CHAT, messages=("m",))[VIP].endpoint is CHAT

    def test_or_become_an_edit_of_the_last_picture(self):
        named = found(ALL, endpoint=CHAT, messages=("m",), references=("a",))
        assert named[OFFICIAL].endpoint is named[NANO].endpoint is EDITS

    def test_without_that_picture_nobody_else_knows_what_was_meant(self):
        assert {OFFICIAL, NANO}.isdisjoint(found(ALL, endpoint=CHAT, messages=("m",)))
        assert found(ALL, endpoint=CHAT)[OFFICIAL].endpoint is GENERATIONS


class TestWhatItIsAskedFor:
    @pytest.mark.parametrize(
        ("other", "parameters"),
        [
            (VIP, {"size": "2048x1152"}),
            (OFFICIAL, {"size": "2048x1152", "quality": "medium"}),
            (NANO, {"size": "2752x1536"}),
        ],
    )
    def test_a_shape_becomes_a_size(self, other, parameters):
        one = found(ALL, parameters={"shape": "16:9"})[other]
        assert (one.parameters, one.reason) == (parameters, "does_it_all")

    def test_a_size_becomes_words_where_there_is_nothing_better(self):
        one = found(VIP, parameters={"size": "2048x1152"})[ALL]
        assert (one.parameters, one.reason) == ({"shape": "16:9"}, "size_in_words")

    def test_where_quality_makes_the_price_one_is_named(self):
        one = found(ALL, parameters={"shape": "16:9"})[OFFICIAL]
        assert one.price.is_picture_known
        assert found(OFFICIAL, parameters={"quality": "auto"})[FLARE].parameters == {"quality": "auto"}

    @pytest.mark.parametrize(("quality", "there"), [("low", "low"), ("medium", "high"), ("high", "max")])
    def test_a_quality_is_called_by_the_name_it_has_there(self, quality, there):
        parameters = {"quality": quality, "size": "1024x1024"}
        one = found(OFFICIAL, parameters=parameters)[FLARE]
        assert one.parameters["quality"] == there
        assert (
            one.price.picture_high
            == found(FLARE, parameters={**parameters, "quality": there})[
                "gpt-image-2.5-sunburst"
            ].price.picture_high
        )

    def test_what_it_does_not_have_is_dropped_and_named(self):
        asked = {"quality": "low", "output_format": "webp", "output_compression": 80, "moderation": "low"}
        one = found(OFFICIAL, parameters=asked)[NANO]
        assert (one.reason, set(one.dropped)) == ("fewer_settings", set(asked))
        assert one.parameters == {}

    def test_no_switch_is_turned_on_for_a_mere_wish(self):
        one = found(OFFICIAL, parameters={"quality": "low"})[VIP]
        assert (one.parameters, one.dropped) == ({}, ("quality",))

    def test_what_the_wire_needs_is_nobodys_loss(self):
        one = found(
            ALL, endpoint=EDITS, references=("a",), parameters={"response_format": "url", "image[]": "image"}
        )
        assert one[OFFICIAL].dropped == ()

    def test_the_multiplier_of_the_key_counts(self):
        several = fallbacks(CATALOG.get(ALL), Asked(), catalog=CATALOG, on=DAY, multiplier=Decimal("0.5"))
        assert {one.model.id: one.price.high for one in several}[VIP] == Decimal("0.015")


@st.composite
def requests(draw):
    model = draw(st.sampled_from(CATALOG.offered(DAY)))
    endpoint = draw(st.sampled_from(model.endpoints))
    parameters = {
        parameter.name: draw(st.sampled_from(parameter.choices))
        for parameter in parameters_for(model, endpoint)
        if parameter.kind == "choice" and draw(st.booleans())
    }
    listed = [str(size) for size in model.sizes.listed]
    if model.parameter(endpoint, "size") is not None and draw(st.booleans()):
        parameters["size"] = draw(st.sampled_from([*listed, "auto"]))
    elif model.sizes.shapes and draw(st.booleans()):
        parameters["shape"] = draw(st.sampled_from([shape.key for shape in model.sizes.shapes]))
    references = ("a",) * draw(st.integers(endpoint is EDITS, 0 if endpoint is GENERATIONS else 16))
    return model, Asked(endpoint, "a tin", parameters, references)


@given(requests())
def test_whoever_is_named_would_not_refuse_it(drawn):
    model, asked = drawn
    for one in fallbacks(model, asked, catalog=CATALOG, on=DAY):
        count = len(asked.references)
        assert not check_request(one.model, one.endpoint, "a tin", one.parameters, on=DAY, references=count)
        assert one.price.low <= one.price.high
        assert set(one.dropped) <= set(asked.parameters)
