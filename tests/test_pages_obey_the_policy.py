"""The content policy allows no inline style, script or handler: a template that has one shows a broken page."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|hx-on|hx-vals=.js:|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE
)
ELSEWHERE = re.compile(r"(?:src|href|srcset|action)=[\"']?(?:https?:)?//", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(path):
    html = path.read_text(encoding="utf-8")
    assert not INLINE.search(html)
    assert not ELSEWHERE.search(html)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_stylesheet_loads_nothing_from_elsewhere(path):
    assert not re.search(r"@import|url\([\"']?(?:https?:)?//", path.read_text(encoding="utf-8"))


def test_the_shapes_are_as_their_tool_writes_them():
    from tools.ratio_classes import stylesheet

    assert (ROOT / "static/css/ratios.css").read_text() == stylesheet()


def test_a_file_is_taken_for_nothing_but_what_it_is_said_to_be():
    headers: dict[str, str] = {}
    settings.WHITENOISE_ADD_HEADERS_FUNCTION(headers, "css/00-tokens.css", "/static/css/00-tokens.css")
    assert headers == {"X-Content-Type-Options": "nosniff"}
