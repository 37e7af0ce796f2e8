"""The pages' sources and headers: forms that work without script, text that stays text, a policy that holds."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.factories import picture

ROOT = Path(__file__).resolve().parent.parent
JINJA = ROOT / "templates/jinja2"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_template = pytest.mark.parametrize("path", TEMPLATES, ids=name)


def markup(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}|<!--.*?-->|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)


def engine_of(path: Path) -> str:
    return "jinja2" if JINJA in path.parents else "django"


@every_template
def test_it_compiles(path: Path) -> None:
    folder = JINJA if engine_of(path) == "jinja2" else ROOT / "templates"
    engines[engine_of(path)].get_template(str(path.relative_to(folder)))


@every_template
def test_it_never_calls_text_safe(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape (off|false)|\|\s*safeseq\b", markup(path))


# Their pages send no referrer, so forms say `Origin: null`, which the check of the token refuses: see sharing.access.
WITHOUT_TOKEN = {"templates/sharing/locked.html", "templates/sharing/vote.html"}


@every_template
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    if name(path) in WITHOUT_TOKEN:
        return
    for form in re.findall(r"""<form\b[^>]*method="post".*?</form>""", markup(path), flags=re.DOTALL):
        assert {"django": "{% csrf_token %}", "jinja2": "{{ csrf_input }}"}[engine_of(path)] in form


@every_template
def test_a_link_to_a_new_tab_gives_nothing_away(path: Path) -> None:
    for link in re.findall(r"<a\b[^>]*target=[^>]*>", markup(path)):
        assert "noopener" in link


@every_template
def test_what_htmx_sends_works_without_it_too(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*hx-post[^>]*>", markup(path)):
        posted = re.search(r"""hx-post="([^"]*)""", form)[1]
        assert f'action="{posted}"' in form and 'method="post"' in form


@every_template
def test_a_button_says_what_it_is(path: Path) -> None:
    for button in re.findall(r"<button\b[^>]*>", markup(path)):
        assert re.search(r"\stype=|\sname=", button), button


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_write_text_not_markup(path: Path) -> None:
    text = path.read_text()
    for danger in (
        "innerHTML",
        "outerHTML =",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert danger not in text, danger


def test_icons_that_are_drawn_are_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol[^>]*\bid="([^"]+)"', (ROOT / "static/icons/icons.svg").read_text()))
    says = re.compile(r'''\{% icon "([^"]+)"|\bicon\("([^"]+)"''')
    drawn = {"".join(icon) for path in TEMPLATES for icon in says.findall(path.read_text())}
    assert {"x", "star"} <= drawn <= sprite


@every_template
def test_what_it_includes_is_there(path: Path) -> None:
    folder = JINJA if engine_of(path) == "jinja2" else ROOT / "templates"
    for included in re.findall(r'\{%-? (?:include|extends|from) "([^"]+)"', path.read_text()):
        assert (folder / included).is_file(), included


POLICY = {
    "default-src 'none'", "img-src 'self' data: blob:", "style-src 'self'", "script-src 'self'", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address, status",
    [
        ("/", 200), ("/runs/1/", 200), ("/frames/{frame}/", 200), ("/gallery/", 200), ("/gallery/?q=x", 200),
        ("/gallery/bin/", 200), ("/gallery/{picture}/", 200),
        ("/gallery/{picture}/?view=full", 200), ("/studio/live/", 200), ("/login/", 200), ("/nowhere/", 404),
        ("/gallery/999999/", 404), ("/settings/", 200), ("/settings/connections/new/", 200), ("/models/", 200),
        ("/studio/generate/", 405), ("/healthz", 200), ("/chat/", 200), ("/chat/new/", 200), ("/chat/1/", 404),
        ("/compare/", 200), ("/compare/?o={picture}", 200), ("/compare/difference/", 404),
        ("/costs/", 200), ("/costs/?of=simulator", 200), ("/costs/limits/", 200), ("/costs/ledger.csv", 200),
        ("/votes/", 200), ("/votes/new/?run=1", 200), ("/votes/scoreboard/", 200), ("/votes/scoreboard.csv", 200),
        ("/votes/1/", 404),
    ],
)  # fmt: skip
def test_every_answer_carries_the_whole_policy(client, workspace, address, status):
    output = picture(workspace)
    answer = client.get(address.format(picture=output.pk, frame=output.generation_id))
    assert answer.status_code == status
    assert {rule.strip() for rule in answer["Content-Security-Policy"].split(";") if rule.strip()} == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_one_of_ours(client):
    page = client.get("/nowhere/").content.decode()
    assert "Darkroom" in page and "<h1" in page


@pytest.mark.django_db
def test_a_foreign_host_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
