"""The request as views see it, and what they read from its query."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from playground.accounts.models import User, Workspace


def whole_number(request: HttpRequest, name: str) -> int:
    """A whole number from the query, as large as a row's id can be; 0 for anything else."""
    raw = request.GET.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0


class Request(HttpRequest):
    """A request that has passed the middleware: it knows its workspace and who asks."""

    htmx: HtmxDetails
    workspace: Workspace
    person: User | None  # None for the local owner, who needs no account
    glance: object  # what stands around the page, where the view has asked for it among other things
