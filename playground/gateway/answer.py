"""What one call brought back, whatever shape it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Timings:
    """Seconds since the call began. None: that point was not reached.

    `connect_seconds` includes the TLS handshake. `done_seconds` is the provider's last
    byte (of the answer, or of the picture link when there is one).
    """

    connect_seconds: float | None = None
    first_byte_seconds: float | None = None
    done_seconds: float | None = None


@dataclass(frozen=True)
class Picture:
    """One picture in a file: the provider's bytes, untouched. Format and size are read from those bytes.

    `link` is where the provider has it for a while, empty where it came by itself: who has the link has the picture.
    """

    path: Path
    sha256: str
    byte_size: int
    format: str  # "png", "jpeg" or "webp"
    width: int
    height: int
    has_alpha: bool
    link: str = field(default="", repr=False)


@dataclass(frozen=True)
class Partial:
    """A preview that has just come: its number, from 0, and its file. Who wants to keep the file copies it."""

    index: int
    picture: Picture

    @property
    def path(self) -> Path:
        return self.picture.path


@dataclass(frozen=True)
class Answer:
    """A call that brought at least one picture, or words instead (`is_words`): an answer as well, and billed.

    `usage` is the provider's usage object, whole numbers only. `reported` is what the answer claims about
    itself (size, quality, output_format ...): believe the picture instead. `text` is what the model
    said, with its line ends. `unfetched_links` are further pictures whose links could not be fetched;
    `Gateway.fetch` may try again. `partials` are the previews that came before the picture.
    `headers` are those of the answer that help a provider's support.
    """

    pictures: tuple[Picture, ...]
    status: int
    timings: Timings
    bytes_received: int
    usage: Mapping[str, object] | None = None
    request_id: str | None = None
    text: str | None = None
    reported: Mapping[str, str] = field(default_factory=dict)
    unfetched_links: tuple[str, ...] = ()
    partials: tuple[Picture, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_words(self) -> bool:
        """The model talked instead of drawing."""
        return not self.pictures
