"""docs/simulator.md and `--help` say what the code does."""

import re
from pathlib import Path

from playground.simulator import directives, keys, manual, quirks
from playground.simulator.command import EPILOG
from playground.simulator.gemini import ACTION, NAME, PREFIX
from playground.simulator.server import POSTED
from tests.simulator.conftest import speaking

MANUAL = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")


def test_the_tables_are_those_of_the_code():
    """`python -m playground.simulator.manual docs/simulator.md` renews them."""
    assert manual.renewed(MANUAL) == MANUAL


def test_every_directive_quirk_and_practice_key_is_in_the_manual_and_in_the_help():
    names = [directives.usage(kind) for kind in directives.DIRECTIVES]
    names += [*quirks.NAMES, *(name for name, _ in keys.practice_rows())]
    for name in names:
        assert f"`{name}`" in MANUAL
        assert name in EPILOG


def test_every_endpoint_is_in_the_manual():
    for path in (*POSTED, f"{PREFIX}{NAME}{ACTION}"):
        assert f"`POST {path}`" in MANUAL


def test_the_directives_of_the_manual_are_understood():
    known, unknown = directives.in_prompt(MANUAL)
    assert len(known) >= 3
    assert unknown == ()


def test_the_pages_of_the_simulator_that_are_named_are_there():
    with speaking() as api:
        for method, path in re.findall(r"`(GET|POST|DELETE) (/_sim[a-z/]*)", MANUAL):
            answer = api.http.request(method, path, json={} if method == "POST" else None)
            assert answer.status_code in (200, 400), path
