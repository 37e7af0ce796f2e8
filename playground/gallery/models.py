"""What the gallery knows of each picture: what it is filtered by, and what people made of it.

A Picture stands beside each finished Output, so that a page, a filter and a search each walk an index, however many
there are. All but the marks (favourite, rating, tags, collections, bin) can be made anew from the runs.
"""

from collections.abc import Collection as Some

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import Workspace
from playground.runs.models import Output, money

BEST = 5
_SHOWN = Q(binned_at=None)
_BINNED = Q(binned_at__isnull=False)  # as it is asked for: SQLite sees no sense in "not null" said otherwise


class Tag(models.Model):
    """A word that people put on pictures."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tags")
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=60)  # the name as it is compared: case makes no other tag

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="tag_once")]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """Pictures that somebody put together under a name."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="collections")
    name = models.CharField(_("name"), max_length=100)
    key = models.CharField(max_length=100)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="collection_once")]

    def __str__(self) -> str:
        return self.name


class PictureQuerySet(models.QuerySet["Picture"]):
    def of(self, workspace: Workspace) -> "PictureQuerySet":
        """Also those in the bin."""
        return self.filter(workspace=workspace)

    def shown(self) -> "PictureQuerySet":
        return self.filter(binned_at=None)

    def binned(self) -> "PictureQuerySet":
        return self.filter(binned_at__isnull=False)

    def having(self, **facets: Some[str]) -> "PictureQuerySet":
        """With one of these values of each facet: equality where there is one, so that an index keeps its order."""
        for name, values in facets.items():
            self = self.filter(**{name: next(iter(values))} if len(values) == 1 else {f"{name}__in": values})
        return self


class Picture(models.Model):
    """One finished output in the gallery. Its key is the output's, and newest first is by it."""

    output = models.OneToOneField(Output, models.CASCADE, primary_key=True, related_name="picture")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="pictures", db_index=False)
    made_on = models.DateField(_("made on"))  # in the installation's time zone when it came
    cost = money(default=0)  # of a real call, as far as it is known; none for what was simulated or made here
    model = models.CharField(max_length=100)
    mode = models.CharField(max_length=16)
    size = models.CharField(max_length=8)
    ratio = models.CharField(max_length=8)
    price = models.CharField(max_length=8)
    origin = models.CharField(max_length=10)

    is_favourite = models.BooleanField(_("favourite"), default=False)
    rating = models.PositiveSmallIntegerField(_("rating"), default=0)  # 0: not rated
    tags = models.ManyToManyField(Tag, through="Tagging", related_name="pictures")
    collections = models.ManyToManyField(Collection, through="Placing", related_name="pictures")
    binned_at = models.DateTimeField(_("put into the bin"), null=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-output"], name="picture_newest", condition=_SHOWN),
            *(
                models.Index(fields=["workspace", facet, "-output"], name=f"picture_{facet}", condition=_SHOWN)
                for facet in ("model", "mode", "size", "ratio", "price", "origin")
            ),
            models.Index(fields=["workspace", "made_on", "output"], name="picture_day", condition=_SHOWN),
            models.Index(
                fields=["workspace", "-output"], name="picture_favourite", condition=_SHOWN & Q(is_favourite=True)
            ),
            models.Index(fields=["workspace", "-output"], name="picture_rated", condition=_SHOWN & Q(rating__gt=0)),
            models.Index(fields=["workspace", "-binned_at", "-output"], name="picture_bin", condition=_BINNED),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(rating__lte=BEST), name="picture_rating_known"),
        ]

    def __str__(self) -> str:
        return str(self.output)


class Tagging(models.Model):
    """A tag on a picture."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", db_index=False)
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="taggings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "picture"], name="tagging_once")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.picture_id}"


class Placing(models.Model):
    """A picture's place in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="placings", db_index=False)
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="placings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "picture"], name="placing_once")]

    def __str__(self) -> str:
        return f"{self.picture_id} in {self.collection}"


class Tally(models.Model):
    """How many pictures are shown with a value of a facet, and what they cost: counted as they come and go."""

    ALL, DAY = "all", "day"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tallies", db_index=False)
    facet = models.CharField(max_length=10)
    value = models.CharField(max_length=100, blank=True)
    pictures = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=6, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "facet", "value"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.pictures} of {self.facet} {self.value}"
