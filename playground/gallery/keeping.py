"""Which pictures were worth their money: those that somebody made a favourite or rated."""

from django.db.models import Count, Q

from playground.accounts.models import Workspace
from playground.costs.figures import Span
from playground.gallery.facets import PROVIDER, SIMULATOR
from playground.gallery.models import Picture


def count_kept(workspace: Workspace, span: Span, simulated: bool) -> dict[str, int]:
    """How many of each model were made in these days and are kept. What was made here has cost nothing."""
    pictures = Picture.objects.of(workspace).shown().filter(Q(is_favourite=True) | Q(rating__gt=0))
    pictures = pictures.filter(
        made_on__range=(span.first, span.last), origin=SIMULATOR if simulated else PROVIDER
    )
    return dict(pictures.order_by().values_list("model").annotate(Count("pk")))
