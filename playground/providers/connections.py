"""Settings, Connections: the list, one connection, its test. Each view calls one function and renders."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts.connections import Routes, routes_of, rows_of
from playground.accounts.models import Connection, Workspace
from playground.accounts.probes import probe
from playground.accounts.requests import Request
from playground.providers.access import row_or_404
from playground.providers.chain_forms import ChainForm
from playground.providers.forms import ConnectionForm
from playground.providers.shown import consequences, lines_of, shown


@require_safe
def index(request: Request) -> HttpResponse:
    """Every connection of the workspace, in the order in which they are tried."""
    routes = routes_of(request.workspace)
    form = ChainForm(workspace=request.workspace, routes=routes)
    return render(request, "providers/settings.html", page_context(routes, form))


def page_context(routes: Routes, chain: ChainForm) -> dict[str, object]:
    """What the whole page of settings shows."""
    return _context(routes) | {"chain": chain}


def _context(routes: Routes) -> dict[str, object]:
    return {"routes": routes, "connections": shown(routes)}


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponse:
    """Enter a new connection."""
    return _fill_in(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a connection. Its key stays hidden, and stays as it is unless another one is entered."""
    return _fill_in(request, row_or_404(request, pk))


def _fill_in(request: Request, row: Connection | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ConnectionForm(data, workspace=request.workspace, row=row)
    if data is not None and form.is_valid():
        return _saved(request, form)
    status = 422 if data is not None else 200
    return render(request, "providers/connection.html", {"form": form, "row": row}, status=status)


def _saved(request: Request, form: ConnectionForm) -> HttpResponse:
    row = form.save()
    messages.success(request, _("“%(name)s” is saved.") % {"name": row.name})
    addresses = form.cleaned_data.get("addresses")
    for remark in addresses.remarks if addresses else ():
        messages.info(request, remark)
    for host in addresses.in_clear if addresses else ():
        messages.warning(
            request, _("The key goes to %(host)s unencrypted: use https:// there.") % {"host": host}
        )
    return redirect(f"{reverse('settings:index')}#connection-{row.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """Say what deleting means; do it on POST. The environment's connection can only be switched off."""
    row = row_or_404(request, pk)
    if row.from_environment:
        raise Http404
    if request.method == "POST":
        row.delete()
        messages.success(request, _("“%(name)s” is deleted, and its key erased.") % {"name": row.name})
        return redirect("settings:index")
    said = consequences(row, routes_of(request.workspace))
    return render(request, "providers/delete.html", {"row": row, "consequences": said})


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """One place up or down in the order."""
    row_or_404(request, pk)
    _step(request.workspace, pk, -1 if request.POST.get("to") == "up" else 1)
    return _after(request)


def _step(workspace: Workspace, pk: int, by: int) -> None:
    """Every row gets its place anew, so that equal or missing numbers do no harm."""
    with transaction.atomic():
        rows = rows_of(workspace)
        here = next(place for place, row in enumerate(rows) if row.pk == pk)
        there = min(max(here + by, 0), len(rows) - 1)
        rows.insert(there, rows.pop(here))
        for place, row in enumerate(rows, 1):
            row.position = place
        Connection.objects.bulk_update(rows, ["position"])


@require_POST
def switch(request: Request, pk: int) -> HttpResponse:
    """On or off. What is queued through one that is off is not sent."""
    row = row_or_404(request, pk)
    row.is_enabled = request.POST.get("on") == "yes"
    row.save(update_fields=["is_enabled"])
    return _after(request)


def _after(request: Request) -> HttpResponse:
    if not request.htmx:
        return redirect("settings:index")
    return render(request, "providers/_connections.html", _context(routes_of(request.workspace)))


@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Ask each address for its models: free, and says in a sentence what is right or wrong."""
    found = probe(row_or_404(request, pk))
    context = {"row": found.row, "probe": found, "lines": lines_of(found)}
    template = "providers/_tested.html" if request.htmx else "providers/tested.html"
    return render(request, template, context)
