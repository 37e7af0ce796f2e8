"""The Models page: which one to use, what each can do, and how they have been doing; and one model's own page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from playground import catalog
from playground.accounts.connections import NoConnectionError, Routes, routes_of
from playground.accounts.requests import Request
from playground.catalog.choosing import Needs, Ranked, choose
from playground.providers.capabilities import card_of, cards_of, facts_of, local, records_of
from playground.providers.needs import NeedsForm, answers_of
from playground.runs import health
from playground.runs.queries import USUAL_AT_LEAST


@require_safe
def index(request: Request) -> HttpResponse:
    """Everything about the models of today; for HTMX only the answer to “which one?”."""
    routes, today = routes_of(request.workspace), timezone.localdate()
    form = NeedsForm(request.GET or None)
    needs = form.needs() if form.is_bound else Needs()
    models = catalog.default().offered(today)
    known = health.health_of(request.workspace, models)
    context = {"form": form, "answers": answers_of(_ranked(models, needs, routes, known)), "needs": needs}
    if request.htmx and not request.htmx.history_restore_request:
        response = render(request, "providers/_choice.html", context)
    else:
        records = records_of(models, known, health.obedience_of(request.workspace, models))
        context |= {"cards": cards_of(models, routes, today), "records": records}
        response = render(request, "providers/models.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _ranked(
    models: tuple[catalog.Model, ...],
    needs: Needs,
    routes: Routes,
    known: dict[health.Key, health.Health],
) -> list[Ranked]:
    """With this installation's own times, where it has some, and the prices that are paid here."""
    simulated = routes.is_simulated
    seconds, multipliers = {}, {}
    for model in models:
        found = known.get((model.id, simulated))
        # The simulator is in a hurry: its times say nothing about waiting for the real thing.
        if found and not simulated and found.answered >= USUAL_AT_LEAST:
            seconds[model.id] = (found.median_seconds or 0.0, found.p95_seconds or 0.0)
        try:
            multipliers[model.id] = routes.to(model).price_multiplier
        except NoConnectionError:
            continue
    return choose(models, needs, on=timezone.localdate(), seconds=seconds, multipliers=multipliers)


@require_safe
def model(request: Request, model_id: str) -> HttpResponse:
    """Every fact about one model, with who says so; also one that is switched off."""
    try:
        found = catalog.default().get(model_id)
    except catalog.UnknownModelError as error:
        raise Http404 from error
    today = timezone.localdate()
    context = {
        "model": found,
        "card": card_of(found, routes_of(request.workspace), today),
        "is_alive": found.is_alive(today),
        "facts": list(facts_of(found)),
        "quirks": [(local(quirk.text), quirk.source, quirk.since) for quirk in found.quirks],
    }
    return render(request, "providers/model.html", context)
