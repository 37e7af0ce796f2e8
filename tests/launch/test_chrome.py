"""What every page is told about itself."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from playground.launch.context import chrome, html_lang, next_theme


def around(**cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    return chrome(request)


def test_the_theme_goes_round():
    themes = ["system"]
    for _ in range(3):
        themes.append(next_theme(themes[-1]))
    assert themes == ["system", "light", "dark", "system"]


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("", "system"), ('"><script>', "system")])
def test_a_cookie_that_is_nonsense_changes_nothing(cookie, theme):
    assert around(theme=cookie)["theme"] == theme
    assert around(surround=cookie)["surround"] == ""


def test_languages_name_themselves():
    with translation.override("en"):
        assert [language["name"] for language in around()["other_languages"]] == ["简体中文"]
    with translation.override("zh-hans"):
        assert [language["tag"] for language in around()["other_languages"]] == ["en"]


@pytest.mark.parametrize(("code", "tag"), [("zh-hans", "zh-Hans"), ("en", "en"), ("pt-br", "pt-br")])
def test_browsers_are_told_the_script(code, tag):
    assert html_lang(code) == tag


def test_a_page_of_no_workspace_shows_no_spending():
    assert around()["glance"]() is None
