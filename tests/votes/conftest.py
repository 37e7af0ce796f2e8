"""What the tests of the blind votes share."""

from __future__ import annotations

import pytest

from playground.accounts.models import Workspace
from playground.runs import storage, work
from playground.runs.models import Generation, Run
from playground.votes.ballots import draw_up, pictures_of
from playground.votes.models import Ballot, judge_of
from tests.factories import ALL, OFFICIAL, PROMPT, VIP, answer, claim, image_bytes, worker_row
from tests.factories import run as asked

THREE = (ALL, VIP, OFFICIAL)


def drawn(
    workspace: Workspace, *models: str, sizes=(), variants=1, prompt=PROMPT, simulated=True, **options
) -> Run:
    """A run whose pictures have come, one of each model (640 × 480, unless sizes are named); each of its own colour."""
    run = asked(workspace, *(models or THREE), prompt=prompt, variants=variants, **options)
    for number, generation in enumerate(run.generations.select_related("run").order_by("position")):
        width, height = sizes[number] if sizes else (640, 480)
        attempt = claim(generation, worker_row())
        content = image_bytes(
            width, height, colour=(40 * number + 30, generation.pk % 256, 150 + generation.pk // 256)
        )
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), content))
    run.generations.update(simulated=simulated)
    return run


def ballot_of(run: Run, *, person=None, visitor: str = "", **wishes) -> Ballot:
    """The first ballot on the pictures of a run."""
    workspace = run.workspace
    found = draw_up(workspace, pictures_of(workspace, run), judge=judge_of(person, visitor), **wishes)
    return Ballot.objects.with_places().get(pk=min(one.pk for one in found))


def place_of(ballot: Ballot, model: str) -> str:
    """The answer that chooses this model."""
    return next(str(place.position) for place in ballot.shown if place.model_id == model)


@pytest.fixture
def run(workspace) -> Run:
    """A run with a picture of each of the three models."""
    return drawn(workspace)


@pytest.fixture
def ballot(run) -> Ballot:
    """The local owner's ballot on it."""
    return ballot_of(run)


@pytest.fixture
def pair(workspace) -> Ballot:
    """A ballot on two pictures."""
    return ballot_of(drawn(workspace, ALL, VIP))


def cost_and_seconds(model: str, cost: str, seconds: float) -> None:
    """What every picture of this model has cost, and how long it took."""
    Generation.objects.filter(model_id=model).update(cost=cost, seconds=seconds)
