"""Templates of the second engine are as safe as Django's."""

import jinja2
import pytest
from django.template import engines


def drawn(source: str, **values: object) -> str:
    return engines["jinja2"].from_string(source).render(values)


def test_what_is_shown_is_escaped():
    assert drawn("{{ words }}", words='<b> "&') == "&lt;b&gt; &#34;&amp;"


def test_a_name_that_nobody_gave_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        drawn("{{ words }}")


def test_it_says_what_the_other_says():
    with_django = engines["django"].from_string(
        "{% icon 'star' %}{% url 'gallery:index' %}{{ 1284|number }}{% translate 'Filters' %}"
    )
    with_jinja = '{{ icon("star") }}{{ url("gallery:index") }}{{ number(1284) }}{{ _("Filters") }}'
    assert drawn(with_jinja) == with_django.render()
