"""A robot that votes by strengths that only it knows: Bradley and Terry's, with Davidson's ties."""

from __future__ import annotations

from collections import Counter
from math import exp, sqrt
from random import Random

from playground.votes.strengths import Contest


class Robot:
    """Strengths in logarithmic odds, their average 0. `ties`: how readily it calls two equal (0: never)."""

    def __init__(
        self, seed: int, *strengths: float, models: int = 0, spread: float = 1.0, ties: float = 0.0
    ) -> None:
        self.chance = Random(seed)
        found = list(strengths) or [self.chance.gauss(0, spread) for _number in range(models)]
        average = sum(found) / len(found)
        self.truth = {f"m{number}": value - average for number, value in enumerate(found)}
        self.ties = ties

    def chosen(self, models: tuple[str, ...]) -> str:
        """One of them, or "tie"."""
        answers, weights = list(models), [exp(self.truth[model]) for model in models]
        if len(models) == 2 and self.ties:
            answers.append("tie")
            weights.append(self.ties * sqrt(weights[0] * weights[1]))
        return self.chance.choices(answers, weights)[0]

    def votes(self, count: int, at_once: int = 2) -> list[Contest]:
        """So many votes, over models drawn by lot."""
        lineups = [tuple(sorted(self.chance.sample(sorted(self.truth), at_once))) for _vote in range(count)]
        counted = Counter((models, self.chosen(models)) for models in lineups)
        return [
            Contest(
                models,
                {
                    each: count
                    for (lineup, each), count in counted.items()
                    if lineup == models and each != "tie"
                },
                counted[models, "tie"],
            )
            for models in sorted(set(lineups))
        ]
