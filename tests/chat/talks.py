"""Conversations for tests, said as the product says them.

turn = said(workspace, "A cafe")                    # a conversation begins
turn = answered(turn)                               # its picture came
turn = said(workspace, "Now rainy", on=turn)        # and is gone on from
"""

from __future__ import annotations

import uuid
from typing import Any

from playground import catalog
from playground.accounts.models import Workspace
from playground.catalog import Endpoint
from playground.chat import services
from playground.chat.models import Turn
from playground.chat.places import Base, place_of
from playground.chat.services import Wish
from playground.runs import states, storage, work
from playground.runs.models import Generation, Mask, Upload
from playground.runs.services import Brought, Target
from tests.factories import ALL, answer, claim, image_bytes, worker_row

DRAWN = "[[sim: plain, size 96x64]]"


def said(
    workspace: Workspace,
    prompt: str = "A cafe",
    *models: str,
    on: Turn | Base | None = None,
    way: Endpoint | None = None,
    variants: int = 1,
    brought: tuple[Upload, ...] = (),
    mask: Mask | None = None,
    key: uuid.UUID | None = None,
    **parameters: Any,
) -> Turn:
    """A turn, on its way. `on`: the turn (its first picture) or the base that it goes on from."""
    base = base_of(on) if isinstance(on, Turn) else on or Base()
    first = base.upload
    references = [Brought(one) for one in (*([first] if first else []), *brought)]
    targets = [
        Target(model, parameters, variants, way or _way(model, bool(references), base))
        for model in map(catalog.default().get, models or (ALL,))
    ]
    wish = Wish(prompt, targets, key or uuid.uuid4(), references, mask)
    return read(services.say(workspace, base, wish, person=None))


def _way(model: catalog.Model, is_edit: bool, base: Base) -> Endpoint:
    if Endpoint.CHAT in model.endpoints and (is_edit or base.answer):
        return Endpoint.CHAT
    return Endpoint.EDITS if is_edit else Endpoint.GENERATIONS


def read(turn: Turn) -> Turn:
    """The turn as it is now."""
    rows = Turn.objects.with_answers().select_related("conversation__start", "picture", "parent", "continues")
    return rows.get(pk=turn.pk)


def base_of(turn: Turn, letter: str = "") -> Base:
    """What goes on from this turn: from its first picture, or from the answer of that letter."""
    turn = read(turn)
    wanted = next((one.pk for one in turn.run.generations.all() if one.letter == letter), 0)
    base = place_of(turn.conversation, turn, wanted).base
    assert base is not None
    return base


def answered(turn: Turn) -> Turn:
    """Every answer came, each with a picture of its own colour."""
    for generation in turn.run.generations.select_related("run"):
        answer_of(generation)
    return read(turn)


def answer_of(generation: Generation, content: bytes = b"") -> None:
    """Its picture came."""
    attempt = claim(generation, worker_row())
    assert attempt is not None
    content = content or image_bytes(96, 64, colour=(generation.pk % 256, generation.pk // 256 % 256, 40))
    work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), content))


def in_words(turn: Turn, words: str = "Which cafe do you mean?") -> Turn:
    """It was answered in words."""
    for generation in turn.run.generations.select_related("run"):
        claim(generation, worker_row())
        states.succeed_in_words(generation, words, cost=generation.estimate_high, seconds=1.0)
    return read(turn)


def failed(turn: Turn) -> Turn:
    """Nothing came of it."""
    for generation in turn.run.generations.select_related("run"):
        states.refuse(generation, "busy")
    return read(turn)


def chain(workspace: Workspace, count: int) -> Turn:
    """So many turns, one after the other, each with its picture; the last of them."""
    turn = None
    for number in range(count):
        turn = answered(said(workspace, f"Turn {number}", on=turn))
    assert turn is not None
    return turn


def only(turn: Turn) -> Generation:
    """Its one answer."""
    return turn.run.generations.get()
