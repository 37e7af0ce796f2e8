"""The filters as the page offers them: what there is to choose, how many of each, and what is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playground.accounts.models import Workspace
from playground.gallery.facets import FACETS, in_order, label
from playground.gallery.filters import Filter
from playground.gallery.models import BEST
from playground.gallery.shelving import Tallies
from playground.runs.asking import Question, Rows, ask
from playground.runs.models import Output

Names = Sequence[tuple[int, str]]  # keys and names
MOST_NAMES = 200  # of tags or collections in a list
_NAMES = """
    SELECT * FROM (
        SELECT 'tag', id, name FROM gallery_tag WHERE workspace_id = %s ORDER BY key LIMIT %s
    ) AS tags UNION ALL SELECT * FROM (
        SELECT 'collection', id, name FROM gallery_collection WHERE workspace_id = %s ORDER BY key LIMIT %s
    ) AS collections
"""

_NAMES_OF_ONE = """
    SELECT * FROM (
        SELECT 'tag', tag.id, tag.name FROM gallery_tagging tagged JOIN gallery_tag tag ON tag.id = tagged.tag_id
        WHERE tagged.picture_id = %s ORDER BY tag.key
    ) AS tags UNION ALL SELECT * FROM (
        SELECT 'collection', collection.id, collection.name
        FROM gallery_placing placed JOIN gallery_collection collection ON collection.id = placed.collection_id
        WHERE placed.picture_id = %s ORDER BY collection.key
    ) AS collections
"""


@dataclass(frozen=True)
class Choice:
    value: str
    words: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    words: str
    choices: list[Choice]


@dataclass(frozen=True)
class Chip:
    """A condition that is on, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Shelves:
    """The tags and the collections that there are."""

    tags: Names = ()
    collections: Names = ()


@dataclass(frozen=True)
class Panel:
    facets: list[Facet]
    shelves: Shelves
    ratings: Names = tuple((stars, str(stars)) for stars in range(1, BEST + 1))


def form_of(wanted: Filter, shelves: Shelves, tallies: Tallies) -> SafeString:
    """The panel as the page shows it."""
    panel = Panel(_facets(wanted, tallies), shelves)
    context = {"here": reverse("gallery:index"), "panel": panel, "wanted": wanted}
    return SafeString(render_to_string("gallery/filters.html", context, using="jinja2"))


def shelves_of(workspace: Workspace) -> Question[Shelves]:
    return ask(_shelves, _NAMES, [workspace.pk, MOST_NAMES, workspace.pk, MOST_NAMES])


def shelves_with(output: Output) -> Question[Shelves]:
    """Those that this picture is on."""
    return ask(_shelves, _NAMES_OF_ONE, [output.pk, output.pk])


def _shelves(rows: Rows) -> Shelves:
    names: dict[str, list[tuple[int, str]]] = {"tag": [], "collection": []}
    for kind, pk, name in rows:
        names[kind].append((pk, name))
    return Shelves(names["tag"], names["collection"])


def _facets(wanted: Filter, tallies: Tallies) -> list[Facet]:
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for (facet, value), tally in tallies.items():
        if facet in counts:
            counts[facet][value] = tally.pictures
    return [_facet(name, counts[name], wanted.facets.get(name, ())) for name in FACETS]


def _facet(name: str, counts: dict[str, int], chosen: Sequence[str]) -> Facet:
    """What there is none of is not offered, unless it is chosen."""
    values = in_order(name, {value for value, count in counts.items() if count > 0} | set(chosen))
    choices = [Choice(value, label(name, value), counts.get(value, 0), value in chosen) for value in values]
    return Facet(name, str(FACETS[name]), choices)


def chips_of(wanted: Filter, shelves: Shelves) -> list[Chip]:
    names = {("tag", str(pk)): name for pk, name in shelves.tags}
    names |= {("collection", str(pk)): name for pk, name in shelves.collections}
    return [
        Chip(_said(name, value, names), wanted.without(name, value).address()) for name, value in wanted.parts
    ]


def _said(name: str, value: str, names: dict[tuple[str, str], str]) -> str:
    if name in FACETS:
        return f"{FACETS[name]}: {label(name, value)}"
    if name == "q":
        return f"“{value}”"
    if name == "favourites":
        return _("Favourites")
    if name == "rating":
        return _("Rated %(stars)s or more") % {"stars": value}
    if name == "since":
        return _("From %(day)s") % {"day": date_format(date.fromisoformat(value))}
    if name == "until":
        return _("Until %(day)s") % {"day": date_format(date.fromisoformat(value))}
    known = names.get((name, value), "?")
    return (
        _("Tag: %(name)s") % {"name": known} if name == "tag" else _("Collection: %(name)s") % {"name": known}
    )
