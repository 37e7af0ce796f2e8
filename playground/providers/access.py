"""Which connection a request may see: one of its own workspace."""

from django.http import Http404

from playground.accounts.connections import rows_of
from playground.accounts.models import Connection
from playground.accounts.requests import Request


def row_or_404(request: Request, pk: int) -> Connection:
    """The connection, or 404 for a stranger's just as for one that is not there."""
    for row in rows_of(request.workspace):
        if row.pk == pk:
            return row
    raise Http404
