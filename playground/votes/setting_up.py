"""What a vote is to be about, as an address says it: a run, or chosen pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse

from playground.accounts.requests import Request, whole_number
from playground.gallery.facets import RATIO, facets_of
from playground.gallery.filters import number
from playground.runs.models import Output, Run
from playground.votes.ballots import model_count, picked, pictures_of


@dataclass(frozen=True)
class Choice:
    """The pictures, and the address that names them."""

    address: str
    outputs: Sequence[Output]
    run: Run | None = None

    @cached_property
    def models(self) -> int:
        """How many could stand against each other."""
        return model_count(self.outputs)

    @cached_property
    def shapes(self) -> int:
        return len({facets_of(one)[RATIO] for one in self.outputs})

    @property
    def is_mixed(self) -> bool:
        """Whether there are real and simulated ones among them."""
        return len({one.generation.simulated for one in self.outputs}) > 1


def choice_of(request: Request) -> Choice:
    """404 for a run that is not there; pictures that are not there, or can't be judged, are left out."""
    here = reverse("votes:new")
    if run_number := whole_number(request, "run"):
        run = get_object_or_404(Run.objects.of(request.workspace), number=run_number)
        return Choice(f"{here}?{urlencode({'run': run.number})}", pictures_of(request.workspace, run), run)
    named = [*request.GET.getlist("o"), *request.POST.getlist("o")]
    ids = [pk for pk in map(number, ",".join(named).split(",")) if pk]
    address = f"{here}?{urlencode({'o': ','.join(map(str, ids))}, safe=',')}"
    return Choice(address, picked(request.workspace, ids))
