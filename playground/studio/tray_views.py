"""The tray over HTTP: files in, pictures out, and every act with what it changes on the page."""

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from playground.accounts.requests import Request, whole_number
from playground.runs import refusals, uploads
from playground.runs.models import Mask, Output, Upload
from playground.runs.preparing import THUMBNAIL_WIDTH, RefusedFileError
from playground.runs.receiving import SpooledFile
from playground.runs.serving import serve
from playground.runs.storage import thumbnail_name
from playground.studio.recipes import RECIPES, prepare, recipe_of
from playground.studio.redrawing import after_act
from playground.studio.views import composer, show_studio

PICKED_AT_ONCE = 24


def _upload(request: Request, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.of(request.workspace), pk=pk)


@require_POST
def act(request: Request) -> HttpResponse:
    """One act with the tray: its new state and all that hangs on it; without HTMX the whole page."""
    redrawn = after_act(request.POST, request.FILES, lambda initial: composer(request, initial=initial))
    if not request.htmx:
        return show_studio(request, redrawn.form, refusals=redrawn.refusals)
    return redrawn.announced(render(request, "studio/_tray_answer.html", redrawn.context))


@require_POST
def upload(request: Request) -> JsonResponse:
    """Keep one file (field `file`), for scripts that show how far it has come: its id, or why it was not taken."""
    file = request.FILES.get("file")
    if not isinstance(file, SpooledFile):
        return JsonResponse({"error": _("No file came. Try again.")}, status=422)
    try:
        kept = uploads.receive(request.workspace, file)
    except RefusedFileError as refused:
        sentence = refusals.refusal(file.name or "?", refused.code, refused.values)
        return JsonResponse({"error": sentence}, status=422)
    return JsonResponse({"id": kept.pk, "name": kept.name})


@require_POST
def use(request: Request, pk: int) -> HttpResponse:
    """Open the studio with a picture that was made here in its tray."""
    output = get_object_or_404(Output.objects.of(request.workspace).with_story(), pk=pk)
    try:
        kept = uploads.take_output(output)
    except (RefusedFileError, FileNotFoundError):
        return HttpResponse(_("This picture can’t be read, so it can’t be used."), status=422)
    return redirect(f"{reverse('studio:index')}?reference={kept.pk}")


@require_POST
def recipe(request: Request, key: str) -> HttpResponse:
    """Open the studio with a worked example in it."""
    chosen = recipe_of(key)
    if chosen is None:
        raise Http404
    prepare(request.workspace, chosen)
    return redirect(f"{reverse('studio:index')}?recipe={chosen.key}")


@require_GET
def recipe_picture(request: Request, name: str) -> HttpResponseBase:
    """A picture of a recipe, to choose by."""
    files = {each.file: each.path for one in RECIPES for each in one.ingredients}
    if name not in files:
        raise Http404
    return FileResponse(files[name].open("rb"), content_type="image/webp")


@require_safe
def pick(request: Request) -> HttpResponse:
    """The newest pictures, to be taken into the tray; `before` pages on."""
    before = whole_number(request, "before")
    outputs = Output.objects.of(request.workspace).kept().with_story().newest()
    found = list((outputs.filter(pk__lt=before) if before else outputs)[: PICKED_AT_ONCE + 1])
    shown = found[:PICKED_AT_ONCE]
    context = {"outputs": shown, "before": shown[-1].pk if len(found) > PICKED_AT_ONCE else None}
    return render(request, "studio/_pick.html", context)


@require_GET
def thumbnail(request: Request, pk: int) -> HttpResponseBase:
    """The small version of a picture in the tray."""
    kept = _upload(request, pk)
    return serve(request, thumbnail_name(kept.sent_sha256, THUMBNAIL_WIDTH), "image/webp", "thumbnail.webp")


@require_GET
def sent(request: Request, pk: int) -> HttpResponseBase:
    """The picture exactly as it is sent: what a mask is painted on."""
    kept = _upload(request, pk)
    name = f"sent.{kept.sent_format}"
    return serve(request, kept.sent_file, f"image/{kept.sent_format}", name)


@require_GET
def original(request: Request, pk: int) -> HttpResponseBase:
    """The file as somebody brought it, to the last byte, for their disk."""
    kept = _upload(request, pk)
    return serve(request, kept.file, f"image/{kept.format}", kept.name, download=True)


@require_GET
def mask_file(request: Request, pk: int) -> HttpResponseBase:
    """A mask as it is sent."""
    mask = get_object_or_404(Mask.objects.filter(workspace=request.workspace), pk=pk)
    return serve(request, mask.file, "image/png", "mask.png")


@require_safe
def painter(request: Request, pk: int) -> HttpResponse:
    """The painter for a picture, with the masks that it had before."""
    kept = _upload(request, pk)
    earlier = kept.masks.order_by("-pk")[:12]
    mask = earlier.model.objects.filter(upload=kept, pk=whole_number(request, "mask")).first()
    context = {"upload": kept, "earlier": earlier, "mask": mask}
    return render(request, "studio/_painter.html", context)


@require_POST
def save_mask(request: Request, pk: int) -> JsonResponse:
    """Keep a painted mask (field `mask`): its id, or why it can't be one."""
    kept, file = _upload(request, pk), request.FILES.get("mask")
    if not isinstance(file, SpooledFile):
        return JsonResponse({"error": _("No mask came. Try again.")}, status=422)
    try:
        mask, _notes = uploads.receive_mask(kept, file)
    except RefusedFileError as refused:
        sentence = refusals.refusal(_("The mask"), refused.code, refused.values)
        return JsonResponse({"error": sentence}, status=422)
    return JsonResponse({"id": mask.pk})
