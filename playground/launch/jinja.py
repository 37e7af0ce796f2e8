"""What the templates in `templates/jinja2` can say: the same words, figures, addresses and symbols as Django's."""

from datetime import datetime
from typing import Any

import jinja2
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from playground.runs.templatetags import darkroom as said


def environment(autoescape: bool, undefined: object, **options: Any) -> jinja2.Environment:
    """For the setting TEMPLATES. Everything is escaped, and a name that nobody gave is an error."""
    made = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, **options)
    made.globals |= {"_": gettext, "icon": said.icon, "url": _url}
    made.filters |= said.register.filters | {"moment": _moment}
    return made


def _url(name: str, *args: object) -> str:
    return reverse(name, args=args)


def _moment(value: datetime | None) -> str:
    return said.moment(timezone.localtime(value) if value else None)
