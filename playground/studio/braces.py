"""The little language of prompts: `{red|blue}` is drawn with each, `{{colour}}` takes its words from a table.

    template = read("A {red|blue|} chair of {{material}}")
    template.groups           [("red", "blue", "")]
    template.variables        ["material"]
    template.fill((1,), {"material": "oak"})     "A blue chair of oak"

Alternatives may be empty and may hold others. Whatever is no group is a prompt like any other: a lone brace, `{a}`, or
`{{ 7 }}`, which is no name; `\\{`, `\\}` and `\\|` are the characters. What comes from the table is never read as
language. Nothing here raises, whatever was typed.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

DEEPEST = 3  # groups in groups; further in, braces are characters
MOST_SPELLED = 2_000  # alternatives of one group that are written out; one with more has too many anyway
_VARIABLE = re.compile(r"\{\{\s*([^\W\d_][\w .-]{0,39}?)\s*\}\}")
_ESCAPED = "{}|"


@dataclass(frozen=True)
class Variable:
    """A place that a row of the table fills."""

    name: str


@dataclass(frozen=True)
class Group:
    """`{a|b|c}`: one of these, each a sequence of pieces. `source` is how it was written."""

    alternatives: tuple["Pieces", ...]
    source: str

    @property
    def count(self) -> int:
        """How many there are at most, groups inside counted."""
        return sum(_count(each) for each in self.alternatives)

    @cached_property
    def choices(self) -> tuple["Pieces", ...]:
        """Each once, without groups inside, in the order in which they are written; none where they are too many."""
        if self.count > MOST_SPELLED:
            return ()
        flat = (one for each in self.alternatives for one in _flat(each))
        return tuple(dict.fromkeys(flat))


Piece = str | Variable | Group
Pieces = tuple[Piece, ...]


def _count(pieces: Pieces) -> int:
    return prod(piece.count for piece in pieces if isinstance(piece, Group))


def _flat(pieces: Pieces) -> Iterator[Pieces]:
    """Every way through the groups of these pieces."""
    ways = [piece.choices if isinstance(piece, Group) else ((piece,),) for piece in pieces]
    for way in itertools.product(*ways):
        yield _joined(piece for part in way for piece in part)


def _joined(pieces: Iterator[Piece]) -> Pieces:
    """The same with neighbouring words as one, so that what reads alike is alike."""
    parts: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and parts and isinstance(parts[-1], str):
            parts[-1] += piece
        elif piece != "":
            parts.append(piece)
    return tuple(parts)


def spelled(pieces: Pieces, row: Mapping[str, str]) -> str:
    """Pieces without groups as words; a variable that the row lacks stays as it was written."""
    return "".join(
        row.get(piece.name, f"{{{{{piece.name}}}}}") if isinstance(piece, Variable) else str(piece)
        for piece in pieces
    )


@dataclass(frozen=True)
class Template:
    """A prompt that was read."""

    pieces: Pieces

    @cached_property
    def _groups(self) -> list[Group]:
        return [piece for piece in self.pieces if isinstance(piece, Group)]

    @property
    def sources(self) -> list[str]:
        """Each group as it was written."""
        return [group.source for group in self._groups]

    @property
    def choices(self) -> list[tuple[Pieces, ...]]:
        """What each group can be."""
        return [group.choices for group in self._groups]

    @property
    def counts(self) -> list[int]:
        """How many that are, for each group; also of one with too many to write out."""
        return [len(group.choices) or group.count for group in self._groups]

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """The same in words, as a heading says them."""
        return [tuple(spelled(each, {}) for each in choices) for choices in self.choices]

    @property
    def variables(self) -> list[str]:
        """The names that it takes from a table, each once."""
        return list(dict.fromkeys(_names(self.pieces)))

    @property
    def is_many(self) -> bool:
        """Whether it says more than one prompt."""
        return any(isinstance(piece, Group | Variable) for piece in self.pieces)

    def fill(self, chosen: Sequence[int], row: Mapping[str, str]) -> str:
        """The prompt with this alternative of each group, and the words of this row."""
        numbers = iter(chosen)
        parts = (
            spelled(piece.choices[next(numbers)], row) if isinstance(piece, Group) else spelled((piece,), row)
            for piece in self.pieces
        )
        return "".join(parts)


def _names(pieces: Pieces) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Variable):
            yield piece.name
        elif isinstance(piece, Group):
            for each in piece.alternatives:
                yield from _names(each)


def read(prompt: str) -> Template:
    """What the prompt says."""
    return Template(_read(prompt, 0))


def escape(words: str) -> str:
    """These very words as a prompt in this language: unchanged unless some of them would be read as language."""
    if read(words).pieces in ((words,), ()):
        return words
    return re.sub(r"[{}|]", lambda found: "\\" + found[0], words)


def plain(prompt: str) -> str:
    """The words of a prompt that says only one."""
    return read(prompt).fill((), {})


def _read(text: str, depth: int) -> Pieces:
    """The pieces of a text that lies in so many groups."""
    ends = _ends(text) if depth < DEEPEST else {}
    found: list[Piece] = []
    at = 0
    while at < len(text):
        if _is_escaped(text, at):
            found.append(text[at + 1])
            at += 2
        elif text.startswith("{{", at) and (variable := _VARIABLE.match(text, at)):
            found.append(Variable(variable[1]))
            at = variable.end()
        elif text[at] == "{" and (parts := _parts(text, at, ends.get(at))):
            end = ends[at]
            found.append(Group(tuple(_read(part, depth + 1) for part in parts), text[at : end + 1]))
            at = end + 1
        else:
            found.append(text[at])
            at += 1
    return _joined(iter(found))


def _is_escaped(text: str, at: int) -> bool:
    return text[at] == "\\" and text[at + 1 : at + 2] != "" and text[at + 1] in _ESCAPED


def _ends(text: str) -> dict[int, int]:
    """Where each brace that has a partner ends; a variable's braces are none."""
    ends: dict[int, int] = {}
    open_: list[int] = []
    at = 0
    while at < len(text):
        if _is_escaped(text, at):
            at += 2
            continue
        if text.startswith("{{", at) and (variable := _VARIABLE.match(text, at)):
            at = variable.end()
            continue
        if text[at] == "{":
            open_.append(at)
        elif text[at] == "}" and open_:
            ends[open_.pop()] = at
        at += 1
    return ends


def _parts(text: str, start: int, end: int | None) -> list[str]:
    """The alternatives of the group between these braces; none where there is but one, and so no group."""
    if end is None:
        return []
    parts, since, depth, at = list[str](), start + 1, 0, start + 1
    while at < end:
        if _is_escaped(text, at):
            at += 2
            continue
        if text[at] in "{}":
            depth += 1 if text[at] == "{" else -1
        elif text[at] == "|" and depth == 0:
            parts.append(text[since:at])
            since = at + 1
        at += 1
    return [*parts, text[since:end]] if parts else []
