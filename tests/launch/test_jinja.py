"""Templates of the second engine are as safe as Django's."""

from datetime import UTC, datetime

import jinja2
import pytest
from django.template import engines
from django.test import override_settings


def drawn(source: str, **values: object) -> str:
    return engines["jinja2"].from_string(source).render(values)


def test_what_is_shown_is_escaped():
    assert drawn("{{ words }}", words='<b> "&') == "&lt;b&gt; &#34;&amp;"


def test_a_name_that_nobody_gave_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        drawn("{{ words }}")


@override_settings(TIME_ZONE="Asia/Shanghai")
def test_it_says_what_the_other_says():
    with_django = engines["django"].from_string(
        "{% icon 'star' %}{% url 'gallery:index' %}{% url 'gallery:picture' 7 %}{{ 1284|number }}{{ at|moment }}"
        "{% translate 'Filters' %}"
    )
    with_jinja = (
        '{{ icon("star") }}{{ url("gallery:index") }}{{ url("gallery:picture", 7) }}{{ 1284|number }}{{ at|moment }}'
        '{{ _("Filters") }}'
    )
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert drawn(with_jinja, at=at) == with_django.render({"at": at})
    assert "22 November 2026, 07:30:00" in drawn(with_jinja, at=at)
