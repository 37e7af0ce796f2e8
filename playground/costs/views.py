"""The Costs page, the ledger as a file, what a person found on the bill, and the limits."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts.requests import Request
from playground.costs import budgets
from playground.costs.export import ledger_as_csv
from playground.costs.figures import Span
from playground.costs.forms import BillForm, BudgetForm, SpanForm, StatementForm, said_of
from playground.costs.ledger import AlreadySettledError
from playground.costs.models import NOBODY, Budget, Entry
from playground.costs.page import CostsPage
from playground.costs.statement import compare
from playground.costs.wording import name_of

SIMULATOR = "simulator"


def _span(request: Request) -> Span:
    return SpanForm(request.GET, today=timezone.localdate()).span


def _is_simulated(request: Request) -> bool:
    """Which of the two ledgers is looked at: they are never added."""
    return request.GET.get("of") == SIMULATOR


@require_safe
def index(request: Request) -> HttpResponse:
    """What was spent in a span of days, this month if no other is chosen."""
    today = timezone.localdate()
    page = CostsPage(request.workspace, _span(request), today=today, simulated=_is_simulated(request))
    spans = {"today": Span(today, today), "month": Span(today.replace(day=1), today)}
    return render(request, "costs/index.html", {"page": page, "spans": spans})


@require_safe
def export(request: Request) -> HttpResponseBase:
    """The entries of a span as CSV."""
    span, simulated = _span(request), _is_simulated(request)
    lines = ledger_as_csv(request.workspace, span, simulated=simulated)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"darkroom-costs-{span.first:%Y%m%d}-{span.last:%Y%m%d}{'-simulator' if simulated else ''}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def settle(request: Request, pk: int) -> HttpResponse:
    """A person says whether a call was on the provider's bill."""
    entry = get_object_or_404(Entry.objects.of(request.workspace), pk=pk)
    form = BillForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the amount as a number, such as 0.03, or leave it empty."))
        return redirect(f"{reverse('costs:index')}#unsettled")
    try:
        budgets.settle_by_bill(
            entry,
            billed=form.is_billed,
            amount=form.cleaned_data["amount"],
            person=request.person.pk if request.person else NOBODY,
        )
    except AlreadySettledError:
        messages.info(
            request, _("%(label)s was settled already. Nothing was changed.") % {"label": entry.label}
        )
    return redirect(f"{reverse('costs:index')}#unsettled")


@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: Request) -> HttpResponse:
    """A provider's usage file, and what it says of the calls here. Nothing is written before somebody agrees."""
    is_sent = request.method == "POST"
    form = StatementForm(request.POST, request.FILES) if is_sent else StatementForm()
    report = compare(request.workspace, form.cleaned_data["file"]) if is_sent and form.is_valid() else None
    status = 422 if is_sent and report is None else 200
    return render(request, "costs/statement.html", {"form": form, "report": report}, status=status)


@require_POST
def settle_many(request: Request) -> HttpResponse:
    """What somebody agreed to of a usage file: calls that stand in it, and calls that do not."""
    person = request.person.pk if request.person else NOBODY
    said = said_of(request.POST)
    entries = Entry.objects.of(request.workspace).in_bulk(list(said))
    settled = sum(budgets.try_to_settle(entry, said[pk], person=person) for pk, entry in entries.items())
    messages.success(
        request, ngettext("%(n)s call was settled.", "%(n)s calls were settled.", settled) % {"n": settled}
    )
    return redirect("costs:index")


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: Request) -> HttpResponse:
    """Every budget as it stands, and the form for another. POST writes one."""
    form = BudgetForm(request.POST if request.method == "POST" else None, workspace=request.workspace)
    if form.is_bound and form.is_valid():
        budget = budgets.set_budget(form.budget)
        messages.success(
            request, _("Nothing goes beyond %(budget)s from now on.") % {"budget": name_of(budget)}
        )
        return redirect("costs:limits")
    context = {"form": form, "balances": budgets.balances(request.workspace)}
    return render(request, "costs/limits.html", context, status=422 if form.is_bound else 200)


@require_POST
def lift(request: Request, pk: int) -> HttpResponse:
    """Take a limit away."""
    budget = get_object_or_404(Budget.objects.of(request.workspace).in_order(), pk=pk)
    name = name_of(budget)
    budget.delete()
    messages.success(request, _("%(budget)s is no limit any more.") % {"budget": name})
    return redirect("costs:limits")
