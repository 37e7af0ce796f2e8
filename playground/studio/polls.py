"""Most polls find nothing new. Those are answered here, before anything else is done for them.

With two thousand pages open that is nearly every request, and what stands around a page (session, language,
messages, policy) costs more than the answer, which has no content to protect. Whatever is not certain goes the usual
way, and the usual view gives the same answer to the same question.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from playground.accounts.middleware import FORWARDED
from playground.accounts.models import Workspace
from playground.runs import queries


class QuietPolls:
    """Middleware: 204 for a page of the local owner's that knows the latest, while something can still change."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Where pages ask, of whichever room: by names, because no room below them knows them all."""
        return reverse("studio:live"), reverse("chat:live")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LOCAL_MODE and request.path_info in self.paths and self._knows_the_latest(request):
            return HttpResponse(status=204)
        return self.get_response(request)

    def _knows_the_latest(self, request: HttpRequest) -> bool:
        if request.method != "GET" or any(name in request.META for name in FORWARDED):
            return False
        try:
            request.get_host()
        except DisallowedHost:
            return False
        revision, is_going_on = queries.pulse(Workspace.objects.local())
        return is_going_on and request.GET.get("since") == str(revision)
