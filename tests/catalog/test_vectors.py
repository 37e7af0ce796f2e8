"""The published contract, vector by vector: vectors.json is the shared file as it was agreed on."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from playground.catalog import (
    Endpoint,
    Size,
    Support,
    actual_cost,
    billed_with_n,
    check_size,
    estimate,
    load,
    output_tokens,
    prompt_sent,
    timeout_seconds,
)

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
CATALOG = load()
OFFICIAL = CATALOG.get("gpt-image-2")
VIP = CATALOG.get("gpt-image-2-vip")
ALL = CATALOG.get("gpt-image-2-all")
NAMES = {"all": ALL, "vip": VIP, "official": OFFICIAL}


def each(section, key):
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: str(vector[key]) or "empty")


class TestSizes:
    @each("vip_sizes", "size")
    def test_each_of_the_thirty_is_valid_on_vip_and_official(self, vector):
        size = Size(vector["width"], vector["height"])
        choice = VIP.sizes.choice(size)

        assert (choice.tier, choice.ratio, str(choice.name)) == (
            vector["tier"],
            vector["ratio"],
            vector["name"],
        )
        assert (choice.tier == VIP.sizes.default_tier) == vector["default_tier"]
        assert check_size(VIP, vector["size"]).ok
        assert check_size(OFFICIAL, vector["size"]).ok == vector["valid_official"]

    def test_there_are_thirty(self):
        assert len(VIP.sizes.table) == len(VECTORS["vip_sizes"]) == 30
        labels = {tier.key: str(tier.label) for tier in VIP.sizes.tiers}
        assert labels == {vector["tier"]: vector["tier_label"] for vector in VECTORS["vip_sizes"]}

    @each("vip_size_other", "size")
    def test_what_is_not_in_the_table(self, vector):
        verdict = check_size(VIP, vector["size"])

        if vector["class"] == "accepted_special":
            assert verdict.ok
            assert verdict.is_auto
        else:
            assert [problem.code for problem in verdict.problems] == [vector["class"]]
            assert VIP.sizes.choice(verdict.nearest) is not None

    @each("official_size_valid", "size")
    def test_valid_sizes_of_official(self, vector):
        verdict = check_size(OFFICIAL, vector["size"])

        assert verdict.ok, vector["reason"]
        assert verdict.experimental == vector.get("experimental", False)
        if "pixels" in vector:
            assert verdict.size.pixels == vector["pixels"]

    @each("official_size_invalid", "size")
    def test_invalid_sizes_of_official_name_every_rule_they_break(self, vector):
        verdict = check_size(OFFICIAL, vector["size"])

        assert [problem.code for problem in verdict.problems] == vector["violations"], vector["reason"]
        assert check_size(OFFICIAL, str(verdict.nearest)).ok

    def test_the_rule_is_the_published_one(self):
        rule, published = OFFICIAL.sizes, VECTORS["constraints_official"]
        limits = ("max_edge", "step", "max_ratio", "min_pixels", "max_pixels")
        assert {name: getattr(rule, name) for name in limits} == {name: published[name] for name in limits}
        assert rule.experimental_above_pixels == Size.parse(published["experimental_above"]).pixels


class TestMoney:
    @pytest.mark.parametrize(
        "vector", VECTORS["output_token_vectors"], ids=lambda vector: f"{vector['size']}-{vector['quality']}"
    )
    def test_output_tokens_and_their_price(self, vector):
        found = estimate(OFFICIAL, {"size": vector["size"], "quality": vector["quality"]})

        assert found.output_tokens == vector["tokens"]
        assert found.exact
        assert found.low == Decimal(vector["cost_usd"])

    @each("cost_vectors", "name")
    def test_costs(self, vector):
        model = CATALOG.get(vector["model"])

        if "usage" in vector:
            multiplier = Decimal(vector["usage"]["group_multiplier"])
            cost = actual_cost(model, vector["usage"], multiplier=multiplier)
        elif vector.get("images_requested_via_n"):
            cost = billed_with_n(model, vector["images_requested_via_n"])
        else:
            cost = actual_cost(model, None) * vector["calls"]
        assert cost == Decimal(vector["cost_usd"])

    @pytest.mark.parametrize(
        "vector", VECTORS["official_cheaper_than_flat"], ids=lambda it: f"{it['size']}-{it['quality']}"
    )
    def test_official_is_cheaper_than_the_flat_price_there(self, vector):
        found = estimate(OFFICIAL, {"size": vector["size"], "quality": vector["quality"]})
        assert found.high == Decimal(vector["cost_usd"]) < estimate(ALL, {}).low

    def test_rates_and_formula_are_the_published_ones(self):
        price = OFFICIAL.prices[-1]
        rates = {name: getattr(price, name) for name in VECTORS["rates_usd_per_million"]}
        assert rates == {name: Decimal(rate) for name, rate in VECTORS["rates_usd_per_million"].items()}
        assert OFFICIAL.quality_factors == VECTORS["formula"]["q"]
        assert price.partial_image_tokens == VECTORS["formula"]["partial_image_tokens_each"]

    def test_extremes_over_every_legal_size(self):
        facts = VECTORS["brute_force_facts"]
        edges = range(16, 3841, 16)
        legal = [it for w in edges for h in edges if not OFFICIAL.sizes.violations(it := Size(w, h))]

        assert len(legal) == facts["legal_sizes"]
        for name in ("low_max", "low_min", "medium_max", "high_min", "high_max"):
            quality, end = name.split("_")
            tokens = {size: output_tokens(size, OFFICIAL.quality_factors[quality]) for size in legal}
            wanted = facts[name]
            assert (max if end == "max" else min)(tokens.values()) == wanted["tokens"]
            assert tokens[Size.parse(wanted["size"])] == wanted["tokens"]


# What the vectors call the server's behaviour, in the words of the catalog.
SERVER = {
    "accepted": Support.ACCEPTED,
    "rejected": Support.REFUSED,
    "not_supported": Support.REFUSED,
    "ignored": Support.IGNORED,
    "disputed": Support.DISPUTED,
    "undocumented": Support.UNDOCUMENTED,
    # One picture for n prices, or an error: sources differ, nobody should send it.
    "accepted_but_harmful": Support.DISPUTED,
}
# Measurements of September 2026 are newer than the vectors (docs of the 2.5 launch).
NEWER = {
    ("gpt-image-2-vip", "background"): Support.DISPUTED,
    ("gpt-image-2-vip", "output_format"): Support.IGNORED,
    ("gpt-image-2-vip", "mask"): Support.IGNORED,
}


def parameter_rows():
    for model_id, rows in VECTORS["parameter_support"].items():
        for name, row in rows.items():
            yield pytest.param(model_id, name, row, id=f"{model_id}-{name}")


class TestParameters:
    @pytest.mark.parametrize(("model_id", "name", "row"), list(parameter_rows()))
    def test_support(self, model_id, name, row):
        model = CATALOG.get(model_id)
        found = [model.parameter(endpoint, name) for endpoint in Endpoint]
        found = [parameter for parameter in found if parameter is not None]

        if row["server"] == "no_endpoint":
            assert not found
        else:
            wanted = NEWER.get((model_id, name), SERVER[row["server"]])
            assert found[0].support == wanted

    @pytest.mark.parametrize("model_id", list(VECTORS["request_fields"]))
    def test_fields_of_each_request(self, model_id):
        model = CATALOG.get(model_id)
        for name, wanted in VECTORS["request_fields"][model_id].items():
            endpoint = Endpoint(name)
            assert (endpoint in model.endpoints) == (wanted is not None)
            for send, fields in (wanted or {}).items():
                found = {it.name for it in model.parameters[endpoint].values() if it.send == send}
                extra = (
                    {"background"} if (model_id, send) == ("gpt-image-2-vip", "opt_in") and fields else set()
                )
                assert found == set(fields) | extra, (name, send)

    @pytest.mark.parametrize("name", VECTORS["never_send"])
    def test_never_sent_by_any_model(self, name):
        for model in CATALOG.models:
            for endpoint in model.endpoints:
                parameter = model.parameter(endpoint, name)
                assert parameter is None or not parameter.may_be_sent


class TestModels:
    @pytest.mark.parametrize("model_id", list(VECTORS["models"]))
    def test_facts_of_each_model(self, model_id):
        model, facts = CATALOG.get(model_id), VECTORS["models"][model_id]
        keys = {"per-call": "per-call", "usage-priority": "token-priority"}

        assert [endpoint.path for endpoint in model.endpoints] == facts["endpoints"]
        assert model.request_id_headers[0] == facts["request_id_header"]
        assert model.timing.timeout_seconds == facts["timeout_s"]
        assert list(model.timing.typical_seconds) == facts["typical_s"]
        assert model.answer.base64_prefix == (facts["response_base64"] != "raw")
        assert model.answer.url_lifetime_hours == facts["url_lifetime_h"]
        assert {keys[key] for key in model.key_types} == set(facts["token_type"])
        assert model.limits.references == facts["max_images"]
        assert model.limits.reference_megabytes == facts["max_image_mb"]
        assert set(model.limits.reference_types) == {
            kind.replace("jpg", "jpeg") for kind in facts["image_types"]
        }
        assert model.prices[-1].per_call == (
            Decimal(price) if (price := facts["price_usd_per_call"]) else None
        )

    def test_size_words_give_the_usual_pixels(self):
        usual = VECTORS["models"]["gpt-image-2-all"]["adaptive_outputs"]
        found = {shape.key: str(shape.usual) for shape in ALL.sizes.shapes if shape.usual}
        assert found == usual

    def test_timeouts(self):
        seconds = VECTORS["timeouts_s"]
        for model in (ALL, VIP, OFFICIAL):
            assert timeout_seconds(model, {}) == seconds[model.id]
            assert timeout_seconds(model, {}, references=16) == seconds["heavy_4k_or_many_references"]
        assert timeout_seconds(VIP, {"size": "3840x2160"}) == seconds["heavy_4k_or_many_references"]
        assert timeout_seconds(OFFICIAL, {"size": "2048x2048"}) == seconds["gpt-image-2"]


class TestPrompts:
    @each("prompt_prefix_vectors", "sent")
    def test_the_prompt_that_is_sent(self, vector):
        assert prompt_sent(ALL, vector["prompt"], vector["ratio"]) == vector["sent"]

    @each("prompt_size_phrases", "ratio")
    def test_every_known_phrase_is_recognised(self, vector):
        shape = next(shape for shape in ALL.sizes.shapes if shape.key == vector["ratio"])

        assert set(shape.phrases) == {*vector["en"], *vector["zh"]}
        for phrase in shape.phrases:
            prompt = f"{phrase}, a boat"
            assert prompt_sent(ALL, prompt, shape.key) == prompt
