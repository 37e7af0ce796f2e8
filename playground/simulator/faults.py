"""Which faults hold for a call: those in its prompt, and those armed from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from playground.simulator import directives
from playground.simulator.directives import Directive


@dataclass
class Armed:
    """A fault for calls of any prompt: the next `left` of them, or all; of one model, or all."""

    directive: Directive
    left: int | None
    model: str | None

    def hits(self, model_id: str, chance: Random) -> bool:
        if self.left == 0 or self.model not in (None, model_id):
            return False
        if chance.random() >= self.directive.rate:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """Counts how often a directive has held, so that `x2` is over after two sends of that prompt to that model."""

    def __init__(self, always: Iterable[str], chance: Random) -> None:
        self._always = tuple(always)
        self._chance = chance
        self.reset()

    def reset(self) -> None:
        """Forget counts and faults armed later; those given at the start hold anew."""
        self._sent: Counter[tuple[str, str, int]] = Counter()
        self._armed: list[Armed] = []
        for text in self._always:
            self.arm(text)

    def arm(self, text: str, *, count: int | None = None, model: str | None = None) -> None:
        """Arm one directive; raises UnknownDirectiveError."""
        directive = directives.parse(text)
        self._armed.append(Armed(directive, directive.times if count is None else count, model))

    def due(self, model_id: str, prompt: str) -> tuple[tuple[Directive, ...], tuple[str, ...]]:
        """The directives that hold for this send, and what was not understood."""
        written, unknown = directives.in_prompt(prompt)
        holding = [d for place, d in enumerate(written) if self._still(model_id, prompt, place, d)]
        holding += [armed.directive for armed in self._armed if armed.hits(model_id, self._chance)]
        self._armed = [armed for armed in self._armed if armed.left != 0]
        return tuple(holding), unknown

    def _still(self, model_id: str, prompt: str, place: int, directive: Directive) -> bool:
        if self._chance.random() >= directive.rate:
            return False
        if directive.times is None:
            return True
        self._sent[model_id, prompt, place] += 1
        return self._sent[model_id, prompt, place] <= directive.times
