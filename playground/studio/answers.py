"""What every answer to HTMX carries, whichever room's page it is for."""

from django.contrib import messages
from django.http import HttpResponse
from django_htmx.http import trigger_client_event

from playground.accounts.requests import Request


def live_answer(request: Request, response: HttpResponse, **detail: int) -> HttpResponse:
    """An answer for HTMX that wakes the page's poll, and says what would else wait for the next page."""
    for message in messages.get_messages(request):
        trigger_client_event(response, "toast", {"text": str(message), "level": message.level_tag})
    return trigger_client_event(response, "runs-changed", detail, after="settle")
