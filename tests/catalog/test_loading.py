"""A catalog that loads is whole; a wrong one says where: file, table, key."""

import pytest

from playground.catalog import SHIPPED, CatalogError, Endpoint, check_size, estimate, load

NEW = '[models.mine]\nlike = "gpt-image-2"\nsince = 2026-11-01\n'


@pytest.fixture
def add(tmp_path):
    """Load the shipped models plus a file `mine.toml` with this text."""

    def load_with(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        return load(SHIPPED, path)

    return load_with


class TestOneTable:
    """What an owner adds in one TOML table and nowhere else."""

    def test_a_new_model(self, add):
        catalog = add(
            """
            [models.gpt-image-3-vip]
            like = "gpt-image-2-vip"
            since = 2026-11-20
            summary = "Next year's model."
            [models.gpt-image-3-vip.sizes]
            tiers = [{ key = "8K", label = "8K" }]
            default_tier = "8K"
            ratios = [{ ratio = "1:1", name = "Square", sizes = { 8K = "5760x5760" } }]
            [[models.gpt-image-3-vip.prices]]
            since = 2026-11-20
            per_call = 0.06
            source = "its price list"
            """
        )
        model = catalog.get("gpt-image-3-vip")

        assert catalog.models[-1] is model
        assert str(check_size(model, "2048x2048").nearest) == "5760x5760"
        assert check_size(model, "5760x5760").ok
        assert f"{estimate(model, {}).high}" == "0.06"
        assert model.parameter(Endpoint.GENERATIONS, "n").send == "never"
        assert (model.label, model.short) == ("gpt-image-3-vip", "gpt-image-3-vip")

    def test_a_new_size_of_a_shipped_model(self, add):
        catalog = add(
            """
            [models.gpt-image-2-vip]
            like = "gpt-image-2-vip"
            [models.gpt-image-2-vip.sizes]
            ratios = [{ ratio = "2:1", name = "Panorama", sizes = { 2K = "2048x1024" } }]
            """
        )
        assert check_size(catalog.get("gpt-image-2-vip"), "2048x1024").ok
        assert catalog.get("gpt-image-2-vip").short == "vip"
        assert [model.id for model in catalog.models] == [model.id for model in load().models]

    def test_a_new_quality(self, add):
        catalog = add(
            NEW
            + """
            [models.mine.quality_factors]
            ultra = 128
            [models.mine.parameters.quality]
            choices = ["auto", "low", "medium", "high", "ultra"]
            """
        )
        assert estimate(catalog.get("mine"), {"size": "1024x1024", "quality": "ultra"}).output_tokens == 12487

    def test_the_names_and_the_life_of_the_other_model_are_not_taken_over(self, add):
        catalog = add('[models.mine]\nlike = "gpt-image-2.5-flare-vip"\nsince = 2026-11-01\n')
        mine = catalog.get("mine")
        assert (mine.unstable, mine.until, mine.aliases, str(mine.life_note)) == (False, None, (), "")

    def test_an_inherited_key_is_taken_away_with_an_empty_text(self, add):
        mine = add(NEW + '[models.mine.limits]\nmask_megabytes = ""\n').get("mine")
        assert mine.limits.mask_megabytes is None


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "table", "key", "words"),
        [
            (NEW + "colour = 1", "models.mine", "colour", "unknown key"),
            (NEW + "unstable = 1", "models.mine", "unstable", "true or false"),
            (NEW + 'until = "2027"', "models.mine", "until", "must be a date"),
            (NEW + "until = 2026-10-01", "models.mine", "until", "must be after since"),
            (NEW + "until = 2026-12-01T00:00:00", "models.mine", "until", "must be a date"),
            (NEW + 'family = "new"', "models.mine", "family", "must be one of all, vip, official, gemini"),
            (NEW + 'endpoints = ["images"]', "models.mine", "endpoints", "out of generations, edits, chat"),
            (NEW + "endpoints = []", "models.mine", "endpoints", "at least one"),
            (NEW + 'summary = { fr = "non" }', "models.mine", "summary", "must be a text"),
            (NEW + "sizes = 5", "models.mine", "sizes", "must be a table"),
            (NEW + "[models.mine.sizes]\nstep = 0", "models.mine.sizes", "step", "a whole number from 1"),
            (NEW + "[models.mine.sizes]\nstep = 16.5", "models.mine.sizes", "step", "not Decimal"),
            (NEW + '[models.mine.sizes]\npresets = ["1000x1000"]', "models.mine.sizes", "presets", "multiple_of_16"),
            (NEW + '[models.mine.sizes]\npresets = ["1K"]', "models.mine.sizes", "presets", "is not a size"),
            (NEW + '[models.mine.sizes]\ndefault = "big"', "models.mine.sizes", "default", "is not a size"),
            (NEW + '[models.mine.sizes]\nkind = "words"', "models.mine.sizes", "shapes", "missing"),
            (NEW + '[models.mine.sizes]\nkind = "list"', "models.mine.sizes", "ratios", "missing"),
            (NEW + '[models.mine.sizes]\nmax_edge = ""', "models.mine.sizes", "max_edge", "missing"),
            (NEW + "[models.mine.limits]\nreferences = -1", "models.mine.limits", "references", "from 0"),
            (NEW + "[models.mine.limits]\nrefs = 1", "models.mine.limits", "refs", "unknown key"),
            (NEW + "[models.mine.timing]\ntypical_seconds = [9, 5]", "models.mine.timing", "typical_seconds", "lower"),
            (NEW + "[models.mine.timing]\nheavy_timeout_seconds = 1", "models.mine", "timing", "not be below"),
            (NEW + "[models.mine.quality_factors]\nlow = true", "models.mine.quality_factors", "low", "whole number"),
            (NEW + 'quality_factors = ""', "models.mine", "quality_factors", "missing"),
            (NEW + "prices = []", "models.mine", "prices", "at least one"),
            (NEW + "prices = [{ since = 2026-01-01 }]", "models.mine.prices 1", "source", "missing"),
            (
                NEW + 'prices = [{ since = 2026-01-01, source = "x" }]',
                "models.mine.prices 1", "per_call", "either per_call or all of",
            ),
            (
                NEW + 'prices = [{ since = 2026-01-01, source = "x", per_call = "0.03" }]',
                "models.mine.prices 1", "per_call", "a price from 0",
            ),
            (
                NEW + 'prices = [{ since = 2026-01-01, source = "x", per_call = 1, text_in = 1 }]',
                "models.mine.prices 1", "per_call", "stands alone",
            ),
            (
                NEW + 'prices = [{ since = 2026-02-01, source = "x", per_call = 1 },'
                ' { since = 2026-01-01, source = "x", per_call = 1 }]',
                "models.mine", "prices", "in the order of their dates",
            ),
            (
                NEW + '[models.mine.parameters.quality]\nsupport = "maybe"',
                "models.mine.parameters.quality", "support", "must be one of accepted",
            ),
            (
                NEW + '[models.mine.parameters.quality]\nsupport = "disputed"',
                "models.mine.parameters.quality", "reason", "must say why",
            ),
            (
                NEW + '[models.mine.parameters.quality]\nsupport = "disputed"\nreason = "x"',
                "models.mine.parameters.quality", "send", "a switch",
            ),
            (
                NEW + '[models.mine.parameters.quality]\nsend = "opt_in"',
                "models.mine.parameters.quality", "since", "from which day",
            ),
            (
                NEW + "[models.mine.parameters.quality.edits]\ncolour = 1",
                "models.mine.parameters.quality.edits", "colour", "unknown key",
            ),
            (
                NEW + '[models.mine.parameters.quality]\nconditions = [{ parameter = "size" }]',
                "models.mine.parameters.quality.conditions 1", "allowed", "missing",
            ),
            ('[models.mine]\nlike = "nobody"', "models.mine", "like", "no model 'nobody'"),
            ('[models.mine]\nlike = "mine"', "models.mine", "like", "no model 'mine'"),
            ("[models.gpt-image-2]\nunstable = true", "models.gpt-image-2", "like", "known already from models.toml"),
            ("[models.mine]\nsince = 2026-11-01", "models.mine", "endpoints", "missing"),
            (NEW + 'aliases = ["gpt-image-2"]', "models.mine", "aliases", "taken by gpt-image-2"),
            (NEW + 'aliases = ["gpt-image-2.5-vip"]', "models.mine", "aliases", "taken by gpt-image-2.5-sunburst-vip"),
            ("[models]\nmine = 3", "models.mine", "", "must be a table"),
            ("[model.mine]", "", "model", "unknown key"),
            ("", "", "models", "missing"),
            ("[models.mine", "", "", "is not valid TOML"),
        ],
    )  # fmt: skip
    def test_it_names_file_table_and_key(self, add, text, table, key, words):
        with pytest.raises(CatalogError) as caught:
            add(text)
        error = caught.value

        assert (error.file, error.table, error.key) == ("mine.toml", table, key)
        assert words in str(error)
        assert str(error).startswith(
            ": ".join(part for part in ("mine.toml", table and f"[{table}]", key) if part)
        )

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(CatalogError, match=r"nowhere\.toml: cannot be read"):
            load(tmp_path / "nowhere.toml")

    def test_a_quality_without_a_factor_has_no_price(self, add):
        text = NEW + '[models.mine.parameters.quality]\nchoices = ["auto", "ultra"]\n'
        with pytest.raises(CatalogError, match=r"\[models.mine\]: prices: no price for quality ultra"):
            add(text)

    def test_a_price_by_picture_names_sizes_of_the_model(self, add):
        text = (
            '[models.mine]\nlike = "gpt-image-1.5"\nsince = 2026-01-01\n'
            "[[models.mine.prices]]\nsince = 2026-01-01\ntext_in = 1\nimage_in = 1\nimage_out = 1\n"
            'source = "x"\nper_picture = { 640x480 = { low = 1 } }\n'
        )
        with pytest.raises(CatalogError, match="640x480, which is no size of this model"):
            add(text)
