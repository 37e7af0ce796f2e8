"""Where a price comes from, term by term, for whoever asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from playground.catalog import Estimate, Part
from playground.runs.templatetags.darkroom import money

_TERMS: dict[str, str | Promise] = {
    "picture": _("%(tokens)s output tokens × $%(rate)s per million"),
    "partial": _("%(tokens)s tokens of previews × $%(rate)s per million"),
    "text": _("%(tokens)s text tokens × $%(rate)s per million"),
}


@dataclass(frozen=True)
class Term:
    """One line of a price: how it is reckoned, and what it comes to."""

    words: str
    amount: str


@dataclass(frozen=True)
class Reason:
    """The lines of one picture's price, and how far it is known."""

    terms: list[Term]
    certainty: str


def reason_of(estimate: Estimate, references: int) -> Reason:
    """`references`: how many pictures go along."""
    terms = [Term(_words(part, references), _amount(part.low, part.high)) for part in estimate.parts]
    return Reason([*terms, *_discount(estimate)], _certainty(estimate))


def _words(part: Part, references: int) -> str:
    values = {
        "tokens": _range(part.tokens_low, part.tokens),
        "rate": f"{part.rate or 0:f}",
        "count": references,
    }
    if part.what == "call":
        return gettext("One call, whatever it draws")
    if part.rate is None:
        return gettext("The picture, from the provider’s table")
    if part.what == "references":
        words = ngettext(
            "%(count)s picture that goes along: %(tokens)s tokens × $%(rate)s per million",
            "%(count)s pictures that go along: %(tokens)s tokens × $%(rate)s per million",
            references,
        )
        return words % values
    return gettext(str(_TERMS[part.what])) % values


def _discount(estimate: Estimate) -> Iterator[Term]:
    if estimate.multiplier != 1:
        share = f"{100 * estimate.multiplier.normalize():f}".rstrip("0").rstrip(".")
        words = gettext("You pay %(share)s %% of the list price") % {"share": share}
        yield Term(words, _amount(estimate.low, estimate.high))


def _certainty(estimate: Estimate) -> str:
    if estimate.exact:
        return gettext("Exact: this is what is billed.")
    if estimate.is_picture_known:
        words = gettext(
            "The output tokens are reckoned as the provider does. Those that go in only the provider can count: "
            "up to %(amount)s of the price is not certain."
        )
        return words % {"amount": money(estimate.high - estimate.low)}
    return gettext("The size or the quality is left to the provider, so the price is a range.")


def _range(low: int, high: int) -> str:
    return f"{high:,}" if low == high else f"{low:,}–{high:,}"


def _amount(low: Decimal, high: Decimal) -> str:
    return money(high) if money(low) == money(high) else f"{money(low)}–{money(high)}"
