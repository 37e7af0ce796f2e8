"""The arrows between the rooms, and what no file of the project may hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_imports_run_downward_only():
    """The contracts are in pyproject.toml; `make lint` runs them too."""
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    checked = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("room", ["catalog", "gateway", "simulator"])
def test_these_rooms_could_be_lifted_out(room):
    """Importing one of them brings no Django, also not by a detour through a library."""
    code = f"import sys, playground.{room}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_watching_the_processes_needs_no_django():
    """The process that only watches stays small."""
    code = "import sys, playground.launch.supervise; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_only_the_catalog_knows_model_names():
    """What a model may do is asked of the catalog: nowhere else does code compare a name."""
    for path in sorted((ROOT / "playground").rglob("*.py")):
        if path.is_relative_to(ROOT / "playground/catalog"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not any(f"== {quote}gpt-" in line for quote in "'\""), f"{path}:{number}"


def test_locks_name_no_place_to_download_from():
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text, lock
        assert "--index-url" not in text, lock
        assert "--hash=sha256:" in text, lock
