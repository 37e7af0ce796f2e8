"""The frames of a run before they are written: each with its price as of today, its letter and its place."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from playground import catalog
from playground.accounts.connections import Routes
from playground.gateway import image_intent
from playground.runs.models import Generation, Run, wish_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Target:
    """One model, what it is asked for, and how many variants of it (1 to 8).

    One of many prompts has its own, and a place along the run's axes.
    """

    model: "catalog.Model"
    parameters: Mapping[str, Any]
    variants: int = 1
    endpoint: "catalog.Endpoint" = catalog.Endpoint.GENERATIONS
    prompt: str = ""
    place: str = ""


@dataclass(frozen=True)
class Axes:
    """Along what the frames of a run differ, and the form that says so: see `Matrix`."""

    axes: Sequence[Mapping[str, Any]]
    form: Mapping[str, Any]


def frames_of(run: Run, targets: Sequence[Target], routes: Routes) -> list[Generation]:
    """A letter for each target."""
    frames: list[Generation] = []
    references = run.references.count()
    for letter, target in zip(LETTERS, targets, strict=False):
        for variant in range(1, target.variants + 1):
            frame = frame_of(run, target, routes, references=references)
            frame.letter, frame.variant = letter, variant if target.variants > 1 else 0
            frame.position = len(frames)
            frames.append(frame)
    return frames


def frames_by_model(run: Run, targets: Sequence[Target], routes: Routes) -> list[Generation]:
    """A letter for each model, and numbers through all of its frames."""
    frames: list[Generation] = []
    references, drawn = run.references.count(), dict[str, int]()
    for target in targets:
        first = frame_of(run, target, routes, references=references)
        first.letter = LETTERS[list(drawn).index(target.model.id) if target.model.id in drawn else len(drawn)]
        for _ in range(target.variants):
            frame = copy.copy(first)
            drawn[target.model.id] = frame.variant = drawn.get(target.model.id, 0) + 1
            frame.position = len(frames)
            frames.append(frame)
    return frames


def frame_of(
    run: Run, target: Target, routes: Routes, *, references: int, as_picture: bool = False
) -> Generation:
    """One frame of the run, not saved yet, with its price as it is today; `references`: how many go along."""
    model, parameters = target.model, target.parameters
    prompt = wish_of(target.prompt, run.prompt)
    route = routes.to(model)
    estimate = catalog.estimate(
        model,
        parameters,
        prompt=prompt,
        references=references,
        on=timezone.now().date(),
        multiplier=route.price_multiplier,
    )
    asked = (
        catalog.check_size(model, str(parameters.get("size", ""))).size if parameters.get("size") else None
    )
    return Generation(
        run=run,
        model_id=model.id,
        endpoint=target.endpoint.value,
        parameters=dict(parameters),
        masked=run.mask_id is not None and catalog.takes_mask(model, target.endpoint),
        own_prompt=target.prompt,
        place=target.place,
        as_picture=as_picture,
        prompt_sent=prompt_sent(prompt, model, parameters, as_picture),
        size_asked=str(asked) if asked else "",
        simulated=route.is_simulator,
        connection=route.row,
        asked_by_id=run.created_by_id,
        price_multiplier=route.price_multiplier,
        estimate_low=catalog.dollars(estimate.low),
        estimate_high=catalog.dollars(estimate.high),
    )


def prompt_sent(prompt: str, model: "catalog.Model", parameters: Mapping[str, Any], as_picture: bool) -> str:
    """The exact words that go out."""
    words = catalog.prompt_sent(model, prompt, parameters.get("shape"))
    return image_intent(words) if as_picture else words
