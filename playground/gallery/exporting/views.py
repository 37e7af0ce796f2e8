"""The page on which an export is set up, and the archive itself."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts.requests import Request, whole_number
from playground.gallery.acts import posted_filter, selected
from playground.gallery.exporting.forms import ExportForm
from playground.gallery.exporting.making import archive_of
from playground.gallery.exporting.names import USUAL, Names
from playground.gallery.exporting.selection import FOUND, MOST, PICKED, RUN, Selection
from playground.gallery.filters import Filter, number
from playground.runs.archives import zip_response
from playground.runs.models import Run


@require_http_methods(["GET", "HEAD", "POST"])
def options(request: Request) -> HttpResponse:
    """For what the address finds (`?q=tea`, `?run=214`), or what was picked (posted)."""
    selection = _selection(request)
    if selection.what == PICKED and not selection.ids:
        messages.warning(request, _("Pick pictures first, then export them."))
        return redirect("gallery:index")
    return _page(request, selection, ExportForm())


@require_POST
def archive(request: Request) -> HttpResponseBase:
    """The ZIP, as it is made."""
    selection, form = _selection(request), ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, selection, form, status=422)
    what = selection.run if selection.what == RUN else f"{timezone.localtime():%Y%m%d-%H%M%S}"
    return zip_response(archive_of(selection, form.options), f"darkroom-{what}.zip")


def _page(request: Request, selection: Selection, form: ExportForm, status: int = 200) -> HttpResponse:
    first = selection.first
    context = {
        "selection": selection,
        "figures": selection.figures(),
        "form": form,
        "most": MOST,
        "example": Names(USUAL).of(first, first.format) if first else "",
    }
    return render(request, "gallery/export.html", context, status=status)


def _selection(request: Request) -> Selection:
    """As it was posted or, on the first visit, as the address names it."""
    if request.method != "POST":
        run = whole_number(request, "run")
        return _of_run(request, run) if run else Selection(request.workspace, wanted=Filter.read(request.GET))
    what = request.POST.get("what", "")
    if what == RUN:
        return _of_run(request, number(request.POST.get("run", "")))
    if what == FOUND:
        return Selection(request.workspace, wanted=posted_filter(request))
    return Selection(request.workspace, PICKED, ids=tuple(selected(request)), wanted=posted_filter(request))


def _of_run(request: Request, run: int) -> Selection:
    get_object_or_404(Run.objects.of(request.workspace), number=run)
    return Selection(request.workspace, RUN, run=run)
