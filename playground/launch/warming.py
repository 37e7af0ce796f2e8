"""What pages load when they are first asked for, loaded before: the views, the words, the models, the templates."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.urls import get_resolver
from django.utils.translation import gettext, override

from playground import catalog


def warm_up() -> None:
    """So that nobody waits for it, and the collector of garbage can be told that all of it stays.

    Each of its full rounds looks through what came since: a fortieth of a second in the middle of somebody's page.
    """
    list(get_resolver().url_patterns)
    catalog.default()
    for language in dict(settings.LANGUAGES):
        with override(language):
            gettext("Gallery")
    if not settings.DEBUG:  # there each page reads its templates anew
        for engine, name in _templates():
            engines[engine].get_template(name)


def _templates() -> Iterator[tuple[str, str]]:
    """Each engine's own; Jinja's folder lies in that of the others."""
    folders = {Path(folder): engine.name for engine in engines.all() for folder in engine.dirs}
    for folder, engine in folders.items():
        inner = [other for other in folders if folder in other.parents]
        for path in sorted(folder.rglob("*.html")):
            if not any(other in path.parents for other in inner):
                yield engine, path.relative_to(folder).as_posix()
