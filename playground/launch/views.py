"""The health page, for people and for whatever watches the processes; and the theme, kept in a cookie."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.connections import is_any_provider_connected
from playground.launch.context import THEME_COOKIE, THEMES
from playground.runs.leases import is_anybody_working
from playground.runs.models import Generation, State

logger = logging.getLogger(__name__)
YEAR_SECONDS = 365 * 24 * 3600


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a worker beats, 503 when not. No secrets and no names: it asks for no login."""
    answer: dict[str, object] = {"provider": "simulator" if settings.SIMULATED else "live"}
    try:
        answer["provider"] = "live" if is_any_provider_connected() else "simulator"
        states = list(Generation.objects.unfinished().values_list("state", flat=True))
        answer |= {"database": "ok", "worker": "ok" if is_anybody_working() else "missing"}
        answer |= {"queued": states.count(State.QUEUED), "running": states.count(State.RUNNING)}
    except DatabaseError:
        logger.exception("The health page could not ask the database.")
        answer |= {"database": "unreachable", "worker": "unknown"}
    healthy = answer["worker"] == "ok"
    return JsonResponse({"status": "ok" if healthy else "degraded", **answer}, status=200 if healthy else 503)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme that was chosen for this browser, and go back to the page that it was chosen on."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=settings.HTTPS
        )
    return response
