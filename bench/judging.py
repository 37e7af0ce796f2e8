"""Invented votes, as many as a bench wants: rows like those of real ones, over two years, pairs and best of three."""

import random
from datetime import timedelta

from django.utils import timezone

from playground.accounts.models import Workspace
from playground.runs.models import Output, Run
from playground.votes.models import Answer, Ballot, Lineup, Place

MODELS = ("gpt-image-2", "gpt-image-2-all", "gpt-image-2-vip")
COSTS = {"gpt-image-2": "0.053", "gpt-image-2-all": "0.03", "gpt-image-2-vip": "0.03"}
LINEUPS = (MODELS[:2], MODELS[1:], MODELS[::2], MODELS)
DAYS, AT_ONCE = 730, 5000


def invent(count: int) -> None:
    """So many answered ballots over the pictures that there are, which may be none."""
    choose, workspace = random.Random(1), Workspace.objects.local()
    outputs = list(Output.objects.of(workspace).order_by("pk").values_list("pk", flat=True)[:20_000])
    lineups = [
        Lineup.objects.get_or_create(
            workspace=workspace, mode=mode, simulated=False, model_ids=" ".join(models), by_visitors=False
        )[0]
        for mode in (Run.Mode.TEXT, Run.Mode.EDIT)
        for models in LINEUPS
    ]
    for first in range(0, count, AT_ONCE):
        ballots = [
            _ballot(workspace, choose.choice(lineups), number)
            for number in range(first, min(first + AT_ONCE, count))
        ]
        answers = [_answer(ballot, choose) for ballot in ballots]
        Ballot.objects.bulk_create(ballots)
        Place.objects.bulk_create(
            place
            for ballot, best in zip(ballots, answers, strict=True)
            for place in _places(ballot, best, outputs, choose)
        )


def _ballot(workspace: Workspace, lineup: Lineup, number: int) -> Ballot:
    now = timezone.now()
    return Ballot(
        workspace=workspace, lineup=lineup, judge="owner", picture_ids=f"b{number}", voted_at=now,
        revealed_at=now, is_blind=number % 500 > 0,
    )  # fmt: skip


def _answer(ballot: Ballot, choose: random.Random) -> int:
    """Write the answer, and return the number of the model that was chosen, if one was: one in ten is a tie."""
    models, drawn = len(ballot.lineup.model_ids.split()), choose.random()
    is_tie = models == 2 and 0.05 <= drawn < 0.15
    ballot.answer = Answer.NONE if drawn < 0.05 else Answer.TIE if is_tie else Answer.CHOICE
    return choose.randrange(models)


def _places(ballot: Ballot, best: int, outputs: list[int], choose: random.Random) -> list[Place]:
    day = timezone.localdate() - timedelta(days=choose.randrange(DAYS))
    return [
        Place(
            ballot=ballot, lineup=ballot.lineup, position=number + 1, model_id=model, day=day, cost=COSTS[model],
            outcome=_outcome(ballot.answer, number == best), seconds=choose.uniform(30, 200),
            output_id=choose.choice(outputs) if outputs else None,
        )
        for number, model in enumerate(ballot.lineup.model_ids.split())
    ]  # fmt: skip


def _outcome(answer: str, is_best: bool) -> str:
    if answer == Answer.CHOICE:
        return Place.Outcome.WON if is_best else Place.Outcome.LOST
    return Place.Outcome.TIED if answer == Answer.TIE else Place.Outcome.BAD
