"""Prompts against each other: each once, and in all but the first the words that differ from it.

Words are compared as words, Chinese, Japanese and Korean by the sign.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

SAME, ADDED, GONE = "same", "added", "gone"
# Comparing takes as long as the one times the other: of what is longer only the ends that are equal are told.
MOST_WORK = 4_000_000
ANOTHER = 0.4  # of the longer one must be the same, or it is another prompt
_WORDS = re.compile(
    r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\s+|."
)


@dataclass(frozen=True)
class Piece:
    text: str
    kind: str  # same, added or gone, against the first prompt


@dataclass(frozen=True)
class Said:
    """A prompt, and the pictures that it was said for, by their labels."""

    labels: Sequence[str]
    prompt: str
    pieces: Sequence[Piece]
    is_another: bool = False  # so little is the same that pieces would only be noise

    @property
    def names(self) -> str:
        return ", ".join(self.labels)


def said_of(prompts: Iterable[tuple[str, str]]) -> list[Said]:
    """From labels and their prompts, in order."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for label, prompt in prompts:
        labels[prompt].append(label)
    first = next(iter(labels), "")
    return [_said(names, first, prompt) for prompt, names in labels.items()]


def _said(labels: Sequence[str], first: str, prompt: str) -> Said:
    pieces = pieces_between(first, prompt)
    same = sum(len(piece.text.strip()) for piece in pieces if piece.kind == SAME)
    if same < ANOTHER * max(len(first), len(prompt)):
        return Said(labels, prompt, [Piece(prompt, SAME)], is_another=True)
    return Said(labels, prompt, pieces)


def pieces_between(before: str, after: str) -> list[Piece]:
    """What is the same in both, what `after` lacks and what it adds, in reading order."""
    steps = groupby(_steps(_WORDS.findall(before), _WORDS.findall(after)), key=lambda step: step[0])
    return [Piece("".join(text for _, text in group), kind) for kind, group in steps]


def _steps(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    start = _equal_from_the_start(before, after)
    end = _equal_from_the_start(before[start:][::-1], after[start:][::-1])
    one, other = before[start : len(before) - end], after[start : len(after) - end]
    yield from ((SAME, word) for word in before[:start])
    for kind, i, j, k, m in _changes(one, other):
        if kind == "equal":
            yield from ((SAME, word) for word in one[i:j])
            continue
        yield from ((GONE, word) for word in one[i:j])
        yield from ((ADDED, word) for word in other[k:m])
    yield from ((SAME, word) for word in before[len(before) - end :])


def _changes(one: list[str], other: list[str]) -> list[tuple[str, int, int, int, int]]:
    if len(one) * len(other) > MOST_WORK:
        return [("replace", 0, len(one), 0, len(other))]
    return [*SequenceMatcher(None, one, other, autojunk=False).get_opcodes()]


def _equal_from_the_start(one: list[str], other: list[str]) -> int:
    for at, (word, its) in enumerate(zip(one, other, strict=False)):
        if word != its:
            return at
    return min(len(one), len(other))
