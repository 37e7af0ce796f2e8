"""The command line's answers: figures on stdout, broken rules on stderr with exit code 2."""

import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from playground.catalog import load
from playground.catalog.quote import main

ROOT = Path(__file__).parents[2]
VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
USAGE = {
    "input_tokens": 24,
    "input_tokens_details": {"text_tokens": 24, "image_tokens": 0},
    "output_tokens": 196,
    "total_tokens": 220,
}


def ask(line="", *more):
    stdout, stderr = io.StringIO(), io.StringIO()
    code = main([*line.split(), *more], stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


def quoted(line="", *more):
    code, out, err = ask(f"--json {line}", *more)
    assert (code, err) == (0, ""), err
    return json.loads(out)


def refused(line="", *more):
    code, out, err = ask(f"--json {line}", *more)
    assert code == 2
    error = json.loads(out)["error"]
    assert all(problem["message"] in err for problem in error["problems"])
    return error


class TestEstimate:
    def test_the_example_of_the_readme(self):
        answer = quoted("--model gpt-image-2 --size 2048x1152 --quality high")
        assert (answer["usd"], answer["output_tokens"], answer["exact"]) == ("0.169500", 5650, True)
        assert (answer["model"], answer["size"], answer["quality"]) == ("gpt-image-2", "2048x1152", "high")

    @pytest.mark.parametrize(
        "vector", VECTORS["output_token_vectors"], ids=lambda vector: f"{vector['size']}-{vector['quality']}"
    )
    def test_every_published_figure(self, vector):
        answer = quoted(f"--model gpt-image-2 --size {vector['size']} --quality {vector['quality']}")
        assert answer["output_tokens"] == vector["tokens"]
        assert answer["usd"] == f"{Decimal(vector['cost_usd']):.6f}"

    @pytest.mark.parametrize(
        ("line", "usd"),
        [
            ("--quality medium --prompt-tokens 50", "0.052930"),
            ("--quality medium --prompt-tokens 120 --references 16", "0.249888"),
            ("--quality low --partial-images 1", "0.008880"),
            ("--quality low --partial-images 0", "0.005880"),
            ("--quality low --discount 0.85", "0.004998"),
            ("--quality low --discount 1.2", "0.007056"),
            ("--quality low --output-format jpeg --output-compression 85 --background opaque", "0.005880"),
            ("--quality low --moderation low", "0.005880"),
        ],
    )
    def test_what_else_is_counted(self, line, usd):
        assert quoted(f"--model gpt-image-2 --size 1024x1024 {line}")["usd"] == usd

    def test_4k_with_partial_pictures(self):
        line = "--model gpt-image-2 --size 3840x2160 --quality high --prompt-tokens 80 --partial-images 3"
        answer = quoted(line)
        assert (answer["usd"], answer["output_tokens"], answer["partial_image_tokens"]) == (
            "0.409660",
            13342,
            300,
        )

    @pytest.mark.parametrize(
        "line", ["", "--size 2048x1152", "--size 2048x1152 --quality auto", "--quality high"]
    )
    def test_what_is_left_to_the_provider_is_a_range(self, line):
        answer = quoted(f"--model gpt-image-2 {line}")
        assert (answer["usd"], answer["output_tokens"], answer["exact"]) == (None, None, False)
        assert Decimal(answer["usd_low"]) < Decimal(answer["usd_high"])
        assert answer["output_tokens_low"] < answer["output_tokens_high"]

    @pytest.mark.parametrize(
        "line",
        [
            "--model gpt-image-2-all",
            "--model gpt-image-2-all --references 16 --prompt-tokens 900",
            "--model gpt-image-2-all --size 1024x1024",
            "--model gpt-image-2-vip --size 3840x2160 --quality high",
            "--model gpt-image-2-vip --size auto",
            "--model gpt-image-2.5-all",
            "--model gpt-image-2.5-vip --quality max",
        ],
    )
    def test_a_flat_price_is_flat(self, line):
        answer = quoted(line)
        assert (answer["usd"], answer["output_tokens"], answer["exact"]) == ("0.030000", None, True)

    def test_a_switch_comes_with_its_reason(self):
        notes = quoted("--model gpt-image-2-vip --quality high")["notes"]
        assert "not promised" in notes[0]

    def test_people_get_words(self):
        code, out, _ = ask("--model gpt-image-2 --size 2048x1152 --quality high")
        assert code == 0
        assert out.splitlines()[:2] == ["gpt-image-2, size 2048x1152, quality high", "estimate: $0.169500"]
        assert "$0.004710 to $0.169500" in ask("--model gpt-image-2 --size 2048x1152")[1]


class TestExactCost:
    @pytest.mark.parametrize(
        "vector", [it for it in VECTORS["cost_vectors"] if "usage" in it], ids=lambda it: it["name"]
    )
    def test_every_published_cost(self, vector):
        answer = quoted(f"--model {vector['model']} --usage", json.dumps(vector["usage"]))
        assert answer["usd"] == f"{Decimal(vector['cost_usd']):.6f}"
        assert answer["exact"]

    def test_the_usage_of_an_answer(self):
        answer = quoted("--model gpt-image-2 --usage", json.dumps(USAGE))
        assert (answer["usd"], answer["output_tokens"], answer["input_tokens"]) == ("0.006000", 196, 24)
        assert (
            quoted("--model gpt-image-2 --usage", json.dumps({"data": [], "usage": USAGE}))["usd"]
            == "0.006000"
        )

    def test_a_multiplier(self):
        assert quoted("--model gpt-image-2 --discount 0.85 --usage", json.dumps(USAGE))["usd"] == "0.005100"

    def test_partial_pictures_that_the_usage_does_not_count(self):
        answer = quoted("--model gpt-image-2 --partial-images 2 --usage", json.dumps(USAGE))
        assert answer["usd"] == "0.012000"

    def test_a_flat_price_ignores_usage(self):
        assert quoted("--model gpt-image-2-all --usage", json.dumps(USAGE))["usd"] == "0.030000"

    @pytest.mark.parametrize(
        "usage",
        ["", "{", "[]", "3", "null", "{}", '{"output_tokens": -1}', '{"input_tokens": 1.5}', "[" * 100_000],
    )
    def test_a_malformed_usage_is_refused(self, usage):
        assert refused("--model gpt-image-2 --usage", usage)["code"] == "malformed_usage"


class TestRefusals:
    @pytest.mark.parametrize(
        "vector", VECTORS["official_size_invalid"], ids=lambda vector: vector["size"] or "empty"
    )
    def test_every_invalid_size_names_its_rules_and_the_nearest_size(self, vector):
        error = refused("--model gpt-image-2 --quality low --size", vector["size"])

        assert [problem["code"] for problem in error["problems"]] == vector["violations"]
        assert quoted(f"--model gpt-image-2 --size {error['nearest_size']} --quality low")["usd"]

    @pytest.mark.parametrize(
        ("line", "code", "field"),
        [
            ("--model gpt-image-9", "unknown_model", "model"),
            ("--model gpt-image-2 --quality ultra", "value_not_allowed", "quality"),
            ("--model gpt-image-2 --quality max", "value_not_allowed", "quality"),
            ("--model gpt-image-2 --background transparent", "value_not_allowed", "background"),
            ("--model gpt-image-2 --output-compression 50", "only_with", "output_compression"),
            ("--model gpt-image-2 --output-compression x", "wrong_type", "output_compression"),
            ("--model gpt-image-2 --references 17", "too_many_references", "references"),
            ("--model gpt-image-2 --references -1", "wrong_type", "references"),
            ("--model gpt-image-2 --references 1 --moderation low", "parameter_not_taken", "moderation"),
            ("--model gpt-image-2 --partial-images 4", "out_of_range", "partial_images"),
            ("--model gpt-image-2 --prompt-tokens 1.5", "wrong_type", "prompt_tokens"),
            ("--model gpt-image-2 --discount -1", "wrong_type", "discount"),
            ("--model gpt-image-2 --discount nan", "wrong_type", "discount"),
            ("--model gpt-image-2 --on yesterday", "wrong_type", "on"),
            ("--model gpt-image-2 --on 2026-04-20", "model_not_yet", "model"),
            ("--model gpt-image-1.5 --on 2026-12-01", "model_retired", "model"),
            ("--model gpt-image-1.5 --references 1 --on 2026-11-01", "too_many_references", "references"),
            ("--model gpt-image-2 --n 2", "parameter_not_taken", "n"),
            ("--model gpt-image-2-all --n 3", "parameter_not_taken", "n"),
            ("--model gpt-image-2-all --quality high", "parameter_not_taken", "quality"),
            ("--model gpt-image-2-all --output-format png", "parameter_not_taken", "output_format"),
            ("--model gpt-image-2-all --partial-images 1", "parameter_not_taken", "partial_images"),
            ("--model gpt-image-2-all --size 2048x2048", "max_edge", "size"),
            ("--model gpt-image-2-vip --size 1024x1024", "not_in_table", "size"),
            ("--model gpt-image-2-vip --quality xhigh", "value_not_allowed", "quality"),
        ],
    )
    def test_an_impossible_request_names_its_rule(self, line, code, field):
        error = refused(line)
        assert (error["code"], error["field"]) == (code, field)
        assert [problem["field"] for problem in error["problems"]] == [field]

    def test_people_get_the_rule_and_the_nearest_size_on_stderr(self):
        code, out, err = ask("--model gpt-image-2 --size 1920x1080")
        assert (code, out) == (2, "")
        assert err.splitlines() == [
            "1920x1080: width and height must both be multiples of 16. (multiple_of_16)",
            "Nearest valid size: 1920x1088.",
        ]

    def test_a_size_that_looks_like_an_option_is_still_a_size(self):
        assert refused("--model gpt-image-2 --size -1024x1024")["nearest_size"] == "1024x1024"

    def test_several_broken_rules_come_together(self):
        error = refused("--model gpt-image-2 --size 4000x4000 --quality best --discount free")
        assert {it["code"] for it in error["problems"]} == {
            "max_edge", "max_pixels", "value_not_allowed", "wrong_type",
        }  # fmt: skip

    def test_an_unknown_option_is_an_error_too(self, capsys):
        with pytest.raises(SystemExit) as caught:
            main(["--model", "gpt-image-2", "--seed", "3"])
        assert caught.value.code == 2


class TestEveryModel:
    @pytest.mark.parametrize("model", [model.id for model in load().models])
    def test_each_has_a_price_and_a_name_for_its_day(self, model):
        answer = quoted(f"--model {model} --on 2026-11-21")
        assert Decimal("0.001") < Decimal(answer["usd_low"]) <= Decimal(answer["usd_high"])


class TestCommand:
    def run(self, *arguments):
        environment = {**os.environ, "PYTHONWARNINGS": "error"}
        command = [sys.executable, "manage.py", "quote", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    def test_manage_py_quote(self):
        done = self.run("--model", "gpt-image-2", "--size", "2048x1152", "--quality", "high", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["usd"] == "0.169500"

    def test_manage_py_quote_of_the_impossible(self):
        done = self.run("--model", "gpt-image-2", "--size", "-1024x1024", "--json")
        assert done.returncode == 2
        assert json.loads(done.stdout)["error"]["code"] == "format"
        assert "Nearest valid size: 1024x1024." in done.stderr
