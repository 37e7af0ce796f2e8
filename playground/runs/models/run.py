"""What a person asked for, once, and what goes along with it."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import User, Workspace
from playground.runs.models.generation import Generation
from playground.runs.models.upload import Mask, Upload


class RunQuerySet(models.QuerySet["Run"]):
    def of(self, workspace: Workspace) -> "RunQuerySet":
        return self.filter(workspace=workspace)

    def newest(self) -> "RunQuerySet":
        return self.order_by("-number")

    def for_pictures(self) -> "RunQuerySet":
        """What people asked for because they wanted the pictures."""
        return self.exclude(mode=Run.Mode.DOCTOR)

    def with_matrix(self) -> "RunQuerySet":
        """Those of many prompts."""
        return self.filter(matrix__isnull=False).select_related("matrix")

    def with_frames(self, first: int | None = None) -> "RunQuerySet":
        """With everything that a strip of frames shows; of all frames, or of the first so many."""
        frames = Generation.objects.with_pictures().order_by("position")
        return self.prefetch_related(
            models.Prefetch("generations", frames if first is None else frames.filter(position__lt=first)),
            models.Prefetch("references", Reference.objects.select_related("upload")),
        ).select_related("mask")


class Run(models.Model):
    """What a person asked for, once. Never changed afterwards, but for its pause and the mark of the last change."""

    class Mode(models.TextChoices):
        TEXT = "text", _("Text to image")
        EDIT = "edit", _("Edit with references")
        MASK = "mask", _("Edit inside a mask")
        CHAT = "chat", _("Edit by conversation")
        DOCTOR = "doctor", _("Doctor")  # what a provider does with disputed settings; see `questions`

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(_("number"))
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="runs")
    mode = models.CharField(_("mode"), max_length=16, choices=Mode, default=Mode.TEXT)
    prompt = models.TextField(_("prompt"))
    mask = models.ForeignKey(Mask, models.PROTECT, null=True, blank=True, related_name="runs")
    submission_key = models.UUIDField(default=uuid.uuid4, editable=False)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)  # since when none of its frames is sent

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "revision"], name="run_changes")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="run_number_once"),
            # The same form sent twice is one run.
            models.UniqueConstraint(fields=["workspace", "submission_key"], name="run_submitted_once"),
            models.CheckConstraint(condition=~Q(prompt=""), name="run_has_a_prompt"),
            models.CheckConstraint(
                condition=Q(mask=None) | Q(mode__in=("mask", "chat")), name="run_mask_is_its_mode"
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("studio:run", args=[self.number])


class Reference(models.Model):
    """A picture that goes along with a run: position 0 is what the prompt calls image 1."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="references")
    position = models.PositiveSmallIntegerField()
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="references")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="reference_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run}, image {self.number}"

    @property
    def number(self) -> int:
        """How the prompt counts it: from 1."""
        return self.position + 1
