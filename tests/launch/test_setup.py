"""`make setup` on machines that lack something: a sentence that says what, and exit code 2."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch.conftest import ROOT

WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *version_info*) exit 0 ;; esac\nexit 1\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"
# Both make no environment, but the name of the one that was asked to is said.
MAKES_NONE = """#!/bin/sh
case "$*" in
    --version) echo "the %s one" ;;
    "-m venv"*) exit 1 ;;
    *optimizations*) exit %d ;;
esac
"""
SLOW, QUICK = MAKES_NONE % ("slow", 1), MAKES_NONE % ("quick", 0)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what `make setup` uses, in a folder with a space, and a PATH of its own in `bin`."""
    folder = tmp_path / "a clone"
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("plates", "__pycache__"))
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    (folder / "bin").mkdir()
    for name in ("cmp", "cp", "rm"):
        (folder / "bin" / name).symlink_to(str(shutil.which(name)))
    return folder


def setup(clone: Path, *, PYTHON: str = "", **programs: str) -> subprocess.CompletedProcess[str]:
    for name, text in programs.items():
        program(clone / "bin" / name, text)
    command = ["/bin/sh", "tools/setup", "runtime"]
    env = {"PATH": f"{clone}/bin:{clone}/more", "PYTHON": PYTHON}
    return subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True)


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_no_python_is_said(clone):
    ended = setup(clone)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Darkroom needs Python 3.11 or newer")
    assert ended.stderr.count("\n") == 1


def test_an_old_python_is_none(clone):
    assert setup(clone, python3=TOO_OLD).stderr.startswith("Darkroom needs Python 3.11 or newer")


def test_a_python_without_venv_says_what_to_install(clone):
    ended = setup(clone, python3=WITHOUT_VENV)
    assert ended.returncode == 2
    assert "apt-get install python3-venv" in ended.stderr


def test_a_python_that_is_built_to_be_quick_goes_before_one_that_is_not(clone):
    program(clone / "more/python3", QUICK)
    assert "with the quick one" in setup(clone, python3=SLOW).stderr


def test_a_slow_python_is_better_than_none(clone):
    program(clone / "more/python3", WITHOUT_VENV)
    assert "with the slow one" in setup(clone, python3=SLOW).stderr


def test_the_python_that_somebody_names_is_taken_whatever_it_is(clone):
    program(clone / "bin/mine", SLOW)
    assert "with the slow one" in setup(clone, PYTHON="bin/mine", python3=QUICK).stderr


def test_a_python_that_somebody_names_and_that_is_too_old_is_said(clone):
    program(clone / "bin/mine", TOO_OLD)
    assert setup(clone, PYTHON="bin/mine", python3=QUICK).stderr == (
        "Darkroom needs Python 3.11 or newer, and PYTHON=bin/mine is none.\n"
    )


def test_a_second_time_does_nothing(clone):
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to(sys.executable)
    shutil.copy(clone / "requirements/runtime.txt", clone / ".venv/installed-runtime.txt")
    ended = setup(clone)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
