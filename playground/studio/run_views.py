"""One run on its own page, and what is done with the whole of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.connections import NoConnectionError
from playground.accounts.requests import Request
from playground.costs.budgets import OverBudgetError
from playground.runs import queries, services
from playground.runs.models import Run
from playground.studio.problems import another_kind, too_much
from playground.studio.sheets import sheet_of
from playground.studio.views import fresh_strip, run_of, strip_of


@require_safe
def run_page(request: Request, number: int) -> HttpResponse:
    """One run with all its frames, live; one of many prompts as a contact sheet."""
    revision, _is_going_on = queries.pulse(request.workspace)
    if found := Run.objects.of(request.workspace).with_matrix().filter(number=number).first():
        return _sheet_page(request, found, revision)
    strip = strip_of(request, number)
    context = {"run": strip, "revision": revision, "is_live": strip.is_going_on}
    return render(request, "studio/run.html", context)


def _sheet_page(request: Request, run: Run, revision: int) -> HttpResponse:
    wish = [
        int(raw) if (raw := request.GET.get(name, "")).isdecimal() else None for name in ("rows", "columns")
    ]
    sheet = sheet_of(run, *wish)
    context = {"sheet": sheet, "tally": sheet.tally, "revision": revision, "is_live": sheet.tally.is_going_on}
    return render(request, "studio/sheet.html", context)


@require_POST
def pause_run(request: Request, number: int) -> HttpResponse:
    """Send nothing more of a run for now."""
    run = run_of(request, number)
    services.pause_run(run)
    return _after_run(request, run)


@require_POST
def go_on(request: Request, number: int) -> HttpResponse:
    """Send what a pause kept back."""
    run = run_of(request, number)
    services.go_on(run)
    return _after_run(request, run)


@require_POST
def cancel_run(request: Request, number: int) -> HttpResponse:
    """Cancel what is still queued of a run."""
    run = run_of(request, number)
    services.cancel_run(run)
    return _after_run(request, run)


@require_POST
def retry_run(request: Request, number: int) -> HttpResponse:
    """Ask again for every frame of a run that failed without being billed, each once."""
    run = run_of(request, number)
    try:
        services.retry_free(run, person=request.person)
    except services.TooMuchUnderWayError as error:
        messages.error(request, too_much(error))
    except (NoConnectionError, OverBudgetError) as error:
        messages.error(request, str(error))
    except services.AnotherKindError as error:
        messages.error(request, another_kind(error.generation))
    return _after_run(request, run)


def _after_run(request: Request, run: Run) -> HttpResponse:
    return fresh_strip(request, run) if request.htmx else redirect(run)
