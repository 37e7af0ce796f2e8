"""The shipped facts hold together, in both languages."""

from datetime import date

import pytest

from playground.catalog import LANGUAGES, Endpoint, Text, UnknownModelError, load, use
from playground.catalog import default as default_catalog

CATALOG = load()
each_model = pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: model.id)


def texts_of(model):
    yield from (model.summary, model.strengths, model.life_note)
    yield from (quirk.text for quirk in model.quirks)
    yield from (it.name for it in (*model.sizes.shapes, *model.sizes.table))
    yield from (tier.label for tier in model.sizes.tiers)
    for parameters in model.parameters.values():
        for parameter in parameters.values():
            yield from (parameter.label, parameter.reason, *parameter.refused_values.values())


@each_model
def test_every_text_is_there_in_every_language(model):
    assert model.summary
    assert model.strengths
    for text in texts_of(model):
        assert not text or text.languages == set(LANGUAGES), str(text)


@each_model
def test_what_a_form_offers_has_a_label(model):
    for parameters in model.parameters.values():
        for parameter in parameters.values():
            assert parameter.label or not (parameter.offer and parameter.may_be_sent), parameter.name


@each_model
def test_each_fact_says_who_said_it(model):
    assert all(price.source for price in model.prices)
    assert all(quirk.source for quirk in model.quirks)
    assert all(it.source for endpoint in model.endpoints for it in model.parameters[endpoint].values())


@each_model
def test_switches_are_contested_and_say_since_when_and_why(model):
    switches = [it for rows in model.parameters.values() for it in rows.values() if it.send == "opt_in"]
    assert all(it.since and it.reason and it.support == "disputed" for it in switches)


def test_the_three_main_models_come_first_and_live():
    first = [model.id for model in CATALOG.models[:3]]
    assert first == ["gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"]
    assert all(model.is_alive(date(2026, 11, 21)) and not model.unstable for model in CATALOG.models[:3])


def test_only_the_2_5_vip_models_are_unstable():
    unstable = {model.id for model in CATALOG.models if model.unstable}
    assert unstable == {"gpt-image-2.5-sunburst-vip", "gpt-image-2.5-flare-vip"}
    assert all(CATALOG.get(model_id).life_note for model_id in unstable)


def test_what_is_left_of_1_5_is_explained():
    old = CATALOG.get("gpt-image-1.5")
    assert old.until == date(2026, 12, 1)
    assert "gpt-image-2.5" in str(old.life_note)
    assert old.endpoints == (Endpoint.GENERATIONS,)


def test_2_5_differs_where_it_differs():
    flare, sunburst = CATALOG.get("gpt-image-2.5-flare"), CATALOG.get("gpt-image-2.5-sunburst")
    assert flare.quality_factors == {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}
    background = flare.parameter(Endpoint.GENERATIONS, "background")
    assert "transparent" in background.choices
    assert not background.refused_values
    assert (flare.timing.typical_seconds, sunburst.timing.typical_seconds) == ((10, 45), (14, 142))
    assert flare.sizes == CATALOG.get("gpt-image-2").sizes


def test_other_names_of_a_model_lead_to_it():
    assert CATALOG.get("gpt-image-2.5-vip").id == "gpt-image-2.5-sunburst-vip"
    assert CATALOG.get("gpt-image-2-2026-04-21").id == "gpt-image-2"


def test_an_unknown_model_is_an_error_that_names_the_known_ones():
    with pytest.raises(UnknownModelError, match="gpt-image-9.*gpt-image-2-all"):
        CATALOG.get("gpt-image-9")


def test_a_text_falls_back_to_english():
    text = Text.of({"en": "Wide", "zh-hans": "宽屏"})
    assert [text.get(language) for language in ("zh-hans", "zh-Hans", "fr")] == ["宽屏", "宽屏", "Wide"]
    assert str(text) == "Wide"


def test_a_process_may_install_a_catalog_of_its_own():
    other = load()
    try:
        use(other)
        assert default_catalog() is other
    finally:
        use(None)
    assert default_catalog() is not other
