"""What people bring along as rows: pictures, and masks of them."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.models import Workspace


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, workspace: Workspace) -> "UploadQuerySet":
        return self.filter(workspace=workspace)


class Upload(models.Model):
    """A picture that somebody brought along: the original untouched, and the prepared copy that is sent.

    Both lie in storage by the SHA-256 of their bytes: the same file twice is one row, and a picture that was made
    here is used again without a copy.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=120)
    format = models.CharField(max_length=5)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveBigIntegerField()

    sent_file = models.CharField(max_length=120)
    sent_sha256 = models.CharField(max_length=64)
    sent_format = models.CharField(max_length=5)
    sent_width = models.PositiveIntegerField()
    sent_height = models.PositiveIntegerField()
    sent_byte_size = models.PositiveBigIntegerField()
    png_file = models.CharField(
        max_length=120, blank=True
    )  # what is sent beside a mask: both have one format
    notes = models.JSONField(default=list)  # what was done to it, as codes with values (see refusals)
    taken_from = models.ForeignKey("runs.Output", models.SET_NULL, null=True, related_name="uploads")

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "sha256"], name="upload_stored_once"),
            models.CheckConstraint(
                condition=Q(sent_format__in=("png", "jpeg", "webp")), name="upload_sent_format_known"
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0, byte_size__gt=0, sent_byte_size__gt=0),
                name="upload_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sent_size(self) -> catalog.Size:
        return catalog.Size(self.sent_width, self.sent_height)

    @property
    def is_lighter(self) -> bool:
        """Whether less than nine tenths of its bytes are sent."""
        return self.sent_byte_size < 0.9 * self.byte_size

    @property
    def thumbnail_url(self) -> str:
        return reverse("studio:upload-thumbnail", args=[self.pk])

    @property
    def sent_url(self) -> str:
        return reverse("studio:upload-sent", args=[self.pk])


class Mask(models.Model):
    """Which part of a picture may change: a PNG as large as the copy that is sent, alpha 0 where it may."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="masks")
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="masks")
    created_at = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=120)
    share = models.FloatField(_("share of the picture"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "sha256"], name="mask_stored_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="mask_paints_something"),
        ]

    def __str__(self) -> str:
        return f"Mask of {self.upload}"

    @property
    def percent(self) -> float:
        return 100 * self.share

    @property
    def url(self) -> str:
        return reverse("studio:mask-file", args=[self.pk])
