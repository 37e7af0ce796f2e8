"""THIRD_PARTY.md names every package that is installed and every file by others."""

from pathlib import Path

import pytest

from tools import licences

ROOT = Path(__file__).resolve().parents[1]
LISTED = (ROOT / "THIRD_PARTY.md").read_text()


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_every_locked_package_is_listed(lock):
    missing = [name for name in licences.locked(lock) if f"| {name} | " not in LISTED]
    assert not missing, "run: .venv/bin/python -m tools.licences"


def test_every_file_by_others_is_listed():
    for path, _what, licence in licences.files():
        assert (ROOT / path).exists()
        assert any(path in line and licence in line for line in LISTED.splitlines())


def test_what_runs_may_be_given_on():
    """Nothing that is installed to run it asks for our own source."""
    runtime = LISTED.split("## Installed to test")[0]
    assert "AGPL" not in runtime
    assert "| GPL" not in runtime
