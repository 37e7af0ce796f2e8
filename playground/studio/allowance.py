"""What the budgets have left for a set-up, said before the click."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from playground.accounts.models import User, Workspace
from playground.costs import budgets
from playground.costs.budgets import Balance
from playground.costs.models import NOBODY


@dataclass(frozen=True)
class Allowance:
    """The budget that would stop first."""

    balance: Balance
    asked: Decimal

    @property
    def name(self) -> str:
        return self.balance.name

    @property
    def left(self) -> Decimal:
        return self.balance.left

    @property
    def is_over(self) -> bool:
        """Whether the set-up may cost more than is left."""
        return self.asked > self.left


def allowance_for(
    workspace: Workspace, person: User | None, asked: Mapping[int, Decimal]
) -> Allowance | None:
    """`asked`: the most that goes through each connection. None where no budget counts any of it."""
    found = []
    for balance in budgets.balances(workspace) if asked else ():
        counted = [
            amount
            for connection, amount in asked.items()
            if balance.budget.counts(person=person.pk if person else NOBODY, connection=connection)
        ]
        if counted:
            found.append(Allowance(balance, sum(counted, Decimal(0))))
    return min(found, key=lambda one: one.left - one.asked, default=None)
