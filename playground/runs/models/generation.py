"""The job: one picture wanted from one model, and how far it has come."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.models import Connection, User, Workspace
from playground.gateway import image_intent
from playground.runs.models.columns import FINAL_STATES, REPEATABLE_STATES, Billed, State, money
from playground.runs.models.worker import Worker


def label_of(number: int, letter: str, variant: int) -> str:
    """What people call a frame: 214B, or 214B2 where the model drew several."""
    return f"{number}{letter}{variant or ''}"


def wish_of(own_prompt: str, prompt: str) -> str:
    """What a frame is to show, of its own prompt and its run's; for rows that are read without their objects."""
    return own_prompt or prompt


class GenerationQuerySet(models.QuerySet["Generation"]):
    def of(self, workspace: Workspace) -> "GenerationQuerySet":
        return self.filter(run__workspace=workspace)

    def with_pictures(self) -> "GenerationQuerySet":
        return self.select_related("run", "retried_by", "retry_of").prefetch_related("outputs")

    def unfinished(self) -> "GenerationQuerySet":
        return self.filter(state__in=(State.QUEUED, State.RUNNING))


class Generation(models.Model):
    """One picture wanted from one model with one set of parameters: the snapshot, the state, and the job itself."""

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="generations")
    position = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=2)
    variant = models.PositiveSmallIntegerField(default=0)  # 0: the only one of its letter
    model_id = models.CharField(_("model"), max_length=100)
    endpoint = models.CharField(max_length=16, default=catalog.Endpoint.GENERATIONS.value)
    parameters = models.JSONField(default=dict)
    masked = models.BooleanField(_("mask sent"), default=False)
    # Where one run has many prompts: this frame's own (empty: the run's), and where it stands among the others.
    own_prompt = models.TextField(_("own prompt"), blank=True)
    place = models.CharField(max_length=60, blank=True)
    as_picture = models.BooleanField(default=False)  # words before the prompt say that a picture is wanted
    question = models.CharField(max_length=40, blank=True)  # the doctor's, where this call is to settle one
    prompt_sent = models.TextField(_("prompt as sent"))
    size_asked = models.CharField(_("size asked"), max_length=20, blank=True)
    simulated = models.BooleanField(_("simulated"))
    # The way that it was priced for, and the only one it may take. Null: the simulator, or one deleted since.
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, blank=True, related_name="generations"
    )
    # Who pays for it out of a budget: the run's author, or whoever asked for one more, or once more.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    price_multiplier = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(1))
    estimate_low = money()
    estimate_high = money()

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    born_revision = models.PositiveBigIntegerField(
        default=0, editable=False
    )  # pages that know less lack the frame
    watched = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="generations")
    waiting_until = models.DateTimeField(null=True)  # between two tries: when the next one is sent

    preview = models.JSONField(default=dict)  # the latest of a stream; see runs.previews

    failure = models.CharField(_("what went wrong"), max_length=40, blank=True)
    failure_values = models.JSONField(default=dict)
    words = models.TextField(_("what the model said"), blank=True)
    billed = models.CharField(_("billed"), max_length=8, choices=Billed, default=Billed.NO)
    cost = money(null=True, verbose_name=_("cost"))
    seconds = models.FloatField(_("seconds"), null=True)

    retry_of = models.OneToOneField("self", models.SET_NULL, null=True, related_name="retried_by")
    by_chain = models.BooleanField(default=False)  # nobody pressed: see runs.chain
    submission_key = models.UUIDField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="generation_unfinished",
                condition=Q(state__in=("queued", "running")),
            ),
            models.Index(
                fields=["model_id", "simulated", "-id"],
                name="generation_recent",
                condition=Q(question="", state__in=("succeeded", "failed")),
            ),
            models.Index(fields=["connection", "-id"], name="generation_examined", condition=~Q(question="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="generation_position_once"),
            models.UniqueConstraint(fields=["run", "letter", "variant"], name="generation_label_once"),
            models.UniqueConstraint(fields=["run", "submission_key"], name="generation_submitted_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(condition=Q(billed__in=Billed.values), name="generation_billed_known"),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(worker=None, finished_at=None),
                name="generation_queued_belongs_to_nobody",
            ),
            models.CheckConstraint(
                condition=~Q(state="running")
                | Q(worker__isnull=False, started_at__isnull=False, finished_at=None),
                name="generation_running_has_a_worker",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("queued", "running")) | Q(finished_at__isnull=False),
                name="generation_final_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="failed", failure__gt="") | (~Q(state="failed") & Q(failure="")),
                name="generation_failed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="words") | Q(words__gt="", billed="yes"),
                name="generation_words_are_billed",
            ),
            # Nothing that was sent can be called cancelled: cancelling is free.
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(billed="no", cost=None),
                name="generation_cancelled_is_free",
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(billed="yes"), name="generation_succeeded_is_billed"
            ),
            models.CheckConstraint(
                condition=Q(estimate_low__gte=0, estimate_high__gte=F("estimate_low")),
                name="generation_estimate_in_order",
            ),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="generation_cost_not_negative"
            ),
            # A pretence has no connection that could be paid.
            models.CheckConstraint(
                condition=Q(simulated=False) | Q(connection=None), name="generation_simulated_pays_nobody"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name people say to each other: 214B, or 214B2 where the model drew several."""
        return label_of(self.run.number, self.letter, self.variant)

    @property
    def short_label(self) -> str:
        """The same within its run: B2."""
        return f"{self.letter}{self.variant or ''}"

    @cached_property
    def model(self) -> "catalog.Model | None":
        """The catalog's entry; None when the model has been taken out since."""
        try:
            return catalog.default().get(self.model_id)
        except catalog.UnknownModelError:
            return None

    @property
    def model_label(self) -> str:
        return self.model.label if self.model else self.model_id

    @property
    def model_short(self) -> str:
        return self.model.short if self.model else self.model_id

    @property
    def asked(self) -> "catalog.Size | None":
        """The pixels that were asked for; None where the model was free to choose."""
        return catalog.Size.parse(self.size_asked) if self.size_asked else None

    @property
    def wish(self) -> str:
        """The person's words for this picture. The one place that knows whether they are the run's or its own."""
        return wish_of(self.own_prompt, self.run.prompt)

    @property
    def prompt(self) -> str:
        """The same; after an answer in words, with those before them that ask for a picture."""
        return image_intent(self.wish) if self.as_picture else self.wish

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def can_be_repeated(self) -> bool:
        """Whether it ended without a picture, and was not asked for again yet."""
        return self.state in REPEATABLE_STATES and not hasattr(self, "retried_by")
