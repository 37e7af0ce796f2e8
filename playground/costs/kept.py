"""How many pictures people kept: the room that knows it stands above this one, and registers here when it starts."""

from collections.abc import Callable, Mapping

from playground.accounts.models import Workspace
from playground.costs.figures import Span

Counter = Callable[[Workspace, Span, bool], Mapping[str, int]]
_counters: list[Counter] = []


def counted_by(counter: Counter) -> None:
    """Ask this for the number of kept pictures of each model (its id) in a span: the real, or the simulated ones."""
    _counters.append(counter)


def kept_by_model(workspace: Workspace, span: Span, *, simulated: bool) -> dict[str, int]:
    """Empty where nobody keeps count."""
    found: dict[str, int] = {}
    for counter in _counters:
        for model_id, count in counter(workspace, span, simulated).items():
            found[model_id] = found.get(model_id, 0) + count
    return found
