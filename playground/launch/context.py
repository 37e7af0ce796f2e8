"""What stands around every page: theme, languages, whether this is the simulator, what was spent today."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info, get_supported_language_variant

from playground.runs import queries
from playground.runs.asking import answer

# In the order in which the button goes round. "system" is what the reader's own machine prefers.
THEMES = ("system", "light", "dark")
SURROUNDS = ("grey", "white")
THEME_COOKIE = "theme"
SURROUND_COOKIE = "surround"


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Give base.html what it needs. What takes a query is asked for only by templates that show it."""
    theme = theme_of(request)
    surround = request.COOKIES.get(SURROUND_COOKIE, "")
    # None on a page that belongs to no workspace: login, error pages.
    workspace = getattr(request, "workspace", None)
    # A view that asks for several things at once has asked for this among them.
    known = getattr(request, "glance", None)
    glance = cache(lambda: known or (answer(queries.glance(workspace)) if workspace else None))
    return {
        "theme": theme,
        "next_theme": next_theme(theme),
        "surround": surround if surround in SURROUNDS else "",
        "html_lang": html_lang(get_language() or settings.LANGUAGE_CODE),
        "other_languages": other_languages(),
        "simulator_speed": settings.SIMULATOR_SPEED,
        "glance": glance,
        "simulated": lambda: _is_simulated(glance()),
    }


def theme_of(request: HttpRequest) -> str:
    """The theme that this browser chose; `system` when it chose none or its cookie is nonsense."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else THEMES[0]


def next_theme(theme: str) -> str:
    return THEMES[(THEMES.index(theme) + 1) % len(THEMES)]


def html_lang(code: str) -> str:
    """Django's language code as the BCP 47 tag that browsers choose fonts by: zh-hans -> zh-Hans."""
    language, _, script = code.partition("-")
    return f"{language}-{script.capitalize()}" if len(script) == 4 else code


def other_languages() -> list[dict[str, str]]:
    """The languages that the page is not in: code, tag and the name that their own readers know."""
    shown = get_supported_language_variant(get_language() or settings.LANGUAGE_CODE)
    return [
        {"code": code, "tag": html_lang(code), "name": get_language_info(code)["name_local"]}
        for code, _ in settings.LANGUAGES
        if code != shown
    ]


def _is_simulated(glance: queries.Glance | None) -> bool:
    """Whether no connection is in use here, so that the simulator answers."""
    return bool(settings.SIMULATED) and not (glance and glance.has_connection)
