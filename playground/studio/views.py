"""Composing, and watching what was composed. Each view reads the request, calls one function, and renders."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from playground.accounts.connections import NoConnectionError
from playground.accounts.requests import Request, whole_number
from playground.catalog import UnknownModelError
from playground.costs.budgets import OverBudgetError
from playground.runs import queries, services, states, support
from playground.runs.instead import NotAnAlternativeError, send_instead
from playground.runs.models import Generation, Matrix, Run
from playground.runs.serving import serve
from playground.runs.setups import Setup, SetupError
from playground.studio.answers import live_answer
from playground.studio.forms import ComposerForm
from playground.studio.frames import Frame, Strip, dress_runs
from playground.studio.initial import fresh_initial, initial_of_matrix
from playground.studio.live import Page, gather_news
from playground.studio.opening import Opened, open_setup
from playground.studio.others import other_models
from playground.studio.problems import another_kind, too_much
from playground.studio.recipes import RECIPES, initial_of_recipe, recipe_of
from playground.studio.sheets import sheet_news
from playground.studio.tray import REFERENCES

RUNS_SHOWN = 12


def run_of(request: Request, number: int) -> Run:
    """The run, or 404 for a stranger's just as for one that is not there."""
    return get_object_or_404(Run.objects.of(request.workspace), number=number)


def _generation(request: Request, pk: int) -> Generation:
    return get_object_or_404(Generation.objects.of(request.workspace).with_pictures(), pk=pk)


def strip_of(request: Request, number: int, first: int | None = None) -> Strip:
    """The run as it is now, ready to be drawn: with all of its frames, or the first so many."""
    run = get_object_or_404(Run.objects.of(request.workspace).with_frames(first), number=number)
    return dress_runs([run])[0]


def _frame(request: Request, generation: Generation) -> Frame:
    return strip_of(request, generation.run.number).frame(generation.pk)


@require_safe
def index(request: Request) -> HttpResponse:
    """The composer, and the newest runs beside it."""
    if (number := whole_number(request, "run")) and Matrix.objects.filter(
        run=run_of(request, number)
    ).exists():
        return redirect(f"{reverse('studio:index')}?matrix={number}")  # its form knows more than the document
    reference, recipe = whole_number(request, "reference"), recipe_of(request.GET.get("recipe", ""))
    initial, remarks = None, []
    try:
        if opened := _asked_setup(request):
            initial, remarks = opened.initial, opened.remarks
    except SetupError as error:
        remarks = [str(error)]
    if (number := whole_number(request, "run")) and Matrix.objects.filter(
        run=run_of(request, number)
    ).exists():
        return redirect(f"{reverse('studio:index')}?matrix={number}")  # its form knows more than the document
    if matrix := whole_number(request, "matrix"):
        initial = initial_of_matrix(get_object_or_404(Matrix, run=run_of(request, matrix)))
    elif recipe:
        initial = fresh_initial() | initial_of_recipe(request.workspace, recipe)
    elif reference:
        initial = fresh_initial() | {REFERENCES: [str(reference)]}
    return show_studio(request, composer(request, initial=initial), refusals=remarks)


def _asked_setup(request: Request) -> Opened | None:
    """The set-up that the address asks for: of a frame, of a run, or the one that it carries. Raises SetupError."""
    source, run = whole_number(request, "from"), whole_number(request, "run")
    if source or run:
        setup = Setup.of(_generation(request, source) if source else run_of(request, run))
    elif token := request.GET.get("setup", ""):
        setup = Setup.of_token(token)
    else:
        return None
    return open_setup(request.workspace, setup, request.GET.getlist("with"))


def composer(
    request: Request, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None
) -> ComposerForm:
    """The composer of the one who asks, today."""
    return ComposerForm(
        data,
        workspace=request.workspace,
        on=timezone.localdate(),
        person=request.person,
        initial=initial,
    )


def show_studio(
    request: Request, form: ComposerForm, status: int = 200, refusals: Sequence[str] = ()
) -> HttpResponse:
    """The whole page around this form; `refusals` say why files were not taken."""
    # The revision first: a change between the two reads is shown twice rather than never.
    revision, is_going_on = queries.pulse(request.workspace)
    before = whole_number(request, "before")
    runs = dress_runs(queries.latest_runs(request.workspace, before=before or None, count=RUNS_SHOWN + 1))
    shown = runs[:RUNS_SHOWN]
    context = {
        "form": form,
        "ledger": form.ledger,
        "refusals": refusals,
        "recipes": RECIPES,
        "runs": shown,
        "before": before,
        "older": shown[-1].run.number if len(runs) > RUNS_SHOWN else None,
        "revision": revision,
        "is_live": is_going_on or any(run.is_going_on for run in shown),
    }
    return render(request, "studio/index.html", context, status=status)


@require_POST
def generate(request: Request) -> HttpResponse:
    """Start the run that the form describes; the same form again shows the run that is there."""
    form = composer(request, request.POST)
    if not form.is_valid():
        return _refused(request, form)
    if form.must_ask(request.POST.get("sure", "")):
        return _refused(request, form)
    try:
        run, is_new = services.start_run(
            request.workspace,
            person=request.person,
            prompt=form.prompt_of_run,
            targets=form.targets,
            axes=form.axes,
            submission_key=form.cleaned_data["submission_key"],
            references=form.tray.brought,
            mask=form.tray.mask,
        )
    except services.TooMuchUnderWayError as error:
        form.add_error(None, too_much(error))
        return _refused(request, form)
    except (NoConnectionError, OverBudgetError) as error:  # it was switched off, or spent, a moment ago
        form.add_error(None, str(error))
        return _refused(request, form)
    if not request.htmx:
        return redirect(f"{reverse('studio:index')}#run-{run.number}")
    return _started(request, run, is_new)


def _refused(request: Request, form: ComposerForm) -> HttpResponse:
    """The form as it was typed, with what is wrong at its place; nothing was started."""
    if not request.htmx:
        return show_studio(request, form, status=422)
    return render(request, "studio/_composer.html", {"form": form, "ledger": form.ledger}, status=422)


def _started(request: Request, run: Run, is_new: bool) -> HttpResponse:
    """The new strip for the top of the list, and a fresh key for the form."""
    # Where the page lacks runs before this one (started elsewhere), its next poll brings them all.
    is_next = is_new and request.POST.get("newest") == str(run.number - 1)
    strip = strip_of(request, run.number, queries.STRIP_FRAMES)
    context = {"run": strip, "is_new": is_new, "is_next": is_next, "submission_key": uuid.uuid4()}
    response = render(request, "studio/_started.html", context)
    return live_answer(request, response, run=run.number)


@require_POST
def estimate(request: Request) -> HttpResponse:
    """Prices, exact prompts and objections for the form as it stands. Changes nothing."""
    form = composer(request, request.POST)
    return render(request, "studio/_estimate.html", {"form": form, "ledger": form.ledger})


@require_POST
def prompts(request: Request) -> HttpResponse:
    """Every prompt that the form says. Changes nothing."""
    template = "studio/_prompts.html" if request.htmx else "studio/prompts.html"
    return render(request, template, {"form": composer(request, request.POST)})


@require_safe
def live(request: Request) -> HttpResponse:
    """What changed since a revision: 204 when nothing did, 286 when nothing can any more."""
    known = whole_number(request, "since")
    revision, is_going_on = queries.pulse(request.workspace)
    if revision == known:
        return HttpResponse(status=204 if is_going_on else HTMX_STOP_POLLING)
    page = Page(*(whole_number(request, name) for name in ("newest", "oldest", "before", "run")))
    if page.run and (sheet := sheet_news(request.workspace, page.run, since=known, revision=revision)):
        return render(request, "studio/_sheet_live.html", {"news": sheet, "tally": sheet.tally})
    news = gather_news(request.workspace, page, since=known, revision=revision)
    return render(request, "studio/_live.html", {"news": news})


@require_safe
def frame(request: Request, pk: int) -> HttpResponse:
    """One frame as it is now."""
    return render(request, "studio/_frame.html", {"frame": _frame(request, _generation(request, pk))})


@require_safe
def preview(request: Request, pk: int, sha256: str) -> HttpResponseBase:
    """A small version of the latest preview of a frame. Its address changes with the picture."""
    found = Frame(_generation(request, pk)).preview
    if found is None or found.sha256 != sha256:
        raise Http404
    return serve(request, found.thumbnail, "image/webp", f"{sha256}.webp")


def _after_act(request: Request, generation: Generation) -> HttpResponse:
    """Show the frame that an act was about: alone for HTMX, on its run's page otherwise."""
    if not request.htmx:
        return redirect(f"{generation.run.get_absolute_url()}#frame-{generation.pk}")
    response = render(request, "studio/_frame.html", {"frame": _frame(request, generation)})
    return live_answer(request, response)


@require_safe
def details(request: Request, pk: int) -> HttpResponse:
    """Every call of a frame as support would ask about it, and who else could draw it."""
    generation = _generation(request, pk)
    context = {
        "generation": generation,
        "words": Frame(generation).words if generation.failure else None,
        "calls": support.calls_of(generation),
        "instead": other_models(generation),
    }
    return render(request, "studio/details.html", context)


@require_POST
def instead(request: Request, pk: int) -> HttpResponse:
    """Ask another model for what this frame failed to bring."""
    generation = _generation(request, pk)
    return _copy(
        request,
        generation,
        lambda: send_instead(generation, request.POST.get("model", ""), person=request.person),
    )


@require_POST
def retry(request: Request, pk: int) -> HttpResponse:
    """Ask again for a failed frame, from its own snapshot, as a new frame."""
    generation = _generation(request, pk)
    return _copy(request, generation, lambda: services.retry(generation, person=request.person))


@require_POST
def another(request: Request, pk: int) -> HttpResponse:
    """One more from the same model and settings."""
    generation = _generation(request, pk)
    try:
        key = uuid.UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return HttpResponse(_("This form is incomplete. Reload the page and try again."), status=422)
    return _copy(request, generation, lambda: services.another(generation, key, person=request.person))


def _copy(request: Request, generation: Generation, act: Callable[[], Generation]) -> HttpResponse:
    """Start one more frame beside this one, or say why not."""
    copy = generation
    try:
        copy = act()
    except services.TooMuchUnderWayError as error:
        messages.error(request, too_much(error))
    except (NoConnectionError, OverBudgetError) as error:
        messages.error(request, str(error))
    except services.AnotherKindError:
        messages.error(request, another_kind(generation))
    except UnknownModelError:
        messages.error(request, _("This model is not in the catalog any more. Choose another one."))
    except NotAnAlternativeError:
        messages.error(request, _("This model can't do what was asked for, or no connection serves it."))
    except ValueError:
        words = _("%(label)s has not failed, so it was not sent again.")
        messages.info(request, words % {"label": generation.label})
    return _after_copy(request, generation, copy)


def _after_copy(request: Request, generation: Generation, copy: Generation) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{generation.run.get_absolute_url()}#frame-{copy.pk}")
    return fresh_strip(request, generation.run)


def fresh_strip(request: Request, run: Run) -> HttpResponse:
    first = queries.STRIP_FRAMES if Matrix.objects.filter(run=run).exists() else None
    response = render(request, "studio/_run.html", {"run": strip_of(request, run.number, first)})
    return live_answer(request, response, run=run.number)


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """Cancel a frame that is still queued."""
    generation = _generation(request, pk)
    if not states.cancel(generation):
        messages.info(
            request, _("%(label)s was already sent, so it can't be cancelled.") % {"label": generation.label}
        )
    return _after_act(request, generation)


@require_POST
def watch(request: Request, pk: int) -> HttpResponse:
    """Fold a running frame away, or show it again. The call goes on either way."""
    generation = _generation(request, pk)
    states.watch(generation, request.POST.get("watched") == "yes")
    return _after_act(request, generation)
