"""Writes THIRD_PARTY.md: every package of the locks and every file by others, with its licence.

`python -m tools.licences`. Licences are read from the installed packages; what is not installed here, because it is for
another system or Python, is in ELSEWHERE.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "tomli": "MIT",
    "tzdata": "Apache-2.0",
}
# Packages whose own words are too long or too vague.
KNOWN = {
    "axe-playwright-python": "MIT",
    "huey": "MIT",
    "regex": "Apache-2.0 AND CNRI-Python",
    "supervisor": "BSD-derived (Repoze)",
}
HEAD = """# Third-party licences

Darkroom itself is under the MIT licence (see LICENSE). It stands on the work of others.
Written by `make lock`; a test checks that nothing is missing.

## Installed to run it

"""


def main() -> None:
    runtime, everything = locked("runtime"), locked("dev")
    text = HEAD + table(("Package", "Licence"), packages(runtime))
    text += "\n## Installed to test, check and build it\n\n"
    text += table(("Package", "Licence"), packages(name for name in everything if name not in runtime))
    text += "\n## Files in this repository\n\n" + table(("File", "What", "Licence"), files())
    (ROOT / "THIRD_PARTY.md").write_text(text)


def locked(name: str) -> list[str]:
    """The packages of a lock, in its order."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==", text, flags=re.MULTILINE)


def packages(names: Iterator[str] | list[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name, licence(name)


def licence(name: str) -> str:
    """Stops the program when a package does not say."""
    if name in KNOWN:
        return KNOWN[name]
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE[name]
    classifiers = [
        line for line in about.get_all("Classifier", []) if line.startswith("License :: OSI Approved :: ")
    ]
    said = about.get("License-Expression") or " AND ".join(line.rpartition(" :: ")[2] for line in classifiers)
    said = said or str(about.get("License", "")).split("\n")[0]
    if not said:
        sys.exit(f"{name} names no licence: look it up and add it to KNOWN in tools/licences.py")
    return said


def files() -> Iterator[tuple[str, str, str]]:
    """What vendor.toml lists, and what the lettering carries."""
    for entry in tomllib.loads((ROOT / "static/vendor/vendor.toml").read_text())["vendored"]:
        yield entry["file"], f"{entry['name']} {entry['version']}", entry["licence"]
    yield "playground/lettering/fonts/Archivo-SemiBold.ttf", "Archivo, cut to the letters it needs", "OFL-1.1"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
