"""What a run's rows mean in money, told to the room `costs` in the transaction that changes them.

    reserve(generations)   they are queued: OverBudgetError where a budget does not allow it
    enter(attempt)         the call was closed, or something better is known of it
    settle(generation)     it has ended: what was reserved for it becomes what it cost

Of the simulator's calls there are entries, marked as such; they hold nothing and count in no budget.
"""

from collections.abc import Sequence

from playground.costs import budgets, ledger
from playground.costs.budgets import Wanted
from playground.costs.ledger import Facts
from playground.costs.models import NOBODY
from playground.runs.models import Attempt, Generation


def reserve(generations: Sequence[Generation]) -> None:
    """Take what they may cost out of the budgets of who asked. Call it in the transaction that writes them."""
    real = [generation for generation in generations if not generation.simulated]
    by_person: dict[int, list[Wanted]] = {}
    for generation in real:
        wanted = Wanted(generation.pk, generation.connection_id or NOBODY, generation.estimate_high)
        by_person.setdefault(generation.asked_by_id or NOBODY, []).append(wanted)
    for person, pictures in by_person.items():
        budgets.reserve(real[0].run.workspace_id, person, pictures)


def settle(generation: Generation) -> None:
    """Give back what it did not cost. Call it in the transaction that ends it; repeating it changes nothing."""
    if not generation.simulated:
        budgets.settle(generation.pk)


def enter(attempt: Attempt, *, brought_picture: bool = False) -> None:
    """Write the closed call into the ledger, or correct what stands there of it."""
    generation = attempt.generation
    run = generation.run
    ledger.record(
        Facts(
            workspace_id=run.workspace_id,
            call=attempt.pk,
            picture=generation.pk,
            label=generation.label,
            person=generation.asked_by_id or NOBODY,
            connection=generation.connection_id or NOBODY,
            connection_name=attempt.connection,
            model_id=generation.model_id,
            mode=run.mode,
            size=generation.size_asked or _size_that_came(generation),
            quality=str(generation.parameters.get("quality", "")),
            references=len(run.references.all()),
            request_id=attempt.request_id,
            simulated=attempt.simulated,
            sent_at=attempt.sent_at,
            priced_on=generation.created_at.date(),
            brought_picture=brought_picture,
            billed=attempt.billed,
            estimated_low=generation.estimate_low,
            estimated=generation.estimate_high,
            # Of a failure it is only known that it was billed: that is no price to measure estimates by.
            actual=attempt.cost if attempt.outcome == Attempt.Outcome.ANSWERED else None,
        )
    )


def _size_that_came(generation: Generation) -> str:
    """Where none was asked for in pixels: what another channel would have to be asked for. Empty without a picture."""
    output = generation.outputs.first()
    return str(output.size) if output else ""
