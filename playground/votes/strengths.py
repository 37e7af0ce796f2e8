"""How strong each model is, from how often it was chosen: Bradley and Terry's model, fitted. No Django, no I/O.

    groups = fit([Contest(("a", "b"), {"a": 7, "b": 3}, ties=2), Contest(("a", "b", "c"), {"c": 4})])

A choice among several is Luce's: the chance to be chosen goes by exp(strength), which for two is Bradley and Terry's.
Two that were called equal are Davidson's tie. Every model also gets half a vote for it and half a vote against it,
over an imagined one of average strength: so one that never lost is strong, and not infinitely so.
docs/decisions/who-wins.md says why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, inf, log, sqrt

from playground.votes.matrices import Matrix, inverse, solved

Z = 1.959964  # 95 % of a normal distribution lie within so many standard errors
IMAGINED = 0.5  # votes each way
_TIE_PULL = 0.25  # the information of a prior that keeps the chance of a tie finite where all are ties
_STEPS, _CLOSE = 60, 1e-9

# What can come of a ballot, as weights of the unknowns whose sum is its logarithmic chance; and how often it came.
Outcome = tuple[dict[int, float], float]


@dataclass(frozen=True)
class Contest:
    """The votes in which these models, and no others, stood against each other."""

    models: tuple[str, ...]
    chosen: Mapping[str, float] = field(default_factory=dict)
    ties: float = 0

    @property
    def votes(self) -> float:
        return sum(self.chosen.values()) + self.ties


@dataclass(frozen=True)
class Strength:
    """A model's strength against the average of its group, in logarithmic odds, and its standard error.

    How strong one is that has never lost, the votes can't say: its interval has no upper end, just as that of one that
    has never won has no lower.
    """

    model: str
    value: float
    error: float
    has_lost: bool = True
    has_won: bool = True

    @property
    def low(self) -> float:
        return self.value - Z * self.error if self.has_won else -inf

    @property
    def high(self) -> float:
        return self.value + Z * self.error if self.has_lost else inf

    @property
    def chances(self) -> tuple[float, float, float]:
        """The chance to win against an average one of the group, and the ends of its interval."""
        return chance(self.value), chance(self.low), chance(self.high)


@dataclass(frozen=True)
class Group:
    """Models that were compared with each other, at least by way of others; the strongest first."""

    strengths: Sequence[Strength]
    votes: float

    @cached_property
    def winner(self) -> Strength | None:
        """The one whose interval lies above all others."""
        best, *others = self.strengths
        return best if all(best.low > other.high for other in others) else None

    @property
    def more_votes(self) -> int | None:
        """About how many more would tell the best one from the others, as things stand; None: no end in sight."""
        best, *others = self.strengths
        factor = max((_votes_factor(best, other) for other in others), default=1.0)
        return None if factor > 1e6 else max(1, round(self.votes * (factor - 1)))


def _votes_factor(best: Strength, other: Strength) -> float:
    """How many times as many votes there should be: errors fall with the root of their number."""
    gap = best.value - other.value
    return (Z * (best.error + other.error) / gap) ** 2 if gap > 1e-6 else inf


def chance(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -700 else 0.0


def fit(contests: Sequence[Contest]) -> list[Group]:
    """The groups of models that can be compared, the one with the most votes first."""
    asked = [contest for contest in contests if contest.votes > 0]
    groups = [_fit_group(models, asked) for models in _connected(asked)]
    return sorted(groups, key=lambda group: -group.votes)


def _connected(contests: Sequence[Contest]) -> list[set[str]]:
    found: list[set[str]] = []
    for contest in contests:
        together = set(contest.models).union(*(one for one in found if not one.isdisjoint(contest.models)))
        found = [one for one in found if one.isdisjoint(contest.models)] + [together]
    return found


def _fit_group(models: set[str], contests: Sequence[Contest]) -> Group:
    names = sorted(models)
    place = {name: number for number, name in enumerate(names)}
    inside = [contest for contest in contests if contest.models[0] in models]
    has_ties = any(contest.ties for contest in inside)
    ballots = [_outcomes(contest, place, has_ties) for contest in inside] + list(_imagined(len(names)))
    values, information = _climb(ballots, len(names) + has_ties, pull=len(names) if has_ties else None)
    covariance = inverse(information)
    average = sum(values[: len(names)]) / len(names)
    found = [
        Strength(
            name,
            values[number] - average,
            sqrt(_variance(covariance, number, len(names))),
            *_has_lost_and_won(name, inside),
        )
        for name, number in place.items()
    ]
    strongest = sorted(found, key=lambda one: (-one.value, one.model))
    return Group(strongest, sum(contest.votes for contest in inside))


def _has_lost_and_won(name: str, contests: Sequence[Contest]) -> tuple[bool, bool]:
    mine = [contest for contest in contests if name in contest.models]
    won = [contest.chosen.get(name, 0) for contest in mine]
    lost = [contest.votes - each for contest, each in zip(mine, won, strict=True)]
    return any(lost), any(won) or any(contest.ties for contest in mine)


def _outcomes(contest: Contest, place: Mapping[str, int], has_ties: bool) -> list[Outcome]:
    outcomes: list[Outcome] = [({place[name]: 1.0}, contest.chosen.get(name, 0)) for name in contest.models]
    if has_ties and len(contest.models) == 2:
        one, other = (place[name] for name in contest.models)
        outcomes.append(({one: 0.5, other: 0.5, len(place): 1.0}, contest.ties))
    return outcomes


def _imagined(count: int) -> Iterator[list[Outcome]]:
    for number in range(count):
        yield [({number: 1.0}, IMAGINED), ({}, IMAGINED)]


def _climb(ballots: Sequence[list[Outcome]], size: int, *, pull: int | None) -> tuple[list[float], Matrix]:
    """Where the chance of all that came is highest, and how sharply it falls there: Newton's steps, halved if too long.

    What is climbed is concave, so there is one top.
    """
    values = [0.0] * size
    height = _height(ballots, values, pull)
    for _step in range(_STEPS):
        slope, information = _derivatives(ballots, values, pull)
        step = solved(information, slope)
        share = 1.0
        while share > 1e-6:
            tried = [value + share * move for value, move in zip(values, step, strict=True)]
            if (higher := _height(ballots, tried, pull)) >= height:
                values, height = tried, higher
                break
            share /= 2
        if max(map(abs, step)) < _CLOSE or share <= 1e-6:
            break
    return values, _derivatives(ballots, values, pull)[1]


def _scores(outcomes: Sequence[Outcome], values: Sequence[float]) -> list[float]:
    return [
        sum(weight * values[number] for number, weight in weights.items()) for weights, _count in outcomes
    ]


def _height(ballots: Sequence[list[Outcome]], values: Sequence[float], pull: int | None) -> float:
    height = -_TIE_PULL / 2 * values[pull] ** 2 if pull is not None else 0.0
    for outcomes in ballots:
        scores = _scores(outcomes, values)
        top = max(scores)
        whole = top + log(sum(exp(score - top) for score in scores))
        height += sum(
            count * (score - whole) for score, (_weights, count) in zip(scores, outcomes, strict=True)
        )
    return height


def _derivatives(
    ballots: Sequence[list[Outcome]], values: Sequence[float], pull: int | None
) -> tuple[list[float], Matrix]:
    """What came less what was to be expected, and Fisher's information."""
    slope = [0.0] * len(values)
    information = [[0.0] * len(values) for _value in values]
    if pull is not None:
        slope[pull] -= _TIE_PULL * values[pull]
        information[pull][pull] += _TIE_PULL
    for outcomes in ballots:
        _add(outcomes, values, slope, information)
    return slope, information


def _add(
    outcomes: Sequence[Outcome], values: Sequence[float], slope: list[float], information: Matrix
) -> None:
    scores = _scores(outcomes, values)
    top = max(scores)
    weights = [exp(score - top) for score in scores]
    whole, votes = sum(weights), sum(count for _weights, count in outcomes)
    expected: dict[int, float] = {}
    for (parts, count), weight in zip(outcomes, weights, strict=True):
        for number, part in parts.items():
            slope[number] += count * part
            expected[number] = expected.get(number, 0.0) + weight / whole * part
            for other, other_part in parts.items():
                information[number][other] += votes * weight / whole * part * other_part
    for number, mean in expected.items():
        slope[number] -= votes * mean
        for other, other_mean in expected.items():
            information[number][other] -= votes * mean * other_mean


def _variance(covariance: Matrix, number: int, count: int) -> float:
    """Of one unknown less the average of the first `count`."""
    weights = [(1.0 if other == number else 0.0) - 1 / count for other in range(count)]
    spread = [sum(w * v for w, v in zip(weights, row, strict=False)) for row in covariance[:count]]
    return max(sum(w * v for w, v in zip(weights, spread, strict=True)), 0.0)
