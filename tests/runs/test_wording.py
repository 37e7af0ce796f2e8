"""Every failure has words for a person: what happened, whether it cost money, and what to do."""

import string

import pytest
from django.utils import translation

from playground.gateway import ErrorKind
from playground.gateway.errors import RULES
from playground.runs import states, wording
from playground.runs.models import Generation

OURS = {"disk_full", "model_gone", "connection_changed", "connection_off", "key_lost", states.WORKER_LOST}
ACTS = {"edit", "retry", "settings", "none"}


def test_every_kind_of_error_has_words_and_nothing_else_has():
    assert set(wording.WORDINGS) == {kind.value for kind in ErrorKind} | OURS


@pytest.mark.parametrize("failure", wording.WORDINGS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_its_sentence_is_whole_without_any_value(failure, language):
    """A row of an older version may lack one; the page must not break."""
    with translation.override(language):
        said = wording.of(Generation(failure=failure))
        assert str(said.sentence)
        assert "%(" not in str(said.sentence)
        assert said.act in ACTS


@pytest.mark.parametrize("kind", ErrorKind)
def test_it_asks_for_no_value_that_the_gateway_does_not_give(kind):
    given = {name for _, name, _, _ in string.Formatter().parse(RULES[kind].sentence) if name}
    used = Used()
    _ = str(wording.WORDINGS[kind.value].sentence) % used
    assert used.names <= given | {"field", "host", "status", "text", "problems", "reason", "seconds"}


class Used(dict):
    """Notes which values a sentence asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __missing__(self, name: str) -> str:
        self.names.add(name)
        return "…"


def test_a_failure_that_has_no_name_yet_is_said_too():
    assert "new_in_2027" in str(wording.of(Generation(failure="new_in_2027")).sentence)


@pytest.mark.parametrize("percent", ["100 % sure", "%s %(x)s", "%"])
def test_percent_signs_of_a_provider_do_no_harm(percent):
    said = wording.of(Generation(failure="invalid_request", failure_values={"problems": percent}))
    assert percent in str(said.sentence)


class TestInterrupted:
    def test_is_what_nobody_knows(self):
        assert wording.interrupted(Generation(state="failed", billed="unknown"))
        assert not wording.interrupted(Generation(state="failed", billed="no"))
        assert not wording.interrupted(Generation(state="running", billed="unknown"))
