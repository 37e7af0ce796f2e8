"""The call log: what was received, what was billed, and what became of it.

Pictures are in it as sizes and SHA-256, never as bytes, and keys as their last four characters. A call is billed
from the moment drawing starts, also when its client has gone by the time it ends:
that is how the provider charges. Refusals are logged and free.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

KEPT = 20_000
LONGEST_LOGGED_TEXT, LONGEST_LOGGED_PROMPT = 2_000, 32_000
Facts = dict[str, object]
# Pictures in texts: data URLs, and base64 by itself.
_PICTURE = re.compile(r"data:[\w/+.-]{0,80};base64,[A-Za-z0-9+/=_-]*|[A-Za-z0-9+/]{400,}={0,2}")


@dataclass
class Call:
    """One request that reached the API. `outcome` ends as answered, client-gone, broken or stopped.

    `references` counts the pictures sent along; `reference_files` and `mask_file` say what they were, in order
    (field, type, bytes, sha256, format, width, height). `messages` are those of a chat: role, text, pictures.
    `bytes_in` and `bytes_out` are those of the bodies, as far as they were read and written.
    `pictures` were drawn, `partials` sent before them, `downloads` counts how often its links were fetched."""

    id: int
    time: float
    method: str
    path: str
    request_id: str
    endpoint: str | None = None
    model: str | None = None
    prompt: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    key_ending: str | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    status: int | None = None
    billed: bool = False
    usd: Decimal = Decimal(0)
    pictures: int = 0
    partials: int = 0
    downloads: int = 0
    references: int = 0
    reference_files: list[Facts] = field(default_factory=list)
    mask_file: Facts | None = None
    messages: list[Facts] = field(default_factory=list)
    size: str | None = None
    seed: int | None = None
    drawing_seconds: float | None = None
    fault: str | None = None
    unknown_directives: tuple[str, ...] = ()
    error: str | None = None
    outcome: str = "in-flight"
    done: float | None = None

    def note(self, fields: Mapping[str, object], *, without: tuple[str, ...] = ()) -> None:
        """What was asked for, shortened now: the log outlives the request."""
        model, prompt = fields.get("model"), fields.get("prompt")
        self.model = model if isinstance(model, str) else None
        if isinstance(prompt, str):
            self.prompt = without_pictures(prompt[:LONGEST_LOGGED_PROMPT])
        kept = {name: value for name, value in fields.items() if name not in ("prompt", *without)}
        self.fields = {str(name): loggable(value) for name, value in kept.items()}

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = dict(vars(self))
        shown["usd"] = str(self.usd)
        shown["unknown_directives"] = list(self.unknown_directives)
        return shown


class CallLog:
    """Counts every call since the last reset and keeps the newest `KEPT` of them whole."""

    def __init__(self) -> None:
        self._next_id = 1
        self.reset()

    def reset(self) -> None:
        """Forget everything. Calls in flight end unseen."""
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()
        self._usd = Decimal(0)
        self._open: set[int] = set()

    def open(self, *, time: float, method: str, path: str, request_id: str) -> Call:
        """A new entry; only POSTs are counted and kept, for nothing else can cost."""
        if method != "POST":
            return Call(0, time, method, path, request_id)
        call = Call(self._next_id, time, method, path, request_id)
        self._next_id += 1
        self._calls.append(call)
        self._open.add(call.id)
        self._counts["total"] += 1
        return call

    def bill(self, call: Call, usd: Decimal) -> bool:
        """Charge a call, once; says whether this was that time."""
        if call.billed:
            return False
        call.billed, call.usd = True, usd
        if call.id in self._open:
            self._counts["billed"] += 1
            self._usd += usd
        return True

    def close(self, call: Call, *, time: float, outcome: str) -> None:
        call.outcome, call.done = outcome, time
        if call.id in self._open:
            self._open.discard(call.id)
            self._counts[outcome] += 1

    @property
    def in_flight(self) -> int:
        return len(self._open)

    def report(
        self, *, after: int = 0, limit: int | None = None, model: str | None = None
    ) -> dict[str, object]:
        """The whole log as JSON, oldest first; `after` and `limit` page through it."""
        wanted = [c for c in self._calls if c.id > after and (model is None or c.model == model)]
        return {
            "total": self._counts["total"],
            "billed": self._counts["billed"],
            "billed_usd": f"{self._usd:.6f}",
            "in_flight": self.in_flight,
            "client_gone": self._counts["client-gone"],
            "calls": [call.as_json() for call in (wanted if limit is None else wanted[:limit])],
        }


def loggable(value: object) -> object:
    """The value with its texts shortened and without pictures, however deep they lie."""
    if isinstance(value, str):
        text = without_pictures(value)
        return text if len(text) <= LONGEST_LOGGED_TEXT else text[:LONGEST_LOGGED_TEXT] + "…"
    if isinstance(value, Mapping):
        return {str(name): loggable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [loggable(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def without_pictures(text: str) -> str:
    """The text with the SHA-256 of its characters in the place of each picture written into it."""
    return _PICTURE.sub(_digest, text) if len(text) >= 400 or "base64," in text else text


def _digest(found: re.Match[str]) -> str:
    start, comma, data = found[0].rpartition(",")
    return f"{start}{comma}[{len(data)} characters, sha256 {hashlib.sha256(data.encode()).hexdigest()}]"
