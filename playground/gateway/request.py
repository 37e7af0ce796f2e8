"""What is asked of a provider, and the call that says it. Types alone: `wires.build` makes one of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from playground.catalog import Endpoint, Model

Value = str | int | bool


@dataclass(frozen=True)
class Connection:
    """A way to a provider: addresses in order of preference, and the key for them.

    `trusted_hosts` are "host:port" (port always given) whose picture links may be fetched although they are
    private, such as the simulator's "127.0.0.1:8001".
    """

    name: str
    base_urls: tuple[str, ...]
    key: str = field(repr=False)
    trusted_hosts: frozenset[str] = frozenset()
    is_simulator: bool = False
    price_multiplier: Decimal = Decimal(1)


@dataclass(frozen=True)
class Attachment:
    """A picture file that goes along. It is read while it is sent, so it must stay as it is until then.

    `media_type` ("image/png", "image/jpeg", "image/webp") is what its owner believes; the bytes decide.
    """

    path: Path
    media_type: str


@dataclass(frozen=True)
class Message:
    """An earlier turn of a conversation: "user", "assistant" or "system".

    A picture that is a text is a link that still lives (a provider's links live about 24 hours).
    """

    role: str
    text: str
    pictures: tuple[Attachment | str, ...] = ()


@dataclass(frozen=True)
class ImageRequest:
    """One picture wanted from one model.

    `parameters` are wire names and values; "shape" ("16:9") becomes words at the start of the prompt where
    the model takes its size by words. `timeout_seconds` None means the catalog's. `references` are "image 1",
    "image 2" ... of the prompt; `mask` belongs to the first of them. `messages` are the turns before this
    prompt, oldest first: for chat alone.
    """

    model: Model
    endpoint: Endpoint
    prompt: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    timeout_seconds: float | None = None
    references: tuple[Attachment, ...] = ()
    mask: Attachment | None = None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Woven:
    """A text of a JSON body in which files stand as base64, such as a data URL. Read when it is sent."""

    parts: tuple[str | Attachment, ...]


@dataclass(frozen=True)
class FilePart:
    """One file of a form. `file_name` is ours: what a person called the file is nobody else's business."""

    name: str
    file_name: str
    attachment: Attachment


@dataclass(frozen=True)
class Call:
    """What goes over the wire, without address and key: a JSON body, or a form with files.

    `settings` are the names of the fields beside model, words and pictures; an error may name one of them.
    """

    method: str
    path: str
    json_body: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[FilePart, ...] = ()
    settings: frozenset[str] = field(default=frozenset(), compare=False)
