"""The reference tray: which pictures go along, in which order, and what the prompt says of them.

A tray is what a form holds: the ids of uploads in their order, a note for each, a mask. It lives in the page and in
the browser's draft; the pictures themselves are the workspace's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground import catalog
from playground.accounts.models import Workspace
from playground.catalog import Model, PictureFacts
from playground.runs import refusals
from playground.runs.models import Mask, Run, Upload
from playground.runs.services import Brought

MOST = 16
LONGEST_NOTE = 200
REFERENCES, MASK, FOLLOW = "references", "mask", "follow"


def note_name(upload_id: int) -> str:
    """What the field of a picture's note is called."""
    return f"note-{upload_id}"


@dataclass(frozen=True)
class Tile:
    """One picture in the tray, with the number that the prompt calls it by."""

    number: int
    upload: Upload
    note: str = ""
    is_pinned: bool = False  # it is what a conversation changes: it goes first, and can't be taken out

    @property
    def note_name(self) -> str:
        return note_name(self.upload.pk)

    @property
    def done(self) -> list[str]:
        """What was done to the file before it can be sent, a sentence each."""
        return [said for code, values in self.upload.notes if (said := refusals.note(code, values))]

    @property
    def in_english(self) -> str:
        return catalog.picture_name(self.number, "")

    @property
    def in_chinese(self) -> str:
        return catalog.picture_name(self.number, "图")


@dataclass(frozen=True)
class Tray:
    """The pictures that go along, image 1 first. `follows`: numbers in the prompt change with the order.

    `pinned` is image 1 whatever is done with the tray.
    """

    tiles: tuple[Tile, ...] = ()
    mask: Mask | None = None
    follows: bool = True
    most: int = field(default=MOST)
    pinned: Upload | None = None

    def __len__(self) -> int:
        return len(self.tiles)

    @property
    def mode(self) -> str:
        """Which kind of run this makes: text, edit or mask."""
        if not self.tiles:
            return Run.Mode.TEXT.value
        return Run.Mode.MASK.value if self.mask else Run.Mode.EDIT.value

    @property
    def is_full(self) -> bool:
        return len(self.tiles) >= self.most

    @property
    def mask_fits(self) -> bool:
        """Whether the mask belongs to image 1, to which alone a mask applies."""
        return bool(self.mask and self.tiles and self.tiles[0].upload.pk == self.mask.upload_id)

    @property
    def masked_tile(self) -> Tile | None:
        """The picture that the mask was painted for; None when it is not in the tray any more."""
        wanted = self.mask.upload_id if self.mask else None
        return next((tile for tile in self.tiles if tile.upload.pk == wanted), None)

    @property
    def counted(self) -> str:
        """How many of how many, in words."""
        return _("%(count)s of %(most)s") % {"count": len(self), "most": self.most}

    @property
    def brought(self) -> list[Brought]:
        """The same for starting a run."""
        return [Brought(tile.upload, tile.note) for tile in self.tiles]

    @property
    def facts(self) -> list[PictureFacts]:
        """What the catalog needs to know of the files that would be sent."""
        return [_facts(tile.upload) for tile in self.tiles]

    @property
    def mask_facts(self) -> PictureFacts | None:
        if self.mask is None or not self.tiles:
            return None
        first = self.tiles[0].upload
        return PictureFacts("png", 1, first.sent_width, first.sent_height, True)

    def size_of(self, number: int) -> "catalog.Size":
        return self.tiles[number - 1].upload.sent_size

    # -- Changing it -------------------------------------------------------------------------------------------------

    def ordered(self, uploads: Iterable[tuple[Upload, str]]) -> "Tray":
        """The same tray with these pictures (and notes), numbered anew; each once, and no more than fit."""
        first = [(self.pinned, "")] if self.pinned else []
        once = {upload.pk: (upload, note) for upload, note in [*first, *uploads]}
        tiles = tuple(
            Tile(number, upload, note, is_pinned=upload == self.pinned)
            for number, (upload, note) in enumerate(list(once.values())[: self.most], 1)
        )
        kept = self.mask if self.mask and self.mask.upload_id in once else None
        return replace(self, tiles=tiles, mask=kept)

    @property
    def pairs(self) -> list[tuple[Upload, str]]:
        return [(tile.upload, tile.note) for tile in self.tiles]

    def add(self, upload: Upload, note: str = "") -> "Tray":
        return self.ordered([*self.pairs, (upload, note)]) if not self._has(upload.pk) else self

    def remove(self, upload_id: int) -> "Tray":
        return self.ordered(pair for pair in self.pairs if pair[0].pk != upload_id)

    def move(self, upload_id: int, number: int) -> "Tray":
        """Put a picture at another number (bounded), the others move up or down."""
        pairs = self.pairs
        moved = [pair for pair in pairs if pair[0].pk == upload_id]
        rest = [pair for pair in pairs if pair[0].pk != upload_id]
        at = max(0, min(number - 1, len(rest)))
        return self.ordered([*rest[:at], *moved, *rest[at:]])

    def step(self, upload_id: int, by: int) -> "Tray":
        number = next((tile.number for tile in self.tiles if tile.upload.pk == upload_id), 0)
        return self.move(upload_id, number + by) if number else self

    def _has(self, upload_id: int) -> bool:
        return any(tile.upload.pk == upload_id for tile in self.tiles)

    def moved(self, before: "Tray") -> dict[int, int | None]:
        """How the numbers changed since: old number -> new one, None for a picture that is not here any more."""
        now = {tile.upload.pk: tile.number for tile in self.tiles}
        return {tile.number: now.get(tile.upload.pk) for tile in before.tiles}

    # -- Remarks -----------------------------------------------------------------------------------------------------

    def remarks(self, prompt: str, models: Sequence[Model]) -> list[str]:
        """What is worth knowing before the click, for the tray as a whole."""
        found = [*self._about_names(prompt), *self._about_count(models)]
        return [*found, *self._about_mask()]

    def _about_names(self, prompt: str) -> list[str]:
        missing = catalog.missing_pictures(prompt, len(self))
        said = []
        if missing:
            words = ngettext(
                "The prompt names image %(numbers)s, which is not in the tray.",
                "The prompt names the images %(numbers)s, which are not in the tray.",
                len(missing),
            )
            said.append(words % {"numbers": ", ".join(map(str, missing))})
        if catalog.has_lost_name(prompt):
            said.append(_("A picture that the prompt named was taken out: it says “?” in its place."))
        return said

    def _about_count(self, models: Sequence[Model]) -> list[str]:
        count = len(self)
        weak = [model.label for model in models if count > model.limits.references_stable]
        risky = [model.label for model in models if count > model.limits.references_risky]
        if risky:
            words = _(
                "%(count)s pictures: %(models)s is known to lose some of so many. Three to five work best."
            )
        elif weak:
            words = _("%(count)s pictures: %(models)s may weaken some of them. Three to five work best.")
        else:
            return []
        return [words % {"count": count, "models": ", ".join(risky or weak)}]

    def _about_mask(self) -> list[str]:
        if not self.mask or self.mask_fits:
            return []
        return [self.why_mask_does_not_fit]

    @property
    def why_mask_does_not_fit(self) -> str:
        tile = self.masked_tile
        words = _(
            "The mask belongs to image %(number)s, and only image 1 can have one. "
            "Move it first, or take the mask off."
        )
        return words % {"number": tile.number if tile else "?"}


def _facts(upload: Upload) -> PictureFacts:
    return PictureFacts(upload.sent_format, upload.sent_byte_size, upload.sent_width, upload.sent_height)


def read_tray(
    workspace: Workspace,
    value: Callable[[str], str],
    values: Callable[[str], list[str]],
    pinned: Upload | None = None,
) -> Tray:
    """The tray of a form, by its fields; what the workspace does not have is left out."""
    wanted = [int(raw) for raw in values(REFERENCES) if _is_id(raw)]
    known = Upload.objects.of(workspace).in_bulk(list(dict.fromkeys(wanted))[: 4 * MOST]) if wanted else {}
    raw_mask = value(MASK)
    mask = None
    if (known or pinned) and _is_id(raw_mask):
        mask = Mask.objects.filter(workspace=workspace, pk=int(raw_mask)).select_related("upload").first()
    notes = {pk: value(note_name(pk)).strip()[:LONGEST_NOTE] for pk in known}
    tray = Tray(mask=mask, follows=bool(value(FOLLOW)), pinned=pinned)
    return tray.ordered((known[pk], notes[pk]) for pk in wanted if pk in known)


def _is_id(raw: str) -> bool:
    return raw.isascii() and raw.isdigit() and len(raw) < 19


def tray_fields(tray: Tray) -> dict[str, Any]:
    """The fields that hold this tray in a form."""
    return {
        REFERENCES: [str(tile.upload.pk) for tile in tray.tiles],
        MASK: str(tray.mask.pk) if tray.mask else "",
        FOLLOW: "on" if tray.follows else "",
    } | {tile.note_name: tile.note for tile in tray.tiles}
