"""Which model for which need: computed from the facts, so that a new model finds its place by itself."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import SHIPPED, Size, default, load
from playground.catalog.choosing import FOUR_K, Needs, Ranked, Weight, choose

TODAY = date(2026, 11, 21)
ALL, VIP, OFFICIAL = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"


ANYTHING = Needs()


def ranked(needs: Needs = ANYTHING, **options) -> list[Ranked]:
    return choose(default().models, needs, on=TODAY, **options)


def able(needs: Needs) -> list[str]:
    return [each.model.id for each in ranked(needs) if each.can]


def of(model: str, needs: Needs) -> Ranked:
    return next(each for each in ranked(needs) if each.model.id == model)


def codes(model: str, needs: Needs) -> set[str]:
    return {reason.code for reason in of(model, needs).reasons}


class TestWhoCan:
    def test_a_mask_is_for_the_official_models_only(self):
        assert all(default().get(name).family == "official" for name in able(Needs(mask=True, references=1)))
        assert "no_mask" in codes(VIP, Needs(mask=True, references=1))

    def test_4k_is_not_for_all(self):
        names = able(Needs(pixels=FOUR_K))
        assert VIP in names and OFFICIAL in names and ALL not in names

    def test_an_exact_size_of_the_list(self):
        needs = Needs(size=Size(2048, 1152))
        assert "size" in codes(VIP, needs) and "size" in codes(OFFICIAL, needs)
        assert "not_this_size" in codes(ALL, needs)

    def test_an_exact_size_off_the_list_names_the_nearest(self):
        needs = Needs(size=Size(1600, 1200))
        reason = next(reason for reason in of(VIP, needs).reasons if reason.code == "not_this_size")
        assert default().get(VIP).sizes.choice(Size.parse(str(reason.values["nearest"])))
        assert of(OFFICIAL, needs).can

    def test_a_size_that_is_only_a_wish_is_a_caution(self):
        assert codes(ALL, Needs(size=Size(1024, 1024))) == {"size_disputed"}

    def test_transparent_is_refused_disputed_or_promised(self):
        needs = Needs(transparent=True)
        assert "no_transparent" in codes(OFFICIAL, needs)
        assert "transparent_disputed" in codes(VIP, needs)
        assert "transparent" in codes("gpt-image-2.5-flare", needs)

    def test_many_references_weaken(self):
        assert "references_weaken" in codes(ALL, Needs(references=8))
        assert "references" in codes(ALL, Needs(references=3))
        assert "too_many_references" in codes(ALL, Needs(references=17))

    def test_a_format(self):
        assert "jpeg" in codes(OFFICIAL, Needs(format="jpeg"))
        assert "no_jpeg" in codes(VIP, Needs(format="jpeg"))

    def test_a_model_that_is_switched_off_is_not_there(self):
        assert "gpt-image-1.5" in {each.model.id for each in ranked()}
        assert "retiring" in codes("gpt-image-1.5", Needs())
        later = choose(default().models, Needs(), on=date(2026, 12, 1))
        assert "gpt-image-1.5" not in {each.model.id for each in later}


class TestTheOrder:
    def test_the_cheapest_comes_first(self):
        first = next(each for each in ranked(Needs(pixels=FOUR_K)))
        assert first.model.id in (VIP, "gpt-image-2.5-flare", "gpt-image-2.5-sunburst")
        prices = [each.high for each in ranked(Needs(pixels=FOUR_K)) if each.is_sure]
        assert prices == sorted(prices)

    def test_or_the_quickest(self):
        sure = [each for each in ranked(Needs(by_speed=True)) if each.is_sure]
        assert [sum(each.seconds) for each in sure] == sorted(sum(each.seconds) for each in sure)
        assert sure[0].reasons[0].code == "fastest"

    def test_what_is_promised_comes_before_what_is_not(self):
        answers = ranked(Needs(transparent=True))
        sure = [each.is_sure for each in answers if each.can]
        assert sure == sorted(sure, reverse=True) and not all(sure)

    def test_what_cannot_comes_last_with_its_reason(self):
        answers = ranked(Needs(mask=True, references=1))
        can = [each.can for each in answers]
        assert can == sorted(can, reverse=True)
        assert all(any(r.weight is Weight.AGAINST for r in each.reasons) for each in answers if not each.can)

    def test_times_of_our_own_win_over_the_catalogs(self):
        answers = ranked(Needs(by_speed=True), seconds={OFFICIAL: (1.0, 2.0)})
        assert (answers[0].model.id, answers[0].seconds) == (OFFICIAL, (1.0, 2.0))

    def test_a_discount_counts(self):
        cheap = {each.id: Decimal(1) for each in default().models} | {ALL: Decimal("0.01")}
        assert ranked(multipliers=cheap)[0].model.id == ALL

    def test_a_new_model_finds_its_place_by_itself(self, tmp_path):
        extra = tmp_path / "own.toml"
        extra.write_text(
            "[models.own]\nlike = 'gpt-image-2'\nsince = 2026-11-01\n"
            "[models.own.timing]\ntypical_seconds = [1, 2]\n"
        )
        first = choose(load(SHIPPED, extra).models, Needs(mask=True, references=1, by_speed=True), on=TODAY)[
            0
        ]
        assert first.model.id == "own"


NEEDS = st.builds(
    Needs,
    size=st.none() | st.builds(Size, st.integers(1, 5000), st.integers(1, 5000)),
    pixels=st.sampled_from([0, FOUR_K]),
    references=st.integers(0, 20),
    mask=st.booleans(),
    transparent=st.booleans(),
    format=st.sampled_from(["", "png", "jpeg", "webp"]),
    conversation=st.booleans(),
    by_speed=st.booleans(),
)


@given(NEEDS)
def test_every_need_gets_every_living_model_once_with_a_price_for_those_that_can(needs):
    answers = ranked(needs)
    assert {each.model for each in answers} == set(default().offered(TODAY))
    assert len(answers) == len(default().offered(TODAY))
    for each in answers:
        assert each.can == (each.high is not None)
        assert not each.can or 0 <= each.low <= each.high
        assert each.can or any(reason.message for reason in each.reasons)


@pytest.mark.parametrize("needs", [Needs(), Needs(by_speed=True)])
def test_the_same_question_has_the_same_answer(needs):
    assert [each.model.id for each in ranked(needs)] == [each.model.id for each in ranked(needs)]
