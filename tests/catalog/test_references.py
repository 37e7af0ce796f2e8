"""Pictures that go along are looked at before they are sent: how many, how large, what kind, and the mask's rules."""

from dataclasses import replace

import pytest

from playground.catalog import Endpoint, PictureFacts, check_request

GENERATIONS, EDITS, CHAT = Endpoint.GENERATIONS, Endpoint.EDITS, Endpoint.CHAT
PICTURE = PictureFacts("png", 2_000_000, 1024, 768)
MASK = PictureFacts("png", 20_000, 1024, 768, has_alpha=True)


def codes(model, references=(PICTURE,), mask=None, endpoint=EDITS, parameters=None):
    problems = check_request(model, endpoint, "a boat", parameters or {}, references=references, mask=mask)
    assert all(problem.message for problem in problems)
    return [problem.code for problem in problems]


class TestPictures:
    def test_a_good_picture(self, reverse, official):
        assert codes(reverse) == codes(official) == []

    def test_sixteen_and_no_more(self, reverse):
        assert codes(reverse, [PICTURE] * 16) == []
        assert codes(reverse, [PICTURE] * 17) == ["too_many_references"]

    def test_an_edit_without_a_picture(self, reverse):
        assert codes(reverse, []) == ["reference_missing"]

    def test_text_to_image_takes_none(self, reverse):
        assert codes(reverse, endpoint=GENERATIONS) == ["references_not_taken"]
        assert codes(reverse, [], endpoint=GENERATIONS) == []

    def test_chat_may_go_without(self, reverse):
        assert codes(reverse, [], endpoint=CHAT) == codes(reverse, endpoint=CHAT) == []

    @pytest.mark.parametrize(
        ("byte_size", "wanted"), [(10_000_000, []), (10_000_001, ["reference_too_large"])]
    )
    def test_each_has_a_limit_of_its_own(self, reverse, byte_size, wanted):
        assert codes(reverse, [PICTURE, replace(PICTURE, byte_size=byte_size)]) == wanted

    def test_all_together_have_a_limit(self, official):
        large = replace(PICTURE, byte_size=45_000_000)
        assert codes(official, [large]) == []
        assert codes(official, [large, large]) == ["references_too_large"]

    @pytest.mark.parametrize(
        ("format", "wanted"), [("gif", ["reference_type"]), ("", ["reference_unreadable"])]
    )
    def test_only_pictures_of_the_kinds_that_are_taken(self, official, format, wanted):
        assert codes(official, [replace(PICTURE, format=format)]) == wanted

    def test_the_picture_is_named_as_the_prompt_names_it(self, reverse):
        pictures = [PICTURE, replace(PICTURE, byte_size=12_340_000)]
        (problem,) = check_request(reverse, EDITS, "x", {}, references=pictures)
        assert problem.message == "Picture 2 has 12.3 MB; gpt-image-2-all takes at most 10 MB for each."
        assert problem.values["number"] == 2


class TestMask:
    def test_a_good_mask(self, official):
        assert codes(official, mask=MASK) == []

    def test_a_model_without_masks_says_why(self, reverse, vip):
        for model in (reverse, vip):
            (problem,) = check_request(model, EDITS, "x", {}, references=[PICTURE], mask=MASK)
            assert (problem.code, problem.field) == ("parameter_not_taken", "mask")
            assert problem.values["reason"]

    @pytest.mark.parametrize("endpoint", [GENERATIONS, CHAT])
    def test_only_edits_have_one(self, official, reverse, endpoint):
        model = official if endpoint is GENERATIONS else reverse
        assert codes(model, [], MASK, endpoint) == ["parameter_not_taken"]

    @pytest.mark.parametrize(
        ("change", "wanted"),
        [
            ({"has_alpha": False}, "mask_without_alpha"),
            ({"format": "webp"}, "mask_without_alpha"),
            ({"byte_size": 4_000_000}, "mask_too_large"),
            ({"width": 1025}, "mask_size_differs"),
            ({"height": 767}, "mask_size_differs"),
        ],
    )
    def test_what_a_mask_must_be(self, official, change, wanted):
        assert codes(official, mask=replace(MASK, **change)) == [wanted]

    def test_it_belongs_to_the_first_picture(self, official):
        other = replace(PICTURE, width=640, height=480)
        assert codes(official, [PICTURE, other], MASK) == []
        assert codes(official, [other, PICTURE], MASK) == ["mask_size_differs"]

    def test_it_needs_a_picture(self, official):
        assert codes(official, [], MASK) == ["reference_missing", "mask_without_picture"]


class TestTheFieldOfThePictures:
    @pytest.mark.parametrize("name", ["image[]", "image"])
    def test_either_name_may_be_asked_for(self, reverse, official, name):
        for model in (reverse, official):
            assert codes(model, parameters={"image[]": name}) == []

    @pytest.mark.parametrize("value", ["images", 1, True, ""])
    def test_no_other(self, reverse, value):
        assert codes(reverse, parameters={"image[]": value}) == ["value_not_allowed"]

    def test_the_switch_has_a_date_and_a_reason(self, reverse, official):
        for model in (reverse, official):
            field = model.parameter(EDITS, "image[]")
            assert (field.value, field.choices) == ("image[]", ("image[]", "image"))
            assert field.since and field.reason

    def test_it_is_a_field_of_edits_alone(self, reverse):
        assert codes(reverse, [], endpoint=GENERATIONS, parameters={"image[]": "image"}) == [
            "parameter_not_taken"
        ]
