"""Files by others: each one listed with version and licence, and unchanged."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENDORED = tomllib.loads((ROOT / "static/vendor/vendor.toml").read_text())["vendored"]
by_name = pytest.mark.parametrize("entry", VENDORED, ids=[entry["name"] for entry in VENDORED])


@by_name
def test_the_file_is_the_one_that_was_listed(entry):
    assert hashlib.sha256((ROOT / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@by_name
def test_its_licence_lies_beside_it(entry):
    assert (ROOT / entry["licence_file"]).read_text(encoding="utf-8").strip()
    assert entry["version"] and entry["licence"] and entry["project"].startswith("https://")


def test_nothing_lies_in_the_folder_that_is_not_listed():
    listed = {entry["file"] for entry in VENDORED} | {entry["licence_file"] for entry in VENDORED}
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "static/vendor").iterdir()}
    assert found - {"static/vendor/vendor.toml"} <= listed


def test_pages_load_the_htmx_that_is_listed():
    htmx = next(entry for entry in VENDORED if entry["name"] == "htmx")
    loaded = re.findall(r"vendor/htmx-([\d.]+)\.min\.js", (ROOT / "templates/base.html").read_text())
    assert loaded == [htmx["version"]]
    assert f'version:"{htmx["version"]}"' in (ROOT / htmx["file"]).read_text()


def test_the_font_that_every_page_loads_is_small():
    assert (ROOT / "static/fonts/archivo-latin.woff2").stat().st_size <= 36_500
    assert (ROOT / "static/fonts/archivo-accented.woff2").stat().st_size <= 12_000
