"""What files are called in an archive: by somebody's pattern, but a name of ours, safe on every disk, and each once."""

import re
import unicodedata
from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _

from playground.runs.models import Output
from playground.runs.setups import words_of

USUAL = "{label}_{model}_{size}"
LONGEST_PATTERN, LONGEST_NAME, LONGEST_WORDS = 120, 120, 40
FIELDS: dict[str, Callable[[Output], str]] = {
    "label": lambda output: output.generation.label,
    "run": lambda output: str(output.generation.run.number),
    "model": lambda output: output.generation.model_id,
    "size": lambda output: str(output.size),
    "date": lambda output: f"{timezone.localtime(output.created_at):%Y-%m-%d}",
    "time": lambda output: f"{timezone.localtime(output.created_at):%H%M%S}",
    "prompt": lambda output: words_of(output.generation)[:LONGEST_WORDS],
    "id": lambda output: output.sha256[:8],
}
_FIELD = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^\w.\- ]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d|manifest)(\..*)?")
SUFFIXES = {"jpeg": "jpg"}


def why_not(pattern: str) -> str:
    """What is wrong with a pattern, in a sentence; empty where it can be used."""
    unknown = [name for name in _FIELD.findall(pattern) if name not in FIELDS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        return _("{%(name)s} is not known here. Known are: %(known)s.") % {"name": unknown[0], "known": known}
    if set("{}") & set(_FIELD.sub("", pattern)):
        return _("A brace stands alone: write a field as {label}.")
    return ""


class Names:
    """Gives names out, each once: what would be there already gets a number. Case makes no other name."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern or USUAL
        self.given: set[str] = set()

    def of(self, output: Output, picture_format: str) -> str:
        said = _FIELD.sub(lambda found: FIELDS[found[1]](output), self.pattern)
        stem, suffix = safe(said) or output.generation.label, SUFFIXES.get(picture_format, picture_format)
        name, number = f"{stem}.{suffix}", 1
        while name.casefold() in self.given:
            number += 1
            name = f"{stem}-{number}.{suffix}"
        self.given.add(name.casefold())
        return name


def safe(said: str) -> str:
    """Letters, digits, spaces, dots and dashes: nothing that a disk or a shell could take for a path."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", said))[:LONGEST_NAME]
    name = re.sub(r"[\s_]*\s[\s_]*", " ", name).strip(" ._-")
    return f"{name}_" if _RESERVED.fullmatch(name) else name
