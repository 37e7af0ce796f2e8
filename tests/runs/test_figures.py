"""One fact, one spelling: how figures are written on every page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import Size
from playground.runs.templatetags import darkroom
from tools.ratio_classes import stylesheet

EDGES = st.integers(1, 9999)


@pytest.mark.parametrize(
    ("usd", "written"),
    [
        (Decimal("0.03"), "$0.030"),
        (Decimal("0.0526"), "$0.053"),
        (Decimal("1234.5"), "$1,234.500"),
        (0, "$0.000"),
        (None, "?"),
        (Decimal("0.0001"), "<$0.001"),
    ],
)
def test_a_picture_costs_to_a_tenth_of_a_cent(usd, written):
    assert darkroom.money(usd) == written


@pytest.mark.parametrize(
    ("usd", "written"),
    [(Decimal("41.066"), "$41.07"), (0, "$0.00"), (None, "?"), (Decimal("0.001"), "<$0.01")],
)
def test_sums_are_to_the_cent(usd, written):
    assert darkroom.money_sum(usd) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Size(2048, 1152), "2048 × 1152"),
        ("2048x1152", "2048 × 1152"),
        ("auto", "auto"),
        (None, "?"),
        ("", "?"),
    ],
)
def test_sizes_have_their_own_sign_and_spaces(value, written):
    assert darkroom.size(value) == written


def test_seconds_have_one_decimal():
    assert darkroom.seconds(31.24) == "31.2 s"
    assert darkroom.seconds(Decimal(300)) == "300.0 s"
    assert darkroom.seconds(None) == "?"


@pytest.mark.parametrize(
    ("value", "written"),
    [(820, "820 B"), (412_300, "412 kB"), (999_600, "1.0 MB"), (4_812_345, "4.8 MB"), (None, "?")],
)
def test_weights_are_decimal(value, written):
    assert darkroom.bytes_size(value) == written


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Size(2048, 1360), "ar-151"),
        ("2048x1152", "ar-178"),
        ("9:16", "ar-056"),
        ("auto", "ar-150"),
        (None, "ar-150"),
        ("0x10", "ar-150"),
        ("8000x100", "ar-300"),
        ("100x8000", "ar-033"),
    ],
)
def test_a_shape_has_a_class(value, name):
    assert darkroom.ratio_class(value) == name


@given(EDGES, EDGES)
def test_every_shape_has_a_class_that_the_stylesheet_holds(width, height):
    assert f".{darkroom.ratio_class(Size(width, height))} {{" in stylesheet()


@given(st.text())
def test_any_prompt_has_a_first_line_and_an_alternative_text(prompt):
    line = darkroom.first_line(prompt)
    assert len(line) <= 160
    assert "\n" not in line
    assert darkroom.picture_alt(prompt).startswith("Generated picture: ")


def test_the_alternative_text_is_the_first_sentence():
    prompt = "\n  A vase and two pears. Late light.\nMore"
    assert darkroom.picture_alt(prompt) == "Generated picture: A vase and two pears"
    assert darkroom.picture_alt("山脊。薄雾。") == "Generated picture: 山脊"


def test_a_prompt_keeps_its_writers_language():
    languages = [darkroom.prompt_lang(prompt) for prompt in ("Dunes", "沙丘", "砂丘のある風景")]
    assert languages == ["en", "zh-Hans", "ja"]


def test_days_say_their_year_only_when_it_is_another():
    with translation.override("en"):
        assert darkroom.day(date(2001, 11, 21)) == "Wednesday 21 November 2001"
        today = date.today()
        assert str(today.year) not in darkroom.day(today)


def test_moments_are_to_the_second():
    with translation.override("en"):
        moment = darkroom.moment(datetime(2026, 11, 21, 13, 57, 2, tzinfo=UTC))
    assert moment == "21 November 2026, 13:57:02"
    assert darkroom.moment(None) == "?"


def test_what_a_person_wrote_is_escaped():
    output = SimpleNamespace(thumb=lambda width: f'/"{width}')
    html = Template('{{ p|first_line }}{{ o|thumb:640 }}{{ d|as_json }}{% icon "x" %}').render(
        Context({"p": "<script>", "o": output, "d": {"<b>": 1}})
    )
    assert "<script>" not in html
    assert "<b>" not in html
    assert '/"' not in html
    assert html.endswith('#x"/></svg>')
