"""The wire breaks at every stage of a call, and a worker is killed at every stage: nothing is sent twice or lost.

`make bench ARGS=cuts` does the same hundreds of times.
"""

from collections import Counter
from contextlib import ExitStack
from functools import partial

import pytest

from bench.doors import Door
from playground.accounts.models import Workspace
from playground.runs.models import Attempt, Generation, State
from playground.runs.work import carry_out
from tests.factories import OFFICIAL, connection, queued, upload
from tests.gateway.wire import noise
from tests.runs.processes import until, workers
from tests.runs.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"size": "1024x1024", "quality": "low"}
FREE, UNKNOWN = (State.FAILED, "no"), (State.FAILED, "unknown")
# At which stage the wire breaks, how that ends, and how many calls the simulator receives.
STAGES = {
    "connect: refused": (*FREE, "cannot_connect", 0),
    "sending: broken": (*UNKNOWN, "connection_broken", 0),
    "sending: stalled": (*UNKNOWN, "timed_out", 0),
    "sent: broken": (*UNKNOWN, "connection_broken", 1),
    "sent: silence": (*UNKNOWN, "timed_out", 1),
    "answer: head broken": (*UNKNOWN, "connection_broken", 1),
    "answer: body broken": (*UNKNOWN, "connection_broken", 1),
    "answer: body stalled": (*UNKNOWN, "timed_out", 1),
    "answer: last byte, then broken": (State.SUCCEEDED, "yes", "", 1),
}
EACH = 3


@pytest.fixture
def behind(provider):
    """Ask for a frame through a door that breaks at this stage; where it is one of sending, with something heavy."""
    with ExitStack() as stack:
        opened: dict[str, tuple[Door, Workspace]] = {}

        def ask(stage: str, directives: str = "plain, fast") -> Generation:
            if stage not in opened:
                door = stack.enter_context(Door(int(provider.base_url.rpartition(":")[2]), stage))
                workspace = Workspace.objects.create(slug=f"door-{len(opened)}", name=stage)
                connection(workspace, "Door", door.address, key=provider.key)
                opened[stage] = door, workspace
            workspace = opened[stage][1]
            heavy = [upload(workspace, content=HEAVY)] if stage.startswith("sending") else []
            prompt = f"A tea tin [[sim: {directives}]] cut-{Generation.objects.count() + 1}"
            return queued(workspace, OFFICIAL, prompt=prompt, references=heavy, **ASKED)

        ask.doors = opened
        yield ask


HEAVY = noise((640, 640), "RGB")  # more than buffers between two processes hold


def received(provider) -> Counter:
    return Counter(call["prompt"] for call in provider.calls(limit=1000)["calls"])


def kept(generation: Generation, doors: dict[str, tuple[Door, Workspace]]) -> bool:
    """Whether the bytes that a door handed over are those that were kept."""
    passages = (one for door, _ in doors.values() for one in door.passages)
    handed = {sha256 for one in passages if one.tag == tag(generation) for sha256 in one.pictures}
    return {output.sha256 for output in generation.outputs.all()} == handed != set()


def tag(generation: Generation) -> int:
    return int(generation.run.prompt.rpartition("-")[2])


def test_a_wire_that_breaks_is_told_by_what_may_have_been_billed(hands, provider, behind, impatient):
    frames = {behind(stage).pk: stage for stage in STAGES for _ in range(EACH)}
    at_once([partial(carry_out, pk, hands) for pk in frames])

    sent = received(provider)
    for frame in Generation.objects.select_related("run"):
        state, billed, failure, arrives = STAGES[frames[frame.pk]]
        assert (frame.state, frame.billed, frame.failure) == (state, billed, failure), frames[frame.pk]
        assert sent[frame.run.prompt] == arrives, frames[frame.pk]
        assert state == State.FAILED or kept(frame, behind.doors)
    paid = Attempt.objects.exclude(billed="no").values_list("generation", flat=True)
    assert set(Counter(paid).values()) == {1}


def test_a_worker_that_is_killed_with_calls_at_every_stage_leaves_the_truth(
    provider, behind, scaled_queue, settings
):
    settings.ENCRYPTION_KEY = "the same for the worker"
    stages = {
        "connecting": ("connect: no answer", "plain"),
        "sending": ("sending: stalled", "plain"),
        "drawing": ("", "hang"),
        "answering": ("answer: body stalled", "plain, fast"),
    }
    lost = [behind(*stages[name]) for name in stages for _ in range(EACH)]
    done = [behind("") for _ in range(8)]
    with workers(provider.base_url, ENCRYPTION_KEY=settings.ENCRYPTION_KEY, **scaled_queue) as start:
        first = start(calls=20)
        until("the quick ones", lambda: Generation.objects.filter(state=State.SUCCEEDED).count() == len(done))
        halves = behind.doors["answer: body stalled"][0].passages
        until("halves of answers", lambda: sum(bool(one.body_bytes) for one in halves) == EACH)
        until("what hangs", lambda: provider.calls()["in_flight"] == EACH)
        until("every claim", lambda: Attempt.objects.count() >= len(lost) + len(done))
        first.kill()
        start(calls=20)
        until("every frame to end", lambda: not Generation.objects.unfinished().exists())

    assert set(received(provider).values()) == {1}
    assert all(
        kept(frame, behind.doors) for frame in Generation.objects.filter(pk__in=[one.pk for one in done])
    )
    ended = Generation.objects.filter(pk__in=[one.pk for one in lost])
    assert set(ended.values_list("state", "failure", "billed")) == {(State.FAILED, "worker_lost", "unknown")}
    assert Attempt.objects.count() == len(lost) + len(done)
