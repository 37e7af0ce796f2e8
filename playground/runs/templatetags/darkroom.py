"""How figures and pictures are written on every page: money, sizes, seconds, bytes, ratios, icons.

One fact, one spelling: `$0.030`, `2048 × 1152`, `31.2 s`, `4.8 MB`. What is not known is `?`, never zero.
Filters take what the rows hold (Decimal, float, objects with `width` and `height`) and return text.
"""

import json
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, Protocol

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()

UNKNOWN = "?"
# The classes that static/css/ratios.css holds, in hundredths of width / height.
RATIO_LOWEST, RATIO_HIGHEST = 33, 300


class HasSize(Protocol):
    """Anything with pixels: an Output, a catalog Size, a Django ImageFile."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


class HasThumbnails(Protocol):
    def thumb(self, width: int) -> str: ...


@register.simple_tag
@cache  # there are a few dozen, and some pages show hundreds
def icon(name: str, classes: str = "") -> SafeString:
    """Draw one symbol of the sprite. It is decoration: the words stand beside it or on its button."""
    sprite = static("icons/icons.svg")
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name
    )


@register.filter
def money(usd: Decimal | float | str | None) -> str:
    """Write what one picture costs, to a tenth of a cent; `?` when it is not known."""
    return _dollars(usd, Decimal("0.001"))


@register.filter
def money_sum(usd: Decimal | float | str | None) -> str:
    """Write a sum of many, to the cent; `?` when it is not known."""
    return _dollars(usd, Decimal("0.01"))


def _dollars(usd: Decimal | float | str | None, step: Decimal) -> str:
    if usd is None or usd == "":
        return UNKNOWN
    amount = Decimal(str(usd))
    if 0 < amount < step / 2:
        return f"<${step}"  # something was billed: it must not look free
    return f"${amount.quantize(step, ROUND_HALF_UP):,}"


@register.filter
def size(value: HasSize | str | None) -> str:
    """Write pixels as `2048 × 1152`; a word such as `auto` stays as it is; nothing known is `?`."""
    if not value:
        return UNKNOWN
    if isinstance(value, str):
        return re.sub(r"^(\d+)x(\d+)$", r"\1 × \2", value)
    return f"{value.width} × {value.height}"


@register.filter
def seconds(value: Decimal | float | None) -> str:
    """Write a duration to a tenth of a second, `31.2 s`; `?` when it is not known."""
    if value is None or value == "":
        return UNKNOWN
    return _("%(seconds)s s") % {"seconds": f"{float(value):.1f}"}


@register.filter
def bytes_size(value: int | None) -> str:
    """Write a file's size in decimal units: `820 B`, `412 kB`, `4.8 MB`."""
    if value is None:
        return UNKNOWN
    if value < 1000:
        return f"{value} B"
    if value < 999_500:
        return f"{value / 1000:.0f} kB"
    return f"{value / 1_000_000:.1f} MB"


@register.filter
def number(value: int) -> str:
    """Write how many there are: `1,284`."""
    return f"{value:,}"


@register.filter
def ratio_class(value: HasSize | str | None) -> str:
    """Name the class that gives a frame the shape of `value` (pixels, `2048x1152` or `16:9`).

    The policy allows no inline style, so the ratio travels as a class, in hundredths. What is out of
    bounds gets the nearest, what is unknown the usual 3:2; the picture is fitted in whole either way.
    """
    pair = _pair(value)
    if pair is None or min(pair) <= 0:
        return "ar-150"
    hundredths = round(100 * pair[0] / pair[1])
    return f"ar-{min(max(hundredths, RATIO_LOWEST), RATIO_HIGHEST):03d}"


def _pair(value: HasSize | str | None) -> tuple[int, int] | None:
    if not value:
        return None
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,6})[x:](\d{1,6})", value)
        return (int(found[1]), int(found[2])) if found else None
    return value.width, value.height


@register.filter
def first_line(prompt: str) -> str:
    """Return what fits under a frame: the first line that has words in it, at most 160 characters."""
    return next((line.strip() for line in prompt.splitlines() if line.strip()), "")[:160]


@register.filter
def picture_alt(prompt: str) -> str:
    """Return the text alternative of a picture: the prompt's first sentence, said to be generated."""
    sentence = re.split(r"(?<=[.!?。！？])\s*", first_line(prompt), maxsplit=1)[0]
    return _("Generated picture: %(sentence)s") % {"sentence": sentence.rstrip(".。")}


@register.filter
def prompt_lang(prompt: str) -> str:
    """Guess the language tag of somebody's own words from their script, so that the page's never applies."""
    if re.search(r"[\u3040-\u30ff]", prompt):
        return "ja"
    return "zh-Hans" if re.search(r"[\u3400-\u9fff]", prompt) else "en"


@register.filter
def ratio(value: HasSize) -> str:
    """Return width / height as a bare number, for attributes such as `sizes`."""
    return f"{value.width / value.height:.4g}"


@register.filter
def thumb(output: HasThumbnails, width: int) -> str:
    """Return the address of a picture's small version that is at least `width` pixels wide."""
    return output.thumb(width)


@register.filter
def day(value: date) -> str:
    """Write a day as the heading of its pictures; the year only where it is not this one."""
    if value.year == timezone.localdate().year:
        return date_format(value, pgettext("date format of a day", "l j F"))
    return date_format(value, pgettext("date format of a day with its year", "l j F Y"))


@register.filter
def short_day(value: date) -> str:
    """Write a day where there is little room: at the foot of a bar."""
    return date_format(value, pgettext("date format of a day without its year", "j M"))


@register.filter
def month(value: date) -> str:
    """Write a month with its year."""
    return date_format(value, pgettext("date format of a month", "F Y"))


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """Write a moment to the second, in the installation's time zone; `?` when it is not known."""
    return date_format(value, pgettext("date format of a moment", "j F Y, H:i:s")) if value else UNKNOWN


@register.filter
def ago(value: datetime) -> str:
    """Write how long ago something was, in its largest unit: `just now`, `3 minutes ago`."""
    if timezone.now() - value < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, depth=1)}


@register.filter
def as_json(value: Any) -> str:
    """Write a value as people read JSON. It is text: the template escapes it."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
