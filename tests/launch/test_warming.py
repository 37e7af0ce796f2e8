"""What a web process loads before its first page."""

import json
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest
from django.template import Template

from playground.launch.warming import _templates, warm_up
from tests.factories import picture
from tests.launch.conftest import environment

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
COUNTS = (
    "import gc, json, playground.wsgi as w; print(json.dumps([gc.get_freeze_count(), len(gc.get_objects())]))"
)


def test_every_template_is_loaded_by_its_own_engine():
    found = {(engine, name) for engine, name in _templates()}
    jinja = {
        ("jinja2", str(path.relative_to(TEMPLATES / "jinja2"))) for path in TEMPLATES.glob("jinja2/**/*.html")
    }
    django = {("django", str(path.relative_to(TEMPLATES))) for path in TEMPLATES.rglob("*.html")}
    assert found == jinja | {each for each in django if not each[1].startswith("jinja2/")}


@pytest.mark.django_db
def test_no_page_compiles_a_template_afterwards(client, workspace, monkeypatch):
    output = picture(workspace)
    warm_up()

    def compiled(*args, **options):
        raise AssertionError("A page compiled a template.")

    monkeypatch.setattr(Template, "compile_nodelist", compiled)
    monkeypatch.setattr(jinja2.Environment, "compile", compiled)
    for address in ("/", "/gallery/", output.url, "/compare/", "/nowhere/"):
        assert client.get(address).status_code in (200, 404), address


def test_nothing_of_it_is_looked_through_again_for_garbage(tmp_path):
    run = [sys.executable, "-c", COUNTS]
    told = subprocess.run(
        run, env=environment(tmp_path), capture_output=True, text=True, check=True, timeout=120
    )
    frozen, others = json.loads(told.stdout)
    assert frozen > 50_000 and others < 1_000
