"""What a provider would refuse is refused before it is sent, at the field that is wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import (
    Endpoint,
    check_request,
    load,
    parameters_for,
    prompt_sent,
    timeout_seconds,
    with_companions,
)

CATALOG = load()
GENERATIONS, EDITS, CHAT = Endpoint.GENERATIONS, Endpoint.EDITS, Endpoint.CHAT


def codes(model, parameters=None, *, endpoint=GENERATIONS, prompt="a boat", **more):
    problems = check_request(model, endpoint, prompt, parameters or {}, **more)
    return [(problem.field, problem.code) for problem in problems]


class TestOffer:
    def test_each_model_offers_what_it_takes(self, reverse, vip, official):
        def offered(model, endpoint):
            return {it.name: it.send for it in parameters_for(model, endpoint)}

        assert offered(reverse, GENERATIONS) == {"size": "opt_in"}
        assert offered(vip, GENERATIONS) == {"size": "optional", "quality": "opt_in", "background": "opt_in"}
        everything = ["size", "quality", "output_format", "output_compression", "background", "moderation"]
        assert list(offered(official, GENERATIONS)) == [*everything, "partial_images"]
        assert list(offered(official, EDITS)) == [*everything[:-1], "partial_images"]
        assert offered(reverse, CHAT) == {}

    @given(st.sampled_from(CATALOG.models))
    def test_whatever_a_form_offers_is_taken(self, model):
        for endpoint in model.endpoints:
            for parameter in parameters_for(model, endpoint):
                for choice in parameter.choices:
                    beside = {"output_format": "png"} if parameter.conditions else {}
                    assert not codes(model, {parameter.name: choice, **beside}, endpoint=endpoint)


class TestCompanions:
    def test_previews_bring_the_stream_that_they_need(self, official):
        assert with_companions(official, GENERATIONS, {"partial_images": 2}) == {
            "partial_images": 2,
            "stream": True,
        }

    def test_no_previews_need_none(self, official):
        assert with_companions(official, GENERATIONS, {"partial_images": 0, "quality": "low"}) == {
            "quality": "low"
        }

    def test_a_setting_that_is_not_in_use_is_left_out(self, official):
        asked = {"output_format": "png", "output_compression": 80}
        assert with_companions(official, GENERATIONS, asked) == {"output_format": "png"}
        kept = {"output_format": "webp", "output_compression": 80}
        assert with_companions(official, GENERATIONS, kept) == kept

    @given(st.sampled_from(CATALOG.models), st.data())
    def test_whatever_it_gives_can_be_sent(self, model, data):
        for endpoint in model.endpoints:
            offered = [it for it in parameters_for(model, endpoint) if it.kind == "integer"]
            asked = {
                it.name: data.draw(
                    st.integers(it.minimum or 0, it.maximum if it.maximum is not None else 100)
                )
                for it in offered
            }
            assert not codes(model, with_companions(model, endpoint, asked), endpoint=endpoint)


class TestPrompt:
    @pytest.mark.parametrize("prompt", ["", "  \n\t "])
    def test_an_empty_prompt_is_refused(self, official, prompt):
        assert codes(official, prompt=prompt) == [("prompt", "prompt_empty")]

    def test_the_limit_is_in_characters(self, official):
        assert not codes(official, prompt="图" * 32_000)
        assert codes(official, prompt="x" * 32_001) == [("prompt", "prompt_too_long")]

    def test_the_old_model_has_a_limit_of_its_own(self, shipped):
        assert codes(shipped.get("gpt-image-1.5"), prompt="x" * 1001) == [("prompt", "prompt_too_long")]


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "wanted"),
        [
            ({"size": "2048x1152", "quality": "high", "output_format": "jpeg", "output_compression": 85}, []),
            ({"size": "1920x1080"}, [("size", "multiple_of_16")]),
            ({"size": 1024}, [("size", "wrong_type")]),
            ({"size": ""}, [("size", "format")]),
            ({"quality": "xhigh"}, [("quality", "value_not_allowed")]),
            ({"quality": "hd"}, [("quality", "value_not_allowed")]),
            ({"background": "transparent"}, [("background", "value_not_allowed")]),
            ({"output_format": "gif"}, [("output_format", "value_not_allowed")]),
            ({"output_format": "webp", "output_compression": 0}, []),
            ({"output_format": "webp", "output_compression": 101}, [("output_compression", "out_of_range")]),
            ({"output_format": "webp", "output_compression": -1}, [("output_compression", "out_of_range")]),
            ({"output_format": "webp", "output_compression": "85"}, [("output_compression", "wrong_type")]),
            ({"output_format": "webp", "output_compression": True}, [("output_compression", "wrong_type")]),
            ({"output_format": "png", "output_compression": 85}, [("output_compression", "only_with")]),
            ({"output_compression": 85}, [("output_compression", "only_with")]),
            ({"partial_images": 3}, [("partial_images", "only_with")]),
            ({"partial_images": 3, "stream": True}, []),
            ({"partial_images": 4, "stream": True}, [("partial_images", "out_of_range")]),
            ({"n": 1}, [("n", "parameter_not_taken")]),
            ({"response_format": "b64_json"}, [("response_format", "parameter_not_taken")]),
            ({"input_fidelity": "high"}, [("input_fidelity", "parameter_not_taken")]),
            ({"prompt": "another"}, [("prompt", "parameter_not_taken")]),
            ({"nonsense": "x"}, [("nonsense", "parameter_not_taken")]),
            ({"shape": "16:9"}, [("shape", "parameter_not_taken")]),
        ],
    )
    def test_official(self, official, parameters, wanted):
        assert codes(official, parameters) == wanted

    @pytest.mark.parametrize(
        ("parameters", "wanted"),
        [
            ({"size": "2048x1152"}, []),
            ({"size": "auto"}, []),
            ({"size": "1024x1024"}, [("size", "not_in_table")]),
            ({"quality": "high"}, []),
            ({"quality": "max"}, [("quality", "value_not_allowed")]),
            ({"background": "transparent"}, []),
            ({"output_format": "jpeg"}, [("output_format", "parameter_not_taken")]),
            ({"n": 3}, [("n", "parameter_not_taken")]),
            ({"response_format": "url"}, []),
        ],
    )
    def test_vip(self, vip, parameters, wanted):
        assert codes(vip, parameters) == wanted

    @pytest.mark.parametrize(
        ("parameters", "wanted"),
        [
            ({"shape": "16:9"}, []),
            ({"shape": "5:4"}, [("shape", "value_not_allowed")]),
            ({"size": "1024x1024"}, []),
            ({"size": "2048x2048"}, [("size", "max_edge")]),
            ({"quality": "low"}, [("quality", "parameter_not_taken")]),
            ({"aspect_ratio": "16:9"}, [("aspect_ratio", "parameter_not_taken")]),
        ],
    )
    def test_all(self, reverse, parameters, wanted):
        assert codes(reverse, parameters) == wanted

    def test_transparent_pictures_of_2_5_need_a_format_with_alpha(self, shipped):
        flare = shipped.get("gpt-image-2.5-flare")
        assert not codes(flare, {"background": "transparent"})
        assert not codes(flare, {"background": "transparent", "output_format": "webp"})
        assert not codes(flare, {"background": "opaque", "output_format": "jpeg"})
        wanted = [("background", "only_with")]
        assert codes(flare, {"background": "transparent", "output_format": "jpeg"}) == wanted

    def test_moderation_is_for_generations_only(self, official):
        assert not codes(official, {"moderation": "low"})
        wanted = [("moderation", "parameter_not_taken")]
        assert codes(official, {"moderation": "low"}, endpoint=EDITS) == wanted

    def test_a_refusal_says_why(self, official):
        (problem,) = check_request(official, GENERATIONS, "x", {"background": "transparent"})
        assert "2026-09-30" in problem.message
        assert problem.values["choices"] == "auto, opaque"

    def test_every_problem_is_named_at_once(self, official):
        found = codes(official, {"size": "1000x1000", "quality": "max", "n": 2}, prompt="")
        assert [field for field, _ in found] == ["prompt", "size", "quality", "n"]

    @given(
        st.sampled_from(CATALOG.models),
        st.dictionaries(st.text(max_size=12), st.one_of(st.text(max_size=12), st.integers(), st.booleans())),
    )
    def test_a_tampered_form_gets_an_answer_and_never_an_exception(self, model, parameters):
        for endpoint in Endpoint:
            assert all(it.message for it in check_request(model, endpoint, "x", parameters))


class TestEndpointsReferencesLife:
    def test_an_endpoint_that_a_model_does_not_have(self, official):
        assert codes(official, endpoint=CHAT) == [("endpoint", "endpoint_not_offered")]

    def test_references_have_a_most_and_an_edit_a_least(self, vip):
        assert not codes(vip, endpoint=EDITS, references=16)
        assert codes(vip, endpoint=EDITS, references=17) == [("references", "too_many_references")]
        assert codes(vip, endpoint=EDITS, references=0) == [("references", "reference_missing")]

    def test_a_model_has_a_life(self, shipped):
        old = shipped.get("gpt-image-1.5")
        assert not codes(old, on=date(2026, 11, 30))
        assert codes(old, on=date(2026, 12, 1)) == [("model", "model_retired")]
        assert codes(old, on=date(2025, 12, 15)) == [("model", "model_not_yet")]
        assert old not in shipped.offered(date(2026, 12, 1))
        assert old in shipped.offered(date(2026, 11, 30))


class TestPromptSent:
    @given(st.text(max_size=80), st.sampled_from(CATALOG.get("gpt-image-2-all").sizes.shapes))
    def test_the_persons_words_are_kept_and_the_phrase_is_there_once(self, prompt, shape):
        model = CATALOG.get("gpt-image-2-all")
        sent = prompt_sent(model, prompt, shape.key)
        assert sent.endswith(prompt)
        assert prompt_sent(model, sent, shape.key) == sent

    @pytest.mark.parametrize("prompt", ["LANDSCAPE 16:9: a boat", "  16:9 widescreen", "横版 16：9，小船"])
    def test_spelling_does_not_make_another_phrase(self, reverse, prompt):
        assert prompt_sent(reverse, prompt, "16:9") == prompt

    @pytest.mark.parametrize(
        "prompt", ["Landscape 16:90 ruler", "a boat, Landscape 16:9", "Portrait 9:16, a boat"]
    )
    def test_anything_else_gets_the_phrase(self, reverse, prompt):
        assert prompt_sent(reverse, prompt, "16:9") == f"Landscape 16:9, {prompt}"

    def test_models_with_sizes_never_change_the_prompt(self, vip, official):
        assert prompt_sent(vip, "a boat", "16:9") == prompt_sent(official, "a boat", "16:9") == "a boat"


class TestTimeouts:
    def test_2_5_waits_ten_minutes_whatever_is_asked(self, shipped):
        assert timeout_seconds(shipped.get("gpt-image-2.5-sunburst"), {}) == 600

    def test_a_size_that_is_none_does_not_matter(self, official):
        assert timeout_seconds(official, {"size": "huge"}) == 360
