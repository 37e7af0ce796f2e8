"""Puts the workspace on the request, and lets nobody in without one."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.translation import gettext as _

from playground.accounts.models import User, Workspace

OPEN_VIEWS = {"login", "logout", "health", "language", "theme", "javascript-catalog"}
# Rooms whose views look for themselves who may see what: whoever has the address of a link needs no account.
OPEN_ROOMS = {"public"}
# What a proxy writes into a request: who stands behind it is not on this machine.
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


class WorkspaceMiddleware:
    """On a loopback address everybody is the local owner; anywhere else a login decides."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Find the workspace once the view is known, so that open pages need none."""
        match = request.resolver_match
        if match is None or match.view_name in OPEN_VIEWS or match.app_name in OPEN_ROOMS:
            return None
        if settings.LOCAL_MODE:
            if any(name in request.META for name in FORWARDED):
                return HttpResponseForbidden(
                    _(
                        "This came through a proxy, and nobody has to log in here. "
                        "Set ALLOWED_HOSTS: then a login is asked for."
                    )
                )
            request.person = None  # type: ignore[attr-defined]
            request.workspace = Workspace.objects.local()  # type: ignore[attr-defined]
            return None
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        workspace = Workspace.objects.of(request.user)
        if workspace is None:
            return HttpResponseForbidden(
                _("Your account belongs to no workspace yet. Ask the owner to add you.")
            )
        request.person = request.user  # type: ignore[attr-defined]
        request.workspace = workspace  # type: ignore[attr-defined]
        return None
