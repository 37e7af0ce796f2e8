"""Budgets that hold: what a picture may cost is reserved before it is queued, and settled when it has ended.

    reserve(workspace_id, person, [Wanted(picture, connection, most)])   or OverBudgetError, and nothing is reserved
    settle(picture)                                                      what is reserved becomes what was spent

Both belong into the transaction of the row that they are about: the one that writes the queued rows, the one that
ends a row. So a reservation lives exactly as long as its row is queued or running, whoever dies in between.
Only real pictures come here: what is simulated costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from playground.accounts.models import Workspace
from playground.costs import ledger
from playground.costs.fields import DollarsField, grown, usd
from playground.costs.models import NOBODY, Budget, Entry, Hold, Use
from playground.costs.periods import day_of, end_of, renewal_of, start_of
from playground.costs.wording import name_of, over_budget

ZERO = Decimal(0)


class OverBudgetError(Exception):
    """A budget does not allow it, and nothing was reserved; the message says which one, and what is left."""

    def __init__(self, budget: Budget, left: Decimal, asked: Decimal) -> None:
        super().__init__(over_budget(budget, left, asked))
        self.budget, self.left, self.asked = budget, left, asked


@dataclass(frozen=True)
class Wanted:
    """A picture that is to be bought, through which connection, and the most that it can cost."""

    picture: int
    connection: int
    most: Decimal


def reserve(workspace_id: int, person: int, wanted: Sequence[Wanted]) -> None:
    """Take what these pictures may cost out of every budget that they count in; raises OverBudgetError.

    Call it inside the transaction that writes them, which an error must undo.
    """
    today = day_of(timezone.now())
    lock(workspace_id)
    for budget in Budget.objects.filter(workspace=workspace_id).in_order():
        most = sum(
            (one.most for one in wanted if budget.counts(person=person, connection=one.connection)), ZERO
        )
        if most:
            _take(budget, today, most)
    Hold.objects.bulk_create(
        Hold(
            workspace_id=workspace_id,
            picture=one.picture,
            person=person,
            connection=one.connection,
            day=today,
            held=one.most,
        )
        for one in wanted
    )


def lock(workspace_id: int) -> None:
    """Let nobody else reserve in this workspace, or change its budgets, before the transaction ends."""
    Workspace.objects.filter(pk=workspace_id).update(revision=F("revision"))


def _take(budget: Budget, today: date, most: Decimal) -> None:
    use = Use.objects.get_or_create(budget=budget, start=start_of(budget.period, today))[0]
    # On the row's own columns, so that it is true of the row as it is when it is written.
    fitting = Use.objects.filter(pk=use.pk, reserved__lte=usd(budget.limit - most) - F("spent"))
    if fitting.update(reserved=grown("reserved", most)) != 1:
        use.refresh_from_db()
        raise OverBudgetError(budget, budget.limit - use.spent - use.reserved, most)


def settle(picture: int) -> None:
    """Replace what is held for a picture by what the ledger says of its calls. Repeating it changes nothing.

    Call it inside the transaction that ends the picture, or that corrects its calls.
    """
    hold = Hold.objects.select_for_update().filter(picture=picture).first()
    if hold is None:  # simulated
        return
    spent = ledger.counted(picture)
    for budget in Budget.objects.filter(workspace=hold.workspace_id).in_order():
        if budget.counts(person=hold.person, connection=hold.connection):
            Use.objects.filter(budget=budget, start=start_of(budget.period, hold.day)).update(
                reserved=grown("reserved", -hold.held), spent=grown("spent", spent - hold.spent)
            )
    Hold.objects.filter(pk=hold.pk).update(held=ZERO, spent=spent)


def settle_by_bill(
    entry: Entry, *, billed: bool, amount: Decimal | None = None, person: int = NOBODY
) -> Entry:
    """Enter what a person found on the bill about a call that may have been billed. Raises AlreadySettledError."""
    with transaction.atomic():
        written = ledger.settle_unknown(entry, billed=billed, amount=amount, person=person)
        lock(entry.workspace_id)
        settle(entry.picture)
        return written


def try_to_settle(entry: Entry, amount: Decimal | None, *, person: int = NOBODY) -> bool:
    """The same for one of many: what stands on the bill, None where nothing does. False where somebody was first."""
    try:
        settle_by_bill(entry, billed=amount is not None, amount=amount, person=person)
    except ledger.AlreadySettledError:
        return False
    return True


def set_budget(budget: Budget) -> Budget:
    """Write a new budget, or another limit of one. What was spent and is reserved in its period counts already."""
    with transaction.atomic():
        lock(budget.workspace_id)
        budget.save()
        today = day_of(timezone.now())
        start = start_of(budget.period, today)
        sums = _holds_of(budget, today).aggregate(
            spent=Sum("spent", output_field=DollarsField()), held=Sum("held", output_field=DollarsField())
        )
        Use.objects.update_or_create(
            budget=budget,
            start=start,
            defaults={"spent": sums["spent"] or ZERO, "reserved": sums["held"] or ZERO},
        )
    return budget


def _holds_of(budget: Budget, day: date) -> QuerySet[Hold]:
    """Everything that counts in the budget's period around this day."""
    rows = Hold.objects.filter(workspace=budget.workspace_id, day__gte=start_of(budget.period, day))
    if last := end_of(budget.period, day):
        rows = rows.filter(day__lte=last)
    if budget.person_id:
        rows = rows.filter(person=budget.person_id)
    return rows.filter(connection=budget.connection_id) if budget.connection_id else rows


@dataclass(frozen=True)
class Balance:
    """A budget as it stands in the period of a day. `renewal` is the day on which the next one begins."""

    budget: Budget
    spent: Decimal
    reserved: Decimal
    renewal: date | None

    @property
    def name(self) -> str:
        return name_of(self.budget)

    @property
    def used(self) -> Decimal:
        return self.spent + self.reserved

    @property
    def left(self) -> Decimal:
        """Never below zero: a call may have cost more than it was to."""
        left: Decimal = self.budget.limit - self.used
        return max(left, ZERO)

    @property
    def percent(self) -> int:
        """How much of it is used, at most 100."""
        return self._percent(self.used)

    @property
    def spent_percent(self) -> int:
        return self._percent(self.spent)

    def _percent(self, amount: Decimal) -> int:
        return min(int(100 * amount / self.budget.limit), 100) if self.budget.limit else 100

    @property
    def warns(self) -> bool:
        return bool(self.used * 100 >= self.budget.limit * self.budget.warn_percent)


def balances(workspace: Workspace, *, today: date | None = None) -> list[Balance]:
    """Every budget of the workspace as it stands, in two queries."""
    day = today or timezone.localdate()
    budgets = list(Budget.objects.of(workspace).in_order())
    uses = {
        (use.budget_id, use.start): use
        for use in Use.objects.filter(
            budget__in=budgets, start__in={start_of(each.period, day) for each in budgets}
        )
    }
    return [_balance(each, uses.get((each.pk, start_of(each.period, day))), day) for each in budgets]


def _balance(budget: Budget, use: Use | None, day: date) -> Balance:
    spent, reserved = (use.spent, use.reserved) if use else (ZERO, ZERO)
    return Balance(budget, spent, reserved, renewal_of(budget.period, day))


def held(workspace: Workspace) -> Decimal:
    """What pictures that are queued or on their way may still cost."""
    held = Hold.objects.filter(workspace=workspace, held__gt=0).aggregate(
        sum=Sum("held", output_field=DollarsField())
    )
    return held["sum"] or ZERO
