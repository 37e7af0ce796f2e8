"""When a channel fails: which other models could take over, and sending one of them by a press that shows the price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from playground import catalog
from playground.accounts.connections import NoConnectionError, Routes, routes_of
from playground.accounts.models import User
from playground.catalog import Endpoint, Fallback
from playground.runs import services
from playground.runs.history import history_of
from playground.runs.models import Generation


class NotAnAlternativeError(ValueError):
    """This model can't do what was asked for, or no connection serves it."""


@dataclass(frozen=True)
class _Asked:
    """A generation as the catalog looks at requests: of pictures and turns only their number counts."""

    endpoint: Endpoint
    prompt: str
    parameters: Mapping[str, Any]
    references: Sequence[object]
    mask: object | None
    messages: Sequence[object] = ()


def alternatives(generation: Generation) -> list[Fallback]:
    """The models that can do what was asked for and can be reached, by the most that each may cost.

    Empty for one that went well, goes on, was asked for again, or answered a doctor's question.
    """
    if generation.model is None or generation.question or not generation.can_be_repeated:
        return []
    routes, today = routes_of(generation.run.workspace), timezone.now().date()
    ways = _ways(routes, today, simulated=generation.simulated)
    asked = _Asked(
        Endpoint(generation.endpoint),
        generation.prompt,
        generation.parameters,
        list(generation.run.references.all()),
        generation.run.mask if generation.masked else None,
        history_of(generation) if generation.endpoint == Endpoint.CHAT else (),
    )
    found = [
        fallback
        for multiplier in sorted(set(ways.values()))
        for fallback in catalog.fallbacks(generation.model, asked, on=today, multiplier=multiplier)
        if ways.get(fallback.model.id) == multiplier
    ]
    return sorted(found, key=lambda one: (one.price.high, one.shares_line, one.model.unstable))


def _ways(routes: Routes, on: date, *, simulated: bool) -> dict[str, Any]:
    """The models that can be reached in the same world (pretence or purchase), each with its price multiplier."""
    ways = {}
    for model in catalog.default().offered(on):
        try:
            route = routes.to(model)
        except NoConnectionError:
            continue
        if route.is_simulator == simulated:
            ways[model.id] = route.price_multiplier
    return ways


def send_instead(generation: Generation, model_id: str, *, person: User | None = None) -> Generation:
    """Ask another model for what this one failed to bring, as a new frame of the same run that points to the old one.

    A second press gives the same new frame. Raises NotAnAlternativeError, and what `services.another` raises.
    """
    if hasattr(generation, "retried_by"):
        return generation.retried_by
    found = next((one for one in alternatives(generation) if one.model.id == model_id), None)
    if found is None:
        raise NotAnAlternativeError(model_id)
    return services.add_target(generation, target_of(found), person=person)


def target_of(fallback: Fallback) -> services.Target:
    """What a run asks for where this model takes over."""
    return services.Target(fallback.model, fallback.parameters, endpoint=fallback.endpoint)
