"""What the documents say is so: settings, words of make, commands, pictures and links."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])
LARGEST_PICTURE_BYTES = 400_000
# Every setting as a process with these variables reads it; LANGUAGES are words that need a language first.
SHOW_SETTINGS = """
import json
from playground import settings
names = [name for name in dir(settings) if name.isupper() and name != "LANGUAGES"]
values = {name: getattr(settings, name) for name in names}
print(json.dumps({name: getattr(value, "__qualname__", repr(value)) for name, value in values.items()}))
"""


def in_the_example() -> dict[str, str]:
    """Name and default of every setting in .env.example."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", example, flags=re.MULTILINE))


def in_the_readme() -> dict[str, str]:
    """Name and default of every row in the README's table of settings; none is an empty default."""
    section = README.split("\n## Settings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (none|`[^`]+`) \| \S.*\|$", section, flags=re.MULTILINE)
    assert len(rows) == section.count("\n| `"), "a row of the table is not: | `NAME` | `default` | meaning |"
    return {name: "" if default == "none" else default.strip("`") for name, default in rows}


def settings_with(values: dict[str, str]) -> dict[str, str]:
    """The settings as they show themselves; a secret key is given, so that no file is made for one."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"ENV_FILE": os.devnull, "SECRET_KEY": "only-for-this-test"}
    process = subprocess.run(
        [sys.executable, "-c", SHOW_SETTINGS],
        cwd=ROOT, env=environment | values, capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown: dict[str, str] = json.loads(process.stdout)
    return shown


def prose(document: Path) -> str:
    """The document without its blocks of code."""
    text = document.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def links_of(document: Path) -> list[str]:
    """Every address that the document names, in Markdown or in HTML."""
    text = re.sub(r"`[^`\n]*`", "", prose(document))
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'\b(?:src|srcset|href)="([^"]+)"', text)


def anchors_of(document: Path) -> set[str]:
    """The headings of a document as links name them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def pictures() -> list[str]:
    return sorted({link for link in links_of(ROOT / "README.md") if link.endswith((".webp", ".png", ".svg"))})


# --- Settings -------------------------------------------------------------------------------------------------


def test_the_readme_and_the_example_name_the_same_settings_with_the_same_defaults():
    assert in_the_readme() == in_the_example()


def test_the_defaults_that_are_named_are_those_that_hold():
    secrets = {"SECRET_KEY", "SECRET_KEY_FILE"}
    named = {name: value for name, value in in_the_example().items() if name not in secrets}
    assert settings_with(named) == settings_with({})


# --- Words ----------------------------------------------------------------------------------------------------


def commands_in(document: Path) -> str:
    """What the document tells people to type: blocks of code and words in backticks."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_word_of_make_is_in_the_makefile(document: Path):
    words = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", commands_in(document))) <= words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_exists(document: Path):
    named = set(re.findall(r"manage\.py ([a-z_]+)", commands_in(document)))
    assert named <= set(get_commands())


def test_the_readme_shows_the_two_commands_that_matter():
    assert re.search(r"^make run\b", README, flags=re.MULTILINE)
    assert re.search(r"^make test\b", README, flags=re.MULTILINE)


def test_every_directive_in_the_readme_is_one_of_the_simulators():
    from playground.simulator import directives

    known, unknown = directives.in_prompt(README)
    assert len(known) > 5
    assert not unknown


def test_the_newest_version_in_the_changelog_is_this_one():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\d\S*) - \d{4}-\d\d-\d\d$", changelog, flags=re.MULTILINE)[0] == version


# --- Pictures and links ---------------------------------------------------------------------------------------


def test_the_readme_shows_pictures():
    assert len(pictures()) > 5


@pytest.mark.parametrize("picture", pictures())
def test_every_picture_is_there_and_small_enough(picture: str):
    path = ROOT / picture
    assert path.stat().st_size < LARGEST_PICTURE_BYTES
    with Image.open(path) as opened:
        opened.verify()


def test_no_picture_lies_about_unused():
    assert {f"docs/images/{path.name}" for path in (ROOT / "docs/images").iterdir()} <= set(pictures())


def test_the_script_takes_every_picture():
    script = (ROOT / "tools/screenshots.py").read_text(encoding="utf-8")
    assert set(pictures()) == {
        f"docs/images/{name}.webp" for name in re.findall(r'^    "([a-z-]+)": ', script, flags=re.MULTILINE)
    }


def test_every_picture_says_in_words_what_it_shows():
    assert not re.findall(r"!\[\s*\]", README)
    assert all(re.search(r'alt="[^"]{8,}"', tag) for tag in re.findall(r"<img [^>]*>", README))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path):
    for link in links_of(document):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{document.name} links to {link}"
        if anchor:
            assert anchor in anchors_of(target), f"{document.name} links to {link}"


def test_the_table_of_faults_is_what_the_rules_say():
    from tools import faults

    assert (ROOT / "docs/faults.md").read_text(encoding="utf-8") == faults.document(), (
        "run: python -m tools.faults"
    )
