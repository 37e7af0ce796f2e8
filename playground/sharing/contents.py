"""Which pictures a link shows, each by its number in it.

A run and a conversation are shown as they were when the link was made, because pictures come into them by themselves
while people work; a collection is shown as it is now, because somebody puts each picture into it. What lies in the
bin, was erased, or stands in a step that was deleted is shown by none.
"""

from collections.abc import Iterable

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from playground.chat.models import Turn
from playground.gallery.models import Placing
from playground.runs.models import Output
from playground.runs.models.output import OutputQuerySet
from playground.sharing.models import Item, Link

MOST = 1000  # pictures in a link


def candidates(link: Link) -> OutputQuerySet:
    """The pictures of the link's run, collection or conversation now, in their order. Empty for pictures by hand."""
    kept = Output.objects.of(link.workspace).kept()
    if link.kind == Link.Kind.RUN:
        return kept.filter(generation__run=link.run_id).order_by("generation__position", "index")
    if link.kind == Link.Kind.COLLECTION:
        placed = kept.filter(picture__placings__collection=link.collection_id)
        return placed.order_by("picture__placings__pk")
    if link.kind == Link.Kind.CONVERSATION:
        said = kept.filter(
            generation__run__turn__conversation=link.conversation_id, generation__run__turn__removed_at=None
        )
        return said.order_by("generation__run__turn__number", "generation__position", "index")
    return kept.none()


def number(link: Link, outputs: Iterable[int]) -> None:
    """Give these pictures (ids) the next numbers. Two visitors who are first at once do it once."""
    known = dict(link.items.values_list("output_id", "position"))
    new = [pk for pk in dict.fromkeys(outputs) if pk not in known]
    last = link.items.aggregate(last=Max("position"))["last"] or 0
    rows = [Item(link=link, position=last + place, output_id=pk) for place, pk in enumerate(new, 1)]
    Item.objects.bulk_create(rows[: max(MOST - last, 0)], ignore_conflicts=True)


def catch_up(link: Link) -> None:
    """Let the link show what its run or conversation holds now."""
    number(link, candidates(link).values_list("pk", flat=True)[:MOST])


def come_since(link: Link) -> int:
    """How many pictures came into its run or conversation since, which it does not show."""
    if link.kind not in (Link.Kind.RUN, Link.Kind.CONVERSATION):
        return 0
    return candidates(link).exclude(shown_in__link=link).count()


def shown(items: QuerySet[Item]) -> QuerySet[Item]:
    """Those of these items (of one link or of many) that are shown now."""
    placed = Placing.objects.filter(collection=OuterRef("link__collection"), picture=OuterRef("output"))
    deleted = Turn.objects.filter(run=OuterRef("output__generation__run"), removed_at__isnull=False)
    is_in_it = ~Q(link__kind=Link.Kind.COLLECTION) | Exists(placed)
    is_said = ~Q(link__kind=Link.Kind.CONVERSATION) | ~Exists(deleted)
    there = items.filter(is_in_it, is_said, output__isnull=False, output__binned_at=None)
    return there.exclude(output__thumbnails=[])


def items_of(link: Link) -> QuerySet[Item]:
    """What the link shows now, by number; each with its picture and that one's story."""
    rows = shown(Item.objects.filter(link=link)).order_by("position")
    rows = rows.select_related("output__generation__run", "output__made_from")
    return rows.prefetch_related(_REFERENCES) if link.shows_references else rows


_REFERENCES = "output__generation__run__references__upload__taken_from"


def refresh(link: Link) -> None:
    """Number what has come into a collection since somebody looked last."""
    if link.kind != Link.Kind.COLLECTION:
        return
    if new := list(candidates(link).exclude(shown_in__link=link).values_list("pk", flat=True)[:MOST]):
        number(link, new)


def gone_from(link: Link, shown: int) -> int:
    """How many pictures it showed once and does not any more; of a collection that is nobody's business."""
    return 0 if link.kind == Link.Kind.COLLECTION else link.items.count() - shown
