"""Which pixels come: promised sizes exactly, words at the start of the prompt, and each model's own choice."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.catalog import Size, default
from tests.simulator.conftest import speaking

VECTORS = json.loads((Path(__file__).parents[1] / "catalog" / "vectors.json").read_text("utf-8"))
PUBLISHED = {"1:1": "1254x1254", "16:9": "1672x941", "9:16": "941x1672"}
NEAR_AREA = range(1_570_000, 1_576_000)


def phrases():
    return [
        (phrase, row["ratio"]) for row in VECTORS["prompt_size_phrases"] for phrase in row["en"] + row["zh"]
    ]


@pytest.mark.parametrize(("phrase", "ratio"), phrases())
def test_all_obeys_size_words_at_the_start(api, phrase, ratio):
    got = Size.parse(api.size("gpt-image-2-all", f"{phrase}, a paper boat"))
    if ratio in PUBLISHED:
        assert str(got) == PUBLISHED[ratio]
    width, height = map(int, ratio.split(":"))
    assert got.width / got.height == pytest.approx(width / height, rel=0.002)
    assert got.pixels in NEAR_AREA


@pytest.mark.parametrize(
    "prompt",
    [
        "a paper boat",
        "a paper boat, Landscape 16:9",
        "a boat, 4K, 8K, HD",
        "4K a boat",
        "2048x1152 a boat",
        "Landscape of hills at 16:90 sharp",
        "16:9x is a name",
    ],
)
def test_words_elsewhere_do_nothing(api, prompt):
    assert api.size("gpt-image-2-all", prompt) == "1254x1254"


@pytest.mark.parametrize(
    "prompt", ["landscape 16:9, a boat", "Landscape 16:9. A boat", "  16:9 a boat", "横版 16：9，船"]
)
def test_small_differences_in_the_words_are_understood(api, prompt):
    assert api.size("gpt-image-2-all", prompt) == "1672x941"


@pytest.mark.parametrize("size", [row["size"] for row in VECTORS["vip_sizes"]])
def test_vip_draws_each_of_its_30_sizes_exactly(api, size):
    assert api.size("gpt-image-2-vip", size=size) == size


@pytest.mark.parametrize("fields", [{}, {"size": "auto"}])
def test_vip_draws_2048_square_when_it_may_choose(api, fields):
    assert api.size("gpt-image-2-vip", **fields) == "2048x2048"


@pytest.mark.parametrize(
    "size", [row["size"] for row in VECTORS["official_size_valid"] if row["size"] != "auto"]
)
def test_the_official_model_draws_every_legal_size_exactly(api, size):
    assert api.size("gpt-image-2", size=size, quality="low") == size


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(30, 240), st.integers(30, 240))
def test_the_official_model_draws_what_the_catalog_allows(api, columns, rows):
    size = Size(columns * 16, rows * 16)
    broken = default().get("gpt-image-2").sizes.violations(size)
    answer = api.draw("gpt-image-2", size=str(size), quality="low")
    assert (answer.status_code == 400) == bool(broken)


def test_auto_is_reported_as_what_was_drawn(api):
    answer = api.draw("gpt-image-2", "a tall poster [[sim: plain]]", size="auto", quality="auto")
    body = answer.json()
    assert body["size"] == "1024x1536"
    assert body["quality"] in ("low", "medium", "high")
    assert body["usage"]["output_tokens"] in (158, 1372, 5488)


@pytest.mark.parametrize(
    ("shown", "model"),
    [("2048x2048", "gpt-image-2.5-sunburst-vip"), ("1024x1536", "gpt-image-2.5-flare-vip")],
)
def test_newer_vip_models_choose_their_own_size(api, shown, model):
    assert api.size(model) == shown


@pytest.mark.parametrize(
    ("asked", "drawn"), [("1024x1024", "1024x1024"), ("1500x600", "1500x600"), ("2048x2048", "1536x1536")]
)
def test_a_quirk_makes_size_a_target_on_all(asked, drawn):
    with speaking(quirks=("all-accepts-size",)) as speaker:
        assert speaker.size("gpt-image-2-all", size=asked) == drawn


def test_a_quirk_switches_size_off_on_vip():
    with speaking(quirks=("vip-ignores-size",)) as speaker:
        assert speaker.size("gpt-image-2-vip", "16:9 a boat", size="3840x2160") == "1672x941"


@pytest.mark.parametrize(
    ("asked", "drawn"), [("1920x1080", "1920x1088"), ("512x512", "816x816"), ("2048x1152", "2048x1152")]
)
def test_a_quirk_snaps_sizes_on_vip(asked, drawn):
    with speaking(quirks=("vip-snaps-sizes",)) as speaker:
        assert speaker.size("gpt-image-2-vip", size=asked) == drawn
