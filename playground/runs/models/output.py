"""The pictures that came back."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from playground import catalog
from playground.accounts.models import Workspace
from playground.runs.models.generation import Generation


def small_url(url: str, width: int) -> str:
    """The address of a thumbnail, from its picture's: Django takes ten times as long to make up each."""
    return f"{url}w{width}.webp"


class OutputQuerySet(models.QuerySet["Output"]):
    def of(self, workspace: Workspace) -> "OutputQuerySet":
        return self.filter(workspace=workspace)

    def kept(self) -> "OutputQuerySet":
        """Without what lies in the bin."""
        return self.filter(binned_at=None)

    def newest(self) -> "OutputQuerySet":
        return self.order_by("-id")

    def with_story(self) -> "OutputQuerySet":
        return self.select_related(
            "generation", "generation__run", "generation__run__mask__upload", "made_from"
        )

    def as_files(self) -> "OutputQuerySet":
        """With no more than where their bytes are and what a file of them is called: a page asks for dozens."""
        place = ("generation__letter", "generation__variant", "generation__run__number")
        rows = self.select_related("generation__run")
        return rows.only("workspace", "file", "sha256", "format", "index", "thumbnails", *place)


class Output(models.Model):
    """A picture that came back: the provider's bytes untouched, by their SHA-256, and what was measured in them."""

    THUMBNAIL_WIDTHS = (320, 640, 1280)

    # The workspace again, so that the newest pictures of one are a walk along an index.
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="outputs")
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="outputs")
    index = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.CharField(max_length=120)
    byte_size = models.PositiveBigIntegerField()
    format = models.CharField(max_length=5)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    has_alpha = models.BooleanField(default=False)
    thumbnails = models.JSONField(default=list)  # the widths that exist, once they do
    placeholder = models.TextField(blank=True)  # a data URL of a few hundred bytes
    changed_outside = models.FloatField(null=True)  # of what its mask protects, 0 to 1
    heat_file = models.CharField(max_length=120, blank=True)  # where that is
    binned_at = models.DateTimeField(null=True)  # in the gallery's bin, from which it can be taken back
    # Made here from an answer, without a call: free.
    made_from = models.ForeignKey("self", models.CASCADE, null=True, related_name="restored")

    objects = OutputQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="output_newest"),
            models.Index(fields=["binned_at"], name="output_binned", condition=Q(binned_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="output_index_once"),
            models.UniqueConstraint(fields=["made_from"], name="output_restored_once"),
            models.CheckConstraint(
                condition=Q(format__in=("png", "jpeg", "webp")), name="output_format_known"
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0, byte_size__gt=0), name="output_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation.label} ({self.size})"

    def get_absolute_url(self) -> str:
        return reverse("gallery:picture", args=[self.pk])

    @cached_property
    def url(self) -> str:
        """Asked for by each of a frame's links."""
        return self.get_absolute_url()

    @property
    def size(self) -> catalog.Size:
        return catalog.Size(self.width, self.height)

    @property
    def original_url(self) -> str:
        return reverse("gallery:original", args=[self.pk])

    @property
    def download_name(self) -> str:
        """What the file is called on a person's disk: 214B.png."""
        suffix = f"-{self.index + 1}" if self.index else ""
        return f"{self.generation.label}{suffix}.{'jpg' if self.format == 'jpeg' else self.format}"

    def thumb(self, width: int) -> str:
        """The address of the smallest picture that is at least so wide; the original where there is none."""
        fitting = [known for known in self.thumbnails if known >= width] or self.thumbnails[-1:]
        return small_url(self.url, fitting[0]) if fitting else self.original_url

    @property
    def srcset(self) -> str:
        url = self.url
        return ", ".join(f"{small_url(url, width)} {width}w" for width in self.thumbnails)

    @property
    def cost(self) -> Decimal | None:
        """What this picture cost: nothing where it was made here."""
        return Decimal(0) if self.made_from_id else self.generation.cost

    @property
    def percent_outside(self) -> float | None:
        return None if self.changed_outside is None else 100 * self.changed_outside

    @property
    def missed_size(self) -> bool:
        """Whether other pixels came than were asked for."""
        asked = self.generation.asked
        return asked is not None and asked != self.size
