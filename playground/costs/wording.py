"""Budgets in words for a person."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.costs.models import Budget
from playground.costs.periods import Period

_NAMES: dict[str, dict[str, Promise]] = {
    "workspace": {
        Period.DAY: _("%(limit)s a day for everybody"),
        Period.MONTH: _("%(limit)s a month for everybody"),
        Period.ALL: _("%(limit)s in all for everybody"),
    },
    "person": {
        Period.DAY: _("%(limit)s a day for %(name)s"),
        Period.MONTH: _("%(limit)s a month for %(name)s"),
        Period.ALL: _("%(limit)s in all for %(name)s"),
    },
    "connection": {
        Period.DAY: _("%(limit)s a day through “%(name)s”"),
        Period.MONTH: _("%(limit)s a month through “%(name)s”"),
        Period.ALL: _("%(limit)s in all through “%(name)s”"),
    },
}

NO_ACCOUNT = _("Without an account")
NO_CONNECTION = _("A connection that is gone")
_MODES: dict[str, Promise] = {
    "text": _("Text to image"),
    "edit": _("Edit with references"),
    "mask": _("Edit inside a mask"),
    "chat": _("Edit by conversation"),
    "doctor": _("Doctor"),
}


def mode_name(mode: str) -> str:
    """As people know it; the ledger keeps what the runs call it."""
    return str(_MODES.get(mode, mode))


def name_of(budget: Budget) -> str:
    """How a budget is called: its limit, its period, and whom it holds for."""
    whose = "person" if budget.person_id else "connection" if budget.connection_id else "workspace"
    values = {
        "limit": _dollars(budget.limit, "0.01", ROUND_HALF_UP),
        "name": str(budget.person or budget.connection or ""),
    }
    return gettext(str(_NAMES[whose][budget.period])) % values


def over_budget(budget: Budget, left: Decimal, asked: Decimal) -> str:
    """Why nothing was started; what is left is never said to be more than it is, nor the price to be less."""
    words = gettext(
        "The budget of %(budget)s does not allow it: %(left)s is left, and this may cost %(asked)s. "
        "Nothing was started."
    )
    return words % {
        "budget": name_of(budget),
        "left": _dollars(max(left, Decimal(0)), "0.001", ROUND_FLOOR),
        "asked": _dollars(asked, "0.001", ROUND_CEILING),
    }


def _dollars(amount: Decimal, step: str, rounding: str) -> str:
    return f"${amount.quantize(Decimal(step), rounding):,}"
