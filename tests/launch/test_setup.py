"""`make setup` on machines that lack something: a sentence that says what, and exit code 2."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch.conftest import ROOT

WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *version_info*) exit 0 ;; esac\nexit 1\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"


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


def setup(clone: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    for name, text in programs.items():
        (clone / "bin" / name).write_text(text)
        (clone / "bin" / name).chmod(0o755)
    command = ["/bin/sh", "tools/setup", "runtime"]
    return subprocess.run(command, cwd=clone, env={"PATH": f"{clone}/bin"}, capture_output=True, text=True)


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


def test_a_second_time_does_nothing(clone):
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to(sys.executable)
    shutil.copy(clone / "requirements/runtime.txt", clone / ".venv/installed-runtime.txt")
    ended = setup(clone)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
