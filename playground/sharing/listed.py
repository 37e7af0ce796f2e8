"""Links as their owners see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.accounts.models import Workspace
from playground.runs.models import Output
from playground.sharing import contents, polls
from playground.sharing.forms import SHOWN
from playground.sharing.models import Item, Link
from playground.sharing.shown import until

MOST = 200
THUMBS = 3


@dataclass(frozen=True)
class Entry:
    """A link, its first pictures, and what it gives out, in words."""

    link: Link
    pictures: Sequence[Output]
    count: int

    @property
    def name(self) -> str:
        return self.link.title or name_of(self.link)

    @property
    def subject(self) -> str:
        return name_of(self.link)

    @property
    def shows(self) -> str:
        """Everything that a visitor gets."""
        told = [str(SHOWN[name][1]) for name in self.link.shows]
        return ", ".join([self._pictures, *told])

    @property
    def _pictures(self) -> str:
        """A collection's are counted when somebody looks."""
        if self.link.kind == Link.Kind.COLLECTION:
            return _("the pictures that are in it")
        return ngettext("%(count)s picture", "%(count)s pictures", self.count) % {"count": self.count}

    @property
    def is_asked(self) -> bool:
        """Whether visitors are asked for votes, as far as the number of pictures tells: it may have grown too large."""
        return self.link.takes_votes and polls.is_few_enough(self.count)

    @property
    def until(self) -> str:
        return until(self.link)


def name_of(link: Link) -> str:
    """What a link is about, where its owner gave it no title."""
    if link.run:
        return _("Run %(number)s") % {"number": link.run.number}
    if link.collection:
        return _("Collection %(name)s") % {"name": link.collection.name}
    if link.conversation:
        return _("Conversation %(name)s") % {"name": link.conversation.title}
    return _("A single picture") if link.kind == Link.Kind.PICTURE else _("Pictures that were picked")


def entry_of(link: Link) -> Entry:
    return _entries([link])[0]


def _entries(links: Sequence[Link]) -> list[Entry]:
    """In two queries, however many they are."""
    items = contents.shown(Item.objects.filter(link__in=links))
    counts = dict(items.order_by().values_list("link").annotate(Count("pk")))
    place = Window(RowNumber(), partition_by=F("link"), order_by="position")
    pictures: dict[int, list[Output]] = {}
    for item in (
        items.annotate(place=place).filter(place__lte=THUMBS).select_related("output").order_by("position")
    ):
        if item.output:
            pictures.setdefault(item.link_id, []).append(item.output)
    return [Entry(link, pictures.get(link.pk, []), counts.get(link.pk, 0)) for link in links]


def entries_of(workspace: Workspace) -> tuple[list[Entry], list[Entry]]:
    """Those that are open, and those that are not any more; the newest first."""
    rows = Link.objects.of(workspace).with_sources().select_related("created_by").order_by("-pk")[:MOST]
    entries = _entries(list(rows))
    return [one for one in entries if one.link.is_open], [one for one in entries if not one.link.is_open]


def only_here() -> bool:
    """Whether nobody but this machine can open an address of this installation."""
    return bool(settings.LOCAL_MODE)
