"""What can be compared at a click: recent runs with several pictures, and what goes with one picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from playground.accounts.models import Workspace
from playground.compare.asked import address_of
from playground.compare.comparison import LEAST, MOST
from playground.runs.models import Output, Run

RECENT = 120  # pictures that are looked through
RUNS_SHOWN, OTHERS_SHOWN = 6, 24


@dataclass(frozen=True)
class Ready:
    """A run whose pictures can be held against each other."""

    run: Run
    outputs: Sequence[Output]

    @property
    def address(self) -> str:
        return f"?run={self.run.number}"


@dataclass(frozen=True)
class Other:
    """A picture that a first one can be held against."""

    output: Output
    address: str


def ready_runs(workspace: Workspace) -> list[Ready]:
    """The latest runs with two pictures or more. One query over a bounded sample."""
    pictures: defaultdict[Run, list[Output]] = defaultdict(list)
    for output in _recent(workspace):
        if output.generation.run.mode != Run.Mode.DOCTOR:
            pictures[output.generation.run].append(output)
    found = [
        Ready(run, _in_order(outputs)[:MOST]) for run, outputs in pictures.items() if len(outputs) >= LEAST
    ]
    return found[:RUNS_SHOWN]


def others_for(workspace: Workspace, output: Output) -> list[Other]:
    """What else its run drew, then the latest pictures."""
    rows = Output.objects.of(workspace).kept().with_story()
    siblings = _in_order(list(rows.filter(generation__run=output.generation.run_id)[:MOST]))
    both = {one.pk: one for one in [*siblings, *_recent(workspace)] if one.pk != output.pk}
    return [Other(one, address_of([output.pk, one.pk])) for one in list(both.values())[:OTHERS_SHOWN]]


def _recent(workspace: Workspace) -> list[Output]:
    return list(Output.objects.of(workspace).kept().newest().with_story()[:RECENT])


def _in_order(outputs: list[Output]) -> list[Output]:
    return sorted(outputs, key=lambda one: (one.generation.position, one.index))
