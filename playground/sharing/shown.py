"""A link as a visitor may see it: words and addresses, ready, and nothing in them that was not ticked.

Templates of public pages get these objects and never a row of the database, so that they can give nothing away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from playground.runs.models import Output, Reference
from playground.runs.preparing import THUMBNAIL_WIDTH
from playground.runs.templatetags import darkroom as said
from playground.sharing.models import Item, Link

FRAME_WIDTH = 640  # of the version that a browser without srcset gets


@dataclass(frozen=True)
class Small:
    """A picture that went along, small."""

    number: int
    src: str
    width: int
    height: int


@dataclass(frozen=True)
class Shot:
    """One picture. Its width and height are those of its largest small version, because they are on every page."""

    number: int
    address: str
    src: str
    srcset: str
    width: int
    height: int
    alt: str
    prompt: str = ""
    facts: Sequence[tuple[str, str]] = ()
    edge: Sequence[str] = ()
    brought: Sequence[Small] = ()
    original: str = ""
    weight: str = ""
    setup: str = ""
    is_simulated: bool = False

    @property
    def lang(self) -> str:
        return said.prompt_lang(self.prompt)


def tag_of(link: Link, what: object) -> str:
    """What tells browsers whether bytes have changed: another one in each link, so that it says nothing else."""
    return salted_hmac("sharing.tag", f"{link.token_hash} {what}", algorithm="sha256").hexdigest()[:32]


def shot_of(link: Link, item: Item, *, brings: bool = True) -> Shot:
    """`brings`: with the pictures that went along, where the link shows them."""
    output = item.output
    assert output is not None  # noqa: S101  # `contents.items_of` leaves the others out
    page = reverse("public:one", args=[link.token, item.position])
    small = {width: f"{page}w{width}.webp" for width in output.thumbnails}
    fitting = [width for width in small if width >= FRAME_WIDTH] or list(small)[-1:]
    largest = max(small)
    prompt = output.generation.wish if link.shows_prompts else ""
    return Shot(
        number=item.position,
        address=page,
        src=small[fitting[0]],
        srcset=", ".join(f"{path} {width}w" for width, path in small.items()),
        width=largest,
        height=max(1, round(largest * output.height / output.width)),
        alt=said.picture_alt(prompt) if prompt else _("Generated picture %(number)s") % {"number": item.position},
        prompt=prompt,
        facts=_facts(link, output),
        edge=_edge(link, output),
        brought=brought_to(link, page, output) if brings else (),
        original=f"{page}original" if link.shows_originals else "",
        weight=said.bytes_size(output.byte_size) if link.shows_originals else "",
        setup=reverse("public:setup", args=[link.token, item.position]) if link.shows_prompts else "",
        is_simulated=output.generation.simulated,
    )  # fmt: skip


def _facts(link: Link, output: Output) -> list[tuple[str, str]]:
    generation = output.generation
    facts: list[tuple[str, str]] = []
    if link.shows_models:
        settings = ", ".join(f"{name} {value}" for name, value in generation.parameters.items())
        facts += [
            (_("Frame"), generation.label),
            (_("Model"), generation.model_label),
            *([(pgettext("of a model", "Settings"), settings)] if settings else []),
            (_("Size"), said.size(output)),
            (_("Made"), f"{_day(timezone.localtime(output.created_at))}, {said.seconds(generation.seconds)}"),
        ]
    if link.shows_costs:
        facts.append((_("Cost"), said.money(output.cost)))
    return facts


def _edge(link: Link, output: Output) -> list[str]:
    """The same in one line, under a frame."""
    generation = output.generation
    told = (
        [generation.model_short, said.size(output), said.seconds(generation.seconds)]
        if link.shows_models
        else []
    )
    return [*told, said.money(output.cost)] if link.shows_costs else told


def references_of(link: Link, output: Output) -> list[Reference]:
    """What went along and may be shown. A picture that was made here and lies in the bin may not."""
    if not link.shows_references:
        return []
    found = output.generation.run.references.all()
    return [each for each in found if not (each.upload.taken_from and each.upload.taken_from.binned_at)]


def brought_to(link: Link, page: str, output: Output) -> list[Small]:
    return [
        Small(each.number, f"{page}from-{each.number}.webp", *_shrunk(each))
        for each in references_of(link, output)
    ]


def _shrunk(reference: Reference) -> tuple[int, int]:
    width, height = reference.upload.sent_width, reference.upload.sent_height
    return THUMBNAIL_WIDTH, max(1, round(THUMBNAIL_WIDTH * height / width))


def _day(value: datetime) -> str:
    return date_format(value, pgettext("date format of a day with its year, without its name", "j F Y"))


def until(link: Link) -> str:
    """How long it is open, in words; the hour only where it is near."""
    if link.expires_at is None:
        return ""
    local = timezone.localtime(link.expires_at)
    if link.expires_at - timezone.now() > timedelta(days=2):
        return _day(local)
    return date_format(local, pgettext("date format of an hour of a day", "j F, H:i"))
