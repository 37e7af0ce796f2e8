"""Pictures of a drawing that is not finished: kept as they come, because they were paid for and a stream may break."""

import os
from dataclasses import asdict, dataclass
from typing import Any

from playground.gateway import Partial
from playground.runs import states, storage
from playground.runs.models import Attempt
from playground.runs.thumbnails import make_thumbnails
from playground.runs.turns import turn


@dataclass(frozen=True)
class Preview:
    """What is remembered of one: its number from 0, its bytes by their SHA-256, pixels, and the small versions."""

    index: int
    sha256: str
    format: str
    width: int
    height: int
    widths: tuple[int, ...]

    @property
    def name(self) -> str:
        """Where its bytes are kept."""
        return storage.original_name(self.sha256, self.format)

    @property
    def thumbnail(self) -> str:
        """The largest small version."""
        return storage.thumbnail_name(self.sha256, max(self.widths))

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Preview":
        return cls(**record | {"widths": tuple(record["widths"])})


def keep(attempt: Attempt, partial: Partial) -> None:
    """Keep a preview and let pages show it. The gateway's own file stays where it is."""
    picture, workbench = partial.picture, storage.incoming(attempt.pk)
    copy = workbench / f"preview-{partial.index}"
    copy.unlink(missing_ok=True)
    os.link(picture.path, copy)
    made = make_thumbnails(picture.path, picture.sha256, workbench)
    storage.keep(copy, storage.original_name(picture.sha256, picture.format))
    preview = Preview(
        partial.index, picture.sha256, picture.format, picture.width, picture.height, made.widths
    )
    with turn():
        states.note_preview(attempt, asdict(preview))
