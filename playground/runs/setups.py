"""What somebody asked for, as a document that travels: in a picture, a file or a link, and back into the composer.

    {"darkroom": 1, "prompt": "...", "mode": "edit", "label": "214B",
     "targets": [{"model": "gpt-image-2", "parameters": {"size": "1024x1024"}, "variants": 2, "endpoint": "edits"}],
     "references": [{"sha256": "...", "name": "tin.png", "note": "the tin"}], "mask": {"sha256": "..."}}

Pictures are named by their bytes, and none is in it. It knows no key, no connection and no address. Opening one
fills a form: nothing is sent.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog import Endpoint, Value
from playground.runs.models import Generation, Run

VERSION = 1
SUFFIX = ".darkroom.json"
MOST_BYTES = 200_000
LONGEST_TOKEN = 7_000  # with it an address stays below the 8 kB that servers on the way take
LONGEST_PROMPT, LONGEST_NAME, LONGEST_VALUE = 64_000, 200, 400
MOST_TARGETS, MOST_PARAMETERS, MOST_VARIANTS, MOST_REFERENCES = 26, 40, 8, 16
MODES = tuple(mode.value for mode in Run.Mode if mode is not Run.Mode.DOCTOR)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SetupError(ValueError):
    """It is no set-up that can be read here; the text is a sentence for a person."""


@dataclass(frozen=True)
class Aim:
    """A model, its settings, and how many pictures of it. `endpoint`: which call it was; empty for the usual one."""

    model: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    variants: int = 1
    endpoint: str = ""


@dataclass(frozen=True)
class Named:
    """A picture that went along, by the SHA-256 of its bytes."""

    sha256: str
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Setup:
    """A set-up. `label` says which frame or run it was; `mask` is the SHA-256 of image 1's mask, or empty."""

    prompt: str
    targets: tuple[Aim, ...] = ()
    references: tuple[Named, ...] = ()
    mask: str = ""
    mode: str = "text"
    label: str = ""

    @classmethod
    def of(cls, asked: Run | Generation) -> "Setup":
        """Of one frame, or of a run as it was asked for: without what was sent again or once more."""
        if isinstance(asked, Generation):
            run, prompt, targets, label = asked.run, words_of(asked), [_aim(asked)], asked.label
        else:
            run, prompt, targets, label = asked, asked.prompt, _aims(asked), str(asked.number)
        references = tuple(
            Named(each.upload.sha256, each.upload.name, each.note) for each in run.references.all()
        )
        mode = run.mode if run.mode in MODES else "edit" if references else "text"
        mask = run.mask.sha256 if run.mask else ""
        return cls(prompt, tuple(targets), references, mask, mode, label)

    @classmethod
    def read(cls, text: str | bytes) -> "Setup":
        """From its JSON. Raises SetupError; what this catalog does not know is kept, for others to speak of."""
        return _Reader(_document(text)).setup()

    @classmethod
    def of_token(cls, token: str) -> "Setup":
        """From what an address carries. Raises SetupError."""
        if len(token) > LONGEST_TOKEN:
            raise SetupError(_("The link is too long to be a set-up. Ask for it as a file."))
        try:
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise SetupError(_("The link is damaged: a part of it is missing. Copy it again.")) from None
        return cls.read(text)

    def as_dict(self) -> dict[str, Any]:
        """The document, without what is empty."""
        targets = [{name: value for name, value in asdict(each).items() if value} for each in self.targets]
        references = [
            {name: value for name, value in asdict(each).items() if value} for each in self.references
        ]
        rest = {"label": self.label, "references": references}
        mask = {"mask": {"sha256": self.mask}} if self.mask else {}
        document = {"darkroom": VERSION, "prompt": self.prompt, "mode": self.mode, "targets": targets}
        return document | {name: value for name, value in rest.items() if value} | mask

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"))

    @property
    def query(self) -> str:
        """What makes the studio's address one that opens it: `?setup=...`; empty where it does not fit into one."""
        token = base64.urlsafe_b64encode(self.to_json().encode()).decode().rstrip("=")
        return f"?setup={token}" if len(token) <= LONGEST_TOKEN else ""

    @property
    def file_name(self) -> str:
        return f"{self.label or 'set-up'}{SUFFIX}"


def words_of(generation: Generation) -> str:
    """What a person wrote for this picture; nothing that was added on the way."""
    return generation.wish


def _aim(generation: Generation, variants: int = 1) -> Aim:
    return Aim(generation.model_id, generation.parameters, variants, generation.endpoint)


def _aims(run: Run) -> list[Aim]:
    """One for each letter; a frame that was asked for later is none of the set-up."""
    letters: dict[str, list[Generation]] = {}
    for each in sorted(run.generations.all(), key=lambda one: one.position):
        if each.retry_of_id is None and each.submission_key is None:
            letters.setdefault(each.letter, []).append(each)
    return [_aim(frames[0], min(len(frames), MOST_VARIANTS)) for frames in letters.values()]


# -- Reading: everything in it may be anything ----------------------------------------------------------------------


def _document(text: str | bytes) -> Any:
    """The JSON of at most so many bytes."""
    if len(text) > MOST_BYTES:
        raise SetupError(_("This is too large to be a set-up."))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SetupError(_("This is no set-up: it can’t be read as JSON.")) from None


class _Reader:
    """Takes a document apart; `_wrong` names the part that is not as it must be."""

    def __init__(self, document: Any) -> None:
        version = document.get("darkroom") if isinstance(document, dict) else None
        if type(version) is not int or version < 1:
            raise SetupError(_("This is no set-up of Darkroom."))
        if version > VERSION:
            raise SetupError(
                _("This set-up was written by a newer Darkroom. Bring this one up to date first.")
            )
        self.document = document

    def setup(self) -> Setup:
        known = {"darkroom", "prompt", "mode", "label", "targets", "references", "mask"}
        if strange := set(self.document) - known:
            raise _wrong(min(strange))
        mode = self.document.get("mode", "text")
        if mode not in MODES:
            raise _wrong("mode")
        return Setup(
            prompt=_words(self.document, "prompt", LONGEST_PROMPT),
            targets=tuple(self._each("targets", MOST_TARGETS, _read_aim)),
            references=tuple(self._each("references", MOST_REFERENCES, _read_named)),
            mask=_sha256("mask", self.document["mask"]) if self.document.get("mask") else "",
            mode=mode,
            label=_words(self.document, "label", LONGEST_NAME),
        )

    def _each(self, name: str, most: int, read: Callable[[Any], Any]) -> Iterable[Any]:
        rows = self.document.get(name, [])
        if not isinstance(rows, list) or len(rows) > most or not all(isinstance(row, dict) for row in rows):
            raise _wrong(name)
        return map(read, rows)


def _read_aim(row: dict[str, Any]) -> Aim:
    model, variants = _words(row, "model", LONGEST_NAME), row.get("variants", 1)
    if not model:
        raise _wrong("model")
    if type(variants) is not int or not 1 <= variants <= MOST_VARIANTS:
        raise _wrong("variants")
    endpoint = row.get("endpoint", "")
    if endpoint not in ("", *(each.value for each in Endpoint)):
        raise _wrong("endpoint")
    return Aim(model, _read_parameters(row.get("parameters", {})), variants, endpoint)


def _read_parameters(found: Any) -> dict[str, Value]:
    if not isinstance(found, dict) or len(found) > MOST_PARAMETERS:
        raise _wrong("parameters")
    if not all(0 < len(name) <= LONGEST_NAME and _is_clean(name) for name in found):
        raise _wrong("parameters")
    for name, value in found.items():
        if not _is_value(value):
            raise _wrong(name)
    return found


def _is_value(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and _is_clean(value)
    return isinstance(value, bool | int | float) and math.isfinite(value) and abs(value) < 10**9


def _read_named(row: dict[str, Any]) -> Named:
    name, note = (_words(row, field, LONGEST_NAME) for field in ("name", "note"))
    return Named(_sha256("references", row), name, note)


def _sha256(name: str, row: Any) -> str:
    found = row.get("sha256") if isinstance(row, dict) else None
    if not isinstance(found, str) or not _SHA256.fullmatch(found):
        raise _wrong(name)
    return found


def _words(row: Mapping[str, Any], name: str, most: int) -> str:
    found = row.get(name, "")
    if not isinstance(found, str) or len(found) > most or not _is_clean(found):
        raise _wrong(name)
    return found


def _is_clean(text: str) -> bool:
    """Whether it can be kept and sent: no zero byte, and no half of a character (JSON may name one)."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _wrong(name: str) -> SetupError:
    return SetupError(
        _("This set-up can’t be read: “%(name)s” in it is not as it must be.") % {"name": name[:60]}
    )
