"""Conversations as rows: a tree of turns, each of which is an ordinary run.

    Conversation  ->  Turn  ->  Run, whose generations are the turn's answers, side by side
                        |
                        `-- continues one answer of its parent turn, the one that the person liked

A turn without a parent begins at the conversation's own beginning: its start picture, or nothing. There may be several.
"""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import User, Workspace
from playground.runs.models import Generation, Output, Run, Upload


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, workspace: Workspace) -> "ConversationQuerySet":
        return self.filter(workspace=workspace)

    def newest(self) -> "ConversationQuerySet":
        """The one that went on last comes first."""
        return self.order_by("-touched_at", "-pk")


class Conversation(models.Model):
    """A tree of turns, and where it begins."""

    TITLE_LENGTH = 120

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="conversations")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="conversations")
    touched_at = models.DateTimeField()
    start = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="conversations")
    # What was said before the start picture, where this one was forked from another: see runs.history.
    history = models.JSONField(default=list)
    forked_from = models.ForeignKey("Turn", models.SET_NULL, null=True, related_name="forks")
    last_turn = models.ForeignKey("Turn", models.SET_NULL, null=True, related_name="+")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-touched_at", "-id"], name="conversation_newest")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="conversation_number_once"),
            models.CheckConstraint(condition=~Q(title=""), name="conversation_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("chat:conversation", args=[self.number])


class TurnQuerySet(models.QuerySet["Turn"]):
    def kept(self) -> "TurnQuerySet":
        """Those that nobody deleted."""
        return self.filter(removed_at=None)

    def with_answers(self) -> "TurnQuerySet":
        """With everything that the stage shows of them."""
        generations = Generation.objects.with_pictures().order_by("position")
        return self.select_related("run", "run__mask").prefetch_related(
            models.Prefetch("run__generations", generations)
        )

    def with_thumbs(self) -> "TurnQuerySet":
        """With what a step of the path, or a small picture, shows of them, and no more: the rows are wide."""
        outputs = Output.objects.only("generation_id", "index", "width", "height", "thumbnails")
        generations = (
            Generation.objects.only(*_OF_A_STEP)
            .order_by("position")
            .prefetch_related(models.Prefetch("outputs", outputs))
        )
        return (
            self.select_related("run")
            .only(*_OF_A_TURN)
            .prefetch_related(models.Prefetch("run__generations", generations))
        )


_OF_A_STEP = (
    "run_id", "position", "letter", "variant", "model_id", "endpoint", "state", "words", "cost", "seconds",
)  # fmt: skip
_OF_A_TURN = (
    "conversation_id", "number", "parent_id", "continues_id", "picture_id", "removed_at", "run", "run__number",
    "run__prompt",
)  # fmt: skip


class Turn(models.Model):
    """One thing that was said, and the run that answers it. That its parent is of the same conversation is checked
    by the service. A deleted one keeps its row, its run and its pictures.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField(_("step"))
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    run = models.OneToOneField(Run, models.CASCADE, related_name="turn")
    # The answer of the parent that this goes on from, and the picture that is changed: the answer's own, or where it
    # was in words, the one before it. None: the conversation's start, or nothing.
    continues = models.ForeignKey(Generation, models.RESTRICT, null=True, related_name="continued_by")
    picture = models.ForeignKey(Output, models.RESTRICT, null=True, related_name="continued_by")
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="turn_number_once"),
            models.CheckConstraint(
                condition=Q(parent=None, continues=None, picture=None)
                | Q(parent__isnull=False, continues__isnull=False),
                name="turn_continues_an_answer_of_its_parent",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="turn_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}, step {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("chat:turn", args=[self.conversation.number, self.number])
