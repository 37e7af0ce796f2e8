"""Drawing up ballots: which pictures stand against each other, and in which order they are shown.

Each ballot holds one picture of each of its models, so that no model has more chances than another; what is simulated
never stands against what is not; and a picture that was made here, without a call, stands for no channel.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from random import Random, SystemRandom

from django.db import transaction

from playground.accounts.models import Workspace
from playground.gallery.facets import RATIO, facets_of
from playground.runs.models import Output, Run
from playground.runs.models.output import OutputQuerySet
from playground.votes.models import MOST, Ballot, Lineup, Place, Round

PICKED = 40  # pictures that may be chosen by hand
DRAWN = 40  # ballots of one round at most, for that many is an evening
_ORDERLY = 2000  # combinations of models that are gone through one by one


def pictures(workspace: Workspace) -> OutputQuerySet:
    """What can stand on a ballot: it came from a model, can be shown, and is not in the bin."""
    rows = Output.objects.of(workspace).kept().filter(made_from=None).exclude(thumbnails=[])
    return rows.select_related("generation__run")


def pictures_of(workspace: Workspace, run: Run) -> list[Output]:
    return list(pictures(workspace).filter(generation__run=run).order_by("pk"))


def picked(workspace: Workspace, ids: Sequence[int]) -> list[Output]:
    return list(pictures(workspace).filter(pk__in=ids[:PICKED]).order_by("pk"))


def model_count(outputs: Sequence[Output]) -> int:
    """How many models can stand against each other among these: the real ones or the simulated, whichever are more."""
    kinds = [{one.generation.model_id for one in part} for part in _parted(outputs, same_shape=False)]
    return max(map(len, kinds), default=0)


def lineups(
    outputs: Sequence[Output], at_once: int = 0, *, same_shape: bool = False, choose: Random | None = None
) -> list[tuple[Output, ...]]:
    """The ballots that these pictures make, each shuffled: every picture comes at least once, unless they are too many.

    `at_once` pictures on each, from 2 to 9; 0 is one of every model.
    """
    choose = choose or SystemRandom()
    found = {
        frozenset(one.pk for one in ballot): ballot
        for part in _parted(outputs, same_shape=same_shape)
        for ballot in _of_part(part, at_once, choose)
    }
    ballots = list(found.values())
    choose.shuffle(ballots)
    return ballots[:DRAWN]


def _parted(outputs: Sequence[Output], *, same_shape: bool) -> list[list[Output]]:
    """What may stand against each other, apart."""
    parts: dict[tuple[bool, str], list[Output]] = {}
    for one in outputs:
        shape = facets_of(one)[RATIO] if same_shape else ""
        parts.setdefault((one.generation.simulated, shape), []).append(one)
    return list(parts.values())


def _of_part(outputs: Sequence[Output], at_once: int, choose: Random) -> Iterator[tuple[Output, ...]]:
    piles: dict[str, list[Output]] = {}
    for one in outputs:
        piles.setdefault(one.generation.model_id, []).append(one)
    for pile in piles.values():
        choose.shuffle(pile)
    size = min(at_once or MOST, len(piles), MOST)
    for models in _combinations(sorted(piles), size, choose) if size > 1 else ():
        for turn in range(max(len(piles[model]) for model in models)):
            ballot = [piles[model][turn % len(piles[model])] for model in models]
            choose.shuffle(ballot)
            yield tuple(ballot)


def _combinations(models: Sequence[str], size: int, choose: Random) -> Iterator[tuple[str, ...]]:
    if comb(len(models), size) <= _ORDERLY:
        return iter(combinations(models, size))
    return (tuple(choose.sample(models, size)) for _turn in range(DRAWN))


@transaction.atomic
def draw_up(
    workspace: Workspace,
    outputs: Sequence[Output],
    *,
    judge: str,
    at_once: int = 0,
    same_shape: bool = False,
    round: Round | None = None,
    choose: Random | None = None,
) -> list[Ballot]:
    """Ballots of these pictures for this judge (see `judge_of`), in the order in which they are to be asked.

    Where the judge has been asked the same before, it is the ballot of then. Empty where two models are not to be had.
    """
    found = lineups(outputs, at_once, same_shape=same_shape, choose=choose)
    if found and round is None:
        wishes = {"at_once": at_once, "same_shape": same_shape}
        round = Round.objects.create(workspace=workspace, judge=judge, **wishes)
    return [_ballot(workspace, each, judge, round) for each in found]


def _ballot(workspace: Workspace, shown: Sequence[Output], judge: str, round: Round | None) -> Ballot:
    key = " ".join(str(pk) for pk in sorted(one.pk for one in shown))
    runs = {one.generation.run for one in shown}
    lineup = _lineup(workspace, shown, {run.mode for run in runs}, by_visitors=judge.startswith("visitor-"))
    ballot, is_new = Ballot.objects.get_or_create(
        workspace=workspace, judge=judge, picture_ids=key,
        defaults={"lineup": lineup, "round": round, "run": runs.pop() if len(runs) == 1 else None},
    )  # fmt: skip
    if is_new:
        Place.objects.bulk_create(
            Place(ballot=ballot, position=number, output=one, model_id=one.generation.model_id, lineup=lineup)
            for number, one in enumerate(shown, 1)
        )
    elif not ballot.answer:
        ballot.round = round
        ballot.save(update_fields=["round"])
    return ballot


def _lineup(workspace: Workspace, shown: Sequence[Output], modes: set[str], *, by_visitors: bool) -> Lineup:
    return Lineup.objects.get_or_create(
        workspace=workspace,
        simulated=shown[0].generation.simulated,
        by_visitors=by_visitors,
        mode=modes.pop() if len(modes) == 1 else "",
        model_ids=" ".join(sorted(one.generation.model_id for one in shown)),
    )[0]
