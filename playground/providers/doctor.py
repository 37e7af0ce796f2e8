"""Settings, the doctor: which questions can be put to a connection, for how much, and what was found."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from playground.accounts.models import Connection
from playground.accounts.requests import Request
from playground.costs.budgets import OverBudgetError
from playground.providers.access import row_or_404
from playground.runs import doctor
from playground.runs.services import TooMuchUnderWayError


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, pk: int) -> HttpResponse:
    """The questions with their prices, and the latest report. POST puts those that are ticked."""
    row = row_or_404(request, pk)
    if request.method == "POST" and _ask(request, row):
        return redirect("settings:doctor", pk=row.pk)
    context = {
        "row": row,
        "offers": doctor.offers_for(row),
        "report": doctor.latest_report(row),
        "known": doctor.known_of(row),
        "submission_key": uuid.uuid4(),
    }
    return render(request, "providers/doctor.html", context, status=422 if request.method == "POST" else 200)


def _ask(request: Request, row: Connection) -> bool:
    """Start the examination; False, with a message, where it can't be."""
    try:
        doctor.examine(
            request.workspace,
            row,
            person=request.person,
            questions=request.POST.getlist("questions"),
            submission_key=uuid.UUID(request.POST.get("submission_key", "")),
        )
    except TooMuchUnderWayError:
        messages.error(request, _("Too much is under way. Nothing was asked; wait for some pictures."))
    except OverBudgetError as error:
        messages.error(request, str(error))
    except ValueError:
        messages.error(request, _("Tick at least one question. Nothing was asked."))
    else:
        return True
    return False


@require_safe
def report(request: Request, pk: int) -> HttpResponse:
    """The report alone, for a page that waits for it."""
    row = row_or_404(request, pk)
    found = doctor.latest_report(row)
    is_over = found is None or found.is_over
    context = {"row": row, "report": found, "known": doctor.known_of(row)}
    return render(request, "providers/_report.html", context, status=HTMX_STOP_POLLING if is_over else 200)
