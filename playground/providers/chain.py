"""Settings, “When a channel fails”: whom to ask by itself. Nobody, until somebody has written it down."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.accounts.connections import routes_of
from playground.accounts.models import Chain
from playground.accounts.requests import Request
from playground.providers.chain_forms import ChainForm
from playground.providers.connections import page_context


@require_POST
def save(request: Request) -> HttpResponse:
    """Switch the chain on, or change it."""
    routes = routes_of(request.workspace)
    form = ChainForm(request.POST, workspace=request.workspace, routes=routes)
    if not form.is_valid():
        return render(request, "providers/settings.html", page_context(routes, form), status=422)
    form.save()
    messages.success(request, _("Your chain is on."))
    return _back()


@require_POST
def switch_off(request: Request) -> HttpResponse:
    """Nothing is asked by itself any more. What is queued already goes on, and can be cancelled."""
    Chain.objects.filter(workspace=request.workspace).delete()
    messages.success(request, _("Your chain is off: nothing is asked by itself."))
    return _back()


def _back() -> HttpResponse:
    return redirect(f"{reverse('settings:index')}#chain")
