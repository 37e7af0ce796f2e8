"""Money as rows: the ledger, its sums by day, what each picture holds or came to, and the budgets that it counts in.

    Entry    one closed call, or a correction of an earlier entry; only ever added, which the database itself holds
    Total    the entries of one day, or one month, that are alike, summed
    Drawn    the pictures of one month that are alike, counted: what they would have cost elsewhere
    Hold     what one real picture may still cost, then what it cost
    Budget   a limit for a period; Use: how much of it is spent and reserved

For every Use: `reserved` is what the open holds of its budget and period hold, `spent` what the closed ones came to.
This room knows amounts and who, not runs: a call and a picture are numbers that others gave them.
"""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import Connection, User, Workspace
from playground.costs.fields import DollarsField
from playground.costs.periods import Period

NOBODY = 0  # the local owner, who needs no account; and the connection of a call that went through none


class Billed(models.TextChoices):
    NO = "no", _("Not billed")
    YES = "yes", _("Billed")
    UNKNOWN = "unknown", _("May have been billed")


def of_kind(*, simulated: bool) -> Q:
    """The real ones, or the simulated ones. An equality: for `simulated=False` SQLite finds no index."""
    return Q(simulated__in=[simulated])


class EntryQuerySet(models.QuerySet["Entry"]):
    def of(self, workspace: Workspace) -> "EntryQuerySet":
        return self.filter(workspace=workspace)

    def standing(self) -> "EntryQuerySet":
        """The last word on each call."""
        # Not as a join: nearly all entries correct none, and SQLite would build an index of its own for each question.
        return self.filter(~Exists(Entry.objects.filter(corrects=OuterRef("pk"))))

    def unsettled(self) -> "EntryQuerySet":
        """Real calls of which nobody knows yet whether they were billed, the newest first."""
        return self.standing().filter(of_kind(simulated=False), billed=Billed.UNKNOWN).order_by("-id")


class Entry(models.Model):
    """What is known of the money of one call. Never changed: who knows better adds an entry that corrects it.

    `counts` is what the call counts as from this entry on: what it cost, or the most that it may have cost. `change` is
    how much that is more than before, so that the sum of all changes is the ledger's total.
    """

    class Why(models.TextChoices):
        CALL = "call", _("Call")
        LATE = "late", _("Late answer")
        PERSON = "person", _("From the bill")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Why, default=Why.CALL)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    written_at = models.DateTimeField(auto_now_add=True)
    written_by = models.BigIntegerField(default=NOBODY)  # who corrected it; the machine where that is nobody

    call = models.BigIntegerField(db_index=True)
    picture = models.BigIntegerField(db_index=True)
    label = models.CharField(max_length=20, blank=True)
    person = models.BigIntegerField(default=NOBODY)
    connection = models.BigIntegerField(default=NOBODY)
    connection_name = models.CharField(_("connection"), max_length=100, blank=True)
    model_id = models.CharField(_("model"), max_length=100)
    mode = models.CharField(_("mode"), max_length=16)
    size = models.CharField(max_length=20, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    references = models.PositiveSmallIntegerField(default=0)
    request_id = models.CharField(_("request id"), max_length=200, blank=True)
    simulated = models.BooleanField()
    sent_at = models.DateTimeField(_("sent"))
    day = models.DateField()  # on which it counts: that of `sent_at`, also for a correction
    priced_on = models.DateField()  # whose prices it goes by

    brought_picture = models.BooleanField()
    billed = models.CharField(_("billed"), max_length=8, choices=Billed)
    estimated_low = DollarsField()
    estimated = DollarsField(_("estimated, at most"))
    actual = DollarsField(_("actual"), null=True)
    counts = DollarsField()
    change = DollarsField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "simulated", "-id"], name="entry_newest"),
            models.Index(fields=["workspace", "simulated", "day", "id"], name="entry_day"),
            models.Index(fields=["workspace", "simulated", "billed", "-id"], name="entry_billed"),
            models.Index(fields=["workspace", "simulated", "model_id", "-id"], name="entry_model"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=Q(corrects=None), name="entry_call_once"),
            models.CheckConstraint(condition=Q(billed__in=Billed.values), name="entry_billed_known"),
            models.CheckConstraint(
                condition=Q(why="call", corrects=None) | (~Q(why="call") & Q(corrects__isnull=False)),
                name="entry_correction_names_what",
            ),
            models.CheckConstraint(condition=Q(counts__gte=0), name="entry_counts_not_negative"),
            models.CheckConstraint(condition=~Q(billed="no") | Q(counts=0), name="entry_free_counts_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.call}: {self.billed}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("An entry of the ledger is never changed; add one that corrects it.")
        super().save(*args, **options)


class Total(models.Model):
    """The standing entries of one day, or one month, that are alike, summed. `in_vain`: those without a picture.

    Months are kept beside the days because years of days are too many rows to add up for a page.
    """

    class Grain(models.TextChoices):
        DAY = "day"
        MONTH = "month"  # `day` is its first

    KEY = ("workspace_id", "grain", "day", "model_id", "person", "mode", "connection", "simulated", "billed")
    SUMS = ("calls", "amount", "estimated", "in_vain", "in_vain_amount")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    grain = models.CharField(max_length=5, choices=Grain)
    day = models.DateField()
    model_id = models.CharField(max_length=100)
    person = models.BigIntegerField()
    mode = models.CharField(max_length=16)
    connection = models.BigIntegerField()
    simulated = models.BooleanField()
    billed = models.CharField(max_length=8, choices=Billed)
    calls = models.BigIntegerField(default=0)
    amount = DollarsField(default=Decimal(0))
    estimated = DollarsField(default=Decimal(0))
    in_vain = models.BigIntegerField(default=0)
    in_vain_amount = DollarsField(default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "workspace", "simulated", "grain", "day", "model_id", "person", "mode", "connection", "billed"
                ],
                name="total_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.model_id} {self.billed}: {self.amount}"


class Drawn(models.Model):
    """The pictures of one month that are alike in what their price goes by."""

    KEY = ("workspace_id", "month", "simulated", "model_id", "size", "quality", "references")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    month = models.DateField()
    simulated = models.BooleanField()
    model_id = models.CharField(max_length=100)
    size = models.CharField(max_length=20, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    references = models.PositiveSmallIntegerField(default=0)
    pictures = models.BigIntegerField(default=0)
    amount = DollarsField(default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "simulated", "month", "model_id", "size", "quality", "references"],
                name="drawn_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.model_id} {self.size}: {self.pictures}"


class Hold(models.Model):
    """What one real picture may still cost, and once that is known, what it came to. One row for each, for ever."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    picture = models.BigIntegerField(unique=True)
    person = models.BigIntegerField(default=NOBODY)
    connection = models.BigIntegerField(default=NOBODY)
    day = models.DateField()  # on which it was asked for: it counts in the periods of that day
    held = DollarsField()
    spent = DollarsField(default=Decimal(0))

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "day"], name="hold_day"),
            models.Index(fields=["workspace", "held"], name="hold_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(held__gte=0, spent__gte=0), name="hold_not_negative"),
        ]

    def __str__(self) -> str:
        return f"Picture {self.picture}: {self.held} held, {self.spent} spent"


class BudgetQuerySet(models.QuerySet["Budget"]):
    def of(self, workspace: Workspace) -> "BudgetQuerySet":
        return self.filter(workspace=workspace)

    def in_order(self) -> "BudgetQuerySet":
        """As they are always locked, too, so that two transactions never wait for each other."""
        return self.select_related("person", "connection").order_by("pk")


class Budget(models.Model):
    """A limit in US dollars for a period: of the whole workspace, of one person, or of one connection."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="budgets")
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="budgets")
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, blank=True, related_name="budgets")
    period = models.CharField(_("period"), max_length=8, choices=Period, default=Period.DAY)
    limit = DollarsField(_("limit"))
    warn_percent = models.PositiveSmallIntegerField(_("warn at"), default=80)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "period"],
                condition=Q(person=None, connection=None),
                name="budget_workspace_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "person", "period"],
                condition=Q(connection=None),
                name="budget_person_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "connection", "period"],
                condition=Q(person=None),
                name="budget_connection_once",
            ),
            models.CheckConstraint(condition=Q(person=None) | Q(connection=None), name="budget_of_one_thing"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="budget_period_known"),
            models.CheckConstraint(condition=Q(limit__gte=0), name="budget_limit_not_negative"),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=100), name="budget_warns_at_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.connection or self.workspace}, {self.period}: {self.limit}"

    @property
    def is_of_everybody(self) -> bool:
        return self.person_id is None and self.connection_id is None

    def counts(self, *, person: int, connection: int) -> bool:
        """Whether what this person sends through this connection is paid from this budget."""
        return self.person_id in (None, person) and self.connection_id in (None, connection)


class Use(models.Model):
    """How much of a budget is spent and reserved in one of its periods. Changed by conditional updates only."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="uses")
    start = models.DateField()
    spent = DollarsField(default=Decimal(0))
    reserved = DollarsField(default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "start"], name="use_once"),
            models.CheckConstraint(condition=Q(spent__gte=0, reserved__gte=0), name="use_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.budget} from {self.start}: {self.spent} spent, {self.reserved} reserved"
