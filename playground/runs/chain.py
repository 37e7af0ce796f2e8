"""What the machine may ask by itself when a channel fails: the chain that a workspace's owner wrote down.

Only after a failure that lies with the channel (`gateway.ELSEWHERE`) and was certainly not billed; only the models of
the chain, in its order, each once for a picture; only while all tries of the picture together stay within the limit.
What a person cancelled or stopped watching, and what the doctor asks, goes on by itself never.

The new frame is written in the transaction of the failure: a process that dies leaves both or neither.
"""

import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce

from playground import catalog
from playground.accounts.models import Chain
from playground.costs.budgets import OverBudgetError
from playground.gateway import ELSEWHERE
from playground.runs import services, states
from playground.runs.instead import alternatives, target_of
from playground.runs.models import Attempt, Billed, Generation, State

logger = logging.getLogger(__name__)


class _TooDearError(Exception):
    """The frame, as it was priced in the end, would pass the limit."""


def fail(generation: Generation, failure: str, **facts: Any) -> bool:
    """End a running generation as `states.fail` does, and ask the next model of the chain where that is allowed."""
    with transaction.atomic():
        if not states.fail(generation, failure, **facts):
            return False
        if _may_go_on(generation):
            _go_on(generation)
        return True


def _may_go_on(generation: Generation) -> bool:
    """Whether the failure is one of the channel's, for free, and nobody has said that the picture is not wanted."""
    return (
        generation.failure in ELSEWHERE
        and generation.billed == Billed.NO
        and not generation.question
        and _is_wanted(generation)
    )


def _is_wanted(generation: Generation) -> bool:
    """Asked of the rows: the call took minutes, in which people change their minds."""
    frames = generation.run.generations.all()
    is_watched = frames.filter(pk=generation.pk, watched=True).exists()
    return is_watched and not frames.filter(state=State.CANCELLED).exists()


def _go_on(generation: Generation) -> None:
    """Whatever goes wrong here, the failure itself is written down."""
    chain = Chain.objects.filter(workspace=generation.run.workspace_id).first()
    if chain is None:
        return
    try:
        with transaction.atomic():
            _ask_next(generation, chain)
    except OperationalError:
        raise  # nothing can be written at all
    except _TooDearError:
        logger.info("The chain stops at %s: the next model costs too much.", generation)
    except OverBudgetError:
        logger.info("The chain stops at %s: a budget does not allow the next model.", generation)
    except Exception:
        logger.exception("The chain could not go on after %s; a person still can.", generation)


def _ask_next(generation: Generation, chain: Chain) -> None:
    line = _line(generation)
    asked, left = {frame.model_id for frame in line}, chain.most - _spent(line)
    able = {one.model.id: one for one in alternatives(generation)}
    for model_id in chain.model_ids:
        one = able.get(model_id)
        if one is None or model_id in asked or catalog.dollars(one.price.high) > left:
            continue
        frame = services.add_target(generation, target_of(one), by_chain=True)
        if frame.by_chain and frame.estimate_high > left:
            raise _TooDearError
        return


def _line(generation: Generation) -> list[Generation]:
    """The frame and those before it that were asked for the same picture, by the chain or by a person."""
    frames = {frame.pk: frame for frame in generation.run.generations.only("model_id", "retry_of")}
    line = [frames[generation.pk]]
    while (before := line[-1].retry_of_id) is not None:
        line.append(frames[before])
    return line


def _spent(line: Sequence[Generation]) -> Decimal:
    """US dollars of their calls, at most: also of those that may have been billed."""
    calls = Attempt.objects.filter(generation__in=line).exclude(billed=Billed.NO)
    spent: Decimal | None = calls.aggregate(sum=Sum(Coalesce("cost", "cost_at_most")))["sum"]
    return spent or Decimal(0)
