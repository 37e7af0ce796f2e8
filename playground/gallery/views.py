"""Looking: the sheet of pictures, one picture, and its bytes."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from playground import catalog
from playground.accounts.requests import Request, whole_number
from playground.gallery.filters import Filter
from playground.gallery.lineage import led_to, made_from, taken_by
from playground.gallery.pages import Extent, count_of, neighbours, page_of
from playground.gallery.panel import chips_of, form_of, shelves_with
from playground.runs import outside
from playground.runs.as_code import snippets_of
from playground.runs.asking import answer, both
from playground.runs.models import Output
from playground.runs.queries import glance
from playground.runs.serving import serve, serve_made
from playground.runs.setups import Setup
from playground.runs.storage import thumbnail_name
from playground.runs.story import told
from playground.runs.support import calls_of

UNTOUCHED = "untouched"


def _output(request: Request, pk: int) -> Output:
    """The picture, or 404 for one of another workspace just as for one that is not there."""
    return get_object_or_404(Output.objects.of(request.workspace).with_story(), pk=pk)


def _file(request: Request, pk: int) -> Output:
    """The same, for its bytes alone."""
    return get_object_or_404(Output.objects.of(request.workspace).as_files(), pk=pk)


@require_safe
def index(request: Request) -> HttpResponse:
    """The pictures that the filter finds, newest first; for HTMX only the next rows, or what another filter finds."""
    wanted = Filter.read(request.GET)
    before, at = whole_number(request, "before") or None, whole_number(request, "at") or None
    extent = Extent.WHOLE
    if request.htmx and not request.htmx.history_restore_request:
        extent = Extent.ROWS if before else Extent.FOUND
    page = page_of(request.workspace, wanted, before=before, at=at, extent=extent)
    request.glance = page.glance
    here = reverse("gallery:index")
    context: dict[str, Any] = {"here": here, "page": page, "wanted": wanted}
    if extent > Extent.ROWS:
        context |= {"count": count_of(page), "chips": chips_of(wanted, page.shelves)}
    template = "gallery/rows.html" if extent == Extent.ROWS else "gallery/found.html"
    drawn = _drawn(request, template, context)
    if extent == Extent.WHOLE:
        context |= {"found": drawn, "filters": form_of(wanted, page.shelves, page.tallies)}
        response = render(request, "gallery/index.html", context)
    else:
        response = HttpResponse(drawn)
    if extent == Extent.FOUND:
        # What the form leaves empty has no place in an address that somebody copies.
        response["HX-Push-Url"] = here + wanted.address()
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def picture(request: Request, pk: int) -> HttpResponse:
    """Everything that is known of one picture, among those that the filter in the address finds."""
    # Without what few pictures have, a mask and an answer that they were made from: that is half of the columns.
    rows = Output.objects.of(request.workspace).select_related("generation__run", "picture")
    output = get_object_or_404(rows, pk=pk)
    generation = output.generation
    prefetch_related_objects([generation], "attempts", "run__references__upload")
    wanted = Filter.read(request.GET)
    around = neighbours(request.workspace, pk, wanted)
    marked, glanced = shelves_with(output), glance(request.workspace)
    ((newer, older), runs), (shelves, now) = answer(
        both(both(around, taken_by(output)), both(marked, glanced))
    )
    request.glance = now
    calls = calls_of(generation)
    shelved = getattr(output, "picture", None)  # a crash may have kept it from being shelved
    context = {
        "here": reverse("gallery:index"),
        "output": output,
        "picture": shelved,
        "generation": generation,
        "run": generation.run,
        "sources": made_from(list(generation.run.references.all()), output.workspace_id),
        "led_to": led_to(output, runs),
        "restored": output.restored.first() if generation.masked else None,
        "snippets": snippets_of(generation),
        "others": [
            model for model in catalog.default().offered(timezone.localdate()) if model != generation.model
        ],
        "calls": calls,
        "attempt": calls[-1].attempt if calls else None,
        "shelves": shelves,
        "is_full": request.GET.get("view") == "full",
        "address": wanted.address(),
        "full_address": wanted.address(view="full"),
        "gallery_address": wanted.address(at=pk),
        "newer": _address(newer, wanted),
        "older": _address(older, wanted),
    }
    parts = ("look", "words", "facts", *(["marks"] if shelved else []))
    drawn = {part: _drawn(request, f"gallery/{part}.html", context) for part in parts}
    return render(request, "gallery/picture.html", context | drawn)


def _drawn(request: Request, template: str, context: dict[str, Any]) -> SafeString:
    """A part of a page, by Jinja; the context stays as it is."""
    return SafeString(render_to_string(template, {**context}, request, using="jinja2"))


def _address(keys: Sequence[int], wanted: Filter) -> str:
    return reverse("gallery:picture", args=[keys[0]]) + wanted.address() if keys else ""


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    """Put the original back outside the mask, as a picture of its own."""
    output = _output(request, pk)
    try:
        return redirect(outside.restore(output))
    except outside.ShapesDifferError:
        messages.error(request, _("The answer has another shape than the original, so nothing was restored."))
    except (ValueError, OSError):
        messages.error(request, _("There is no mask, or a file is missing: nothing was restored."))
    return redirect(output)


@require_GET
def heat(request: Request, pk: int) -> HttpResponseBase:
    """Where an answer changed what its mask protects."""
    output = _output(request, pk)
    if not output.heat_file:
        raise Http404
    return serve(request, output.heat_file, "image/png", "heat.png")


@require_GET
def original(request: Request, pk: int) -> HttpResponseBase:
    """The provider's bytes, untouched; for a person's disk with their story, or `?download=untouched` without it."""
    download = request.GET.get("download")
    if download is None or download == UNTOUCHED:
        output = _file(request, pk)
        name, kind = output.download_name, f"image/{output.format}"
        return serve(request, output.file, kind, name, download == UNTOUCHED)
    output = _output(request, pk)
    prefetch_related_objects([output.generation.run], "references__upload")
    try:
        file = default_storage.open(output.file)
    except FileNotFoundError as error:
        raise Http404 from error
    return serve_made(file, told(file, output), f"image/{output.format}", output.download_name)


@require_GET
def setup(request: Request, pk: int) -> HttpResponse:
    """What the picture was asked with, as a document that opens in any studio."""
    output = _output(request, pk)
    prefetch_related_objects([output.generation.run], "references__upload")
    found = Setup.of(output.generation)
    response = HttpResponse(found.to_json(), content_type="application/json")
    response["Content-Disposition"] = content_disposition_header(True, found.file_name) or "attachment"
    return response


@require_GET
def thumbnail(request: Request, pk: int, width: int) -> HttpResponseBase:
    """A small version, by width in pixels."""
    output = _file(request, pk)
    if width not in output.thumbnails:
        raise Http404
    name = thumbnail_name(output.sha256, width)
    return serve(request, name, "image/webp", PurePosixPath(output.download_name).stem + ".webp", False)
