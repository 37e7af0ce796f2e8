"""Other models that could do what a frame failed to bring, in words for a person."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.catalog import Estimate, Fallback, Model
from playground.catalog.fallbacks import DOES_IT_ALL, FEWER_SETTINGS, OTHER_SIZE, SIZE_IN_WORDS
from playground.runs.instead import alternatives
from playground.runs.models import Generation

SHOWN = 5


@dataclass(frozen=True)
class Other:
    """One model, what it may cost, and what would change."""

    model: Model
    price: Estimate
    words: str


def other_models(generation: Generation) -> list[Other]:
    """The cheapest first; only a few, because a choice should help."""
    return [Other(one.model, one.price, _words(one)) for one in alternatives(generation)[:SHOWN]]


def _words(one: Fallback) -> str:
    values = {"size": one.parameters.get("size", ""), "names": ", ".join(one.dropped)}
    changes = {
        DOES_IT_ALL: _("Takes it as it is."),
        OTHER_SIZE: _("In the nearest size it has, %(size)s."),
        SIZE_IN_WORDS: _("Its size is asked for in words."),
        FEWER_SETTINGS: _("Without %(names)s, which it does not have."),
    }
    words = changes[one.reason] % values
    return f"{words} {_('It shares a channel with the one that failed.')}" if one.shares_line else words
