"""Combinations of settings that the owner hears about at every start."""

import pytest
from django.core.checks import run_checks

from playground.launch import checks

PUBLIC = {"LOCAL_MODE": False}
COMBINATIONS = {
    "launch.W001": PUBLIC | {"DEBUG": True, "HTTPS": True},
    "launch.W002": PUBLIC | {"HTTPS": False},
    "launch.W003": {"SIMULATED": False, "APIYI_BASE_URL": ("https://safe.example", "http://unsafe.example")},
    "launch.W005": {"REDIS_URL": "redis://127.0.0.1:6379/0"},
}


@pytest.fixture(autouse=True)
def on_sqlite(monkeypatch):
    """The tests may run on PostgreSQL; these sentences are about the other case."""
    monkeypatch.setattr(checks, "_uses_sqlite", lambda: True)


def ids() -> list[str]:
    return [message.id for message in run_checks(tags=[checks.TAG])]


@pytest.mark.parametrize(("wanted", "values"), COMBINATIONS.items(), ids=COMBINATIONS.keys())
def test_a_bad_combination_is_named(settings, wanted, values):
    assert ids() == []
    for name, value in values.items():
        setattr(settings, name, value)
    assert ids() == [wanted]


def test_sqlite_on_a_network_disk_is_named(monkeypatch):
    monkeypatch.setattr(checks, "_file_system", lambda folder: "nfs4")
    assert ids() == ["launch.W004"]
