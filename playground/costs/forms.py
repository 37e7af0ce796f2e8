"""What people tell the Costs page: which days, which limit, and what stood on the bill."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from playground.accounts.connections import rows_of
from playground.accounts.models import Workspace
from playground.costs.figures import Span
from playground.costs.models import Budget
from playground.costs.periods import Period
from playground.costs.statement import Line, UnreadableStatementError, read_lines

MOST = Decimal(100_000)
LONG_AGO = date(2020, 1, 1)  # before any of these models
EVERYBODY = "all"
LARGEST_FILE = 10_000_000
UNREADABLE = _(
    "This can’t be read as a usage file. It should be a CSV with a heading: an amount, and a request id or a time "
    "and a model."
)


class SpanForm(forms.Form):
    """The days that a page is about. What can't be read is this month."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__(data)
        self.today = today

    @property
    def span(self) -> Span:
        self.is_valid()
        last = self.cleaned_data.get("last") or self.today
        first = self.cleaned_data.get("first") or last.replace(day=1)
        last = min(last, self.today + timedelta(days=366))
        return Span(max(min(first, last), LONG_AGO), max(last, LONG_AGO))


class BudgetForm(forms.Form):
    """A limit: whose (`all`, `person-3`, `connection-2`), for how long, how much, and when to warn."""

    whose = forms.ChoiceField()
    period = forms.ChoiceField(choices=Period.choices)
    limit = forms.DecimalField(
        min_value=Decimal(0),
        max_value=MOST,
        max_digits=12,
        decimal_places=6,
        error_messages={
            "required": _("Write how many dollars may be spent."),
            "invalid": _("Write dollars as a number, such as 5 or 12.50."),
            "min_value": _("A limit can’t be below zero."),
        },
    )
    warn_percent = forms.IntegerField(min_value=1, max_value=100, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.workspace = workspace
        self.fields["whose"].choices = self.choices  # type: ignore[attr-defined]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """For whom a limit can be."""
        people = self.workspace.members.order_by("username")
        return [
            (EVERYBODY, str(_("everybody"))),
            *((f"person-{person.pk}", person.get_username()) for person in people),
            *((f"connection-{row.pk}", f"“{row.name}”") for row in rows_of(self.workspace)),
        ]

    @property
    def budget(self) -> Budget:
        """The budget of a valid form: the one that is there for the same, with its new limit, or a new one."""
        kind, _dash, pk = self.cleaned_data["whose"].partition("-")
        whose: dict[str, int | None] = {"person_id": None, "connection_id": None}
        if pk:
            whose[f"{kind}_id"] = int(pk)
        key = {"workspace": self.workspace, "period": self.cleaned_data["period"], **whose}
        budget = Budget.objects.filter(**key).first() or Budget(**key)
        budget.limit = self.cleaned_data["limit"]
        budget.warn_percent = self.cleaned_data["warn_percent"] or 80
        return budget


class StatementForm(forms.Form):
    """A provider's usage file."""

    file = forms.FileField()

    def clean_file(self) -> list[Line]:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large. Export fewer days at once."))
        try:
            return read_lines(file.read())
        except UnreadableStatementError as error:
            raise forms.ValidationError(UNREADABLE) from error


class BillForm(forms.Form):
    """What stood on the bill of a call: whether it was there, and how much, where somebody says so."""

    billed = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    amount = forms.DecimalField(min_value=Decimal(0), max_digits=12, decimal_places=6, required=False)

    @property
    def is_billed(self) -> bool:
        return bool(self.cleaned_data["billed"] == "yes")


def said_of(data: QueryDict) -> dict[int, Decimal | None]:
    """What was ticked below a usage file: the amount of each entry (by its key) that was billed, None where it was not.

    What can't be read is left out: nothing is settled by a guess.
    """
    said: dict[int, Decimal | None] = {}
    for pk in _keys(data.getlist("missing")):
        said[pk] = None
    for pk in _keys(data.getlist("billed")):
        form = BillForm({"billed": "yes", "amount": data.get(f"amount-{pk}", "")})
        if form.is_valid() and form.cleaned_data["amount"] is not None:
            said[pk] = form.cleaned_data["amount"]
    return said


def _keys(raw: list[str]) -> list[int]:
    return [int(one) for one in raw if one.isascii() and one.isdigit() and len(one) < 19]
