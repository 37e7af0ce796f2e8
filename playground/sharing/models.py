"""Links that show pictures to people who have no account here.

    Link  ->  Item, one numbered place for each picture that it has ever shown
          ->  Visit, one browser on one day, so that it is counted once
    Knock     how often somebody at one address tried an address or a password

A link does not hold what it shows: a picture that is erased leaves its place empty.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import User, Workspace
from playground.chat.models import Conversation
from playground.gallery.models import Collection
from playground.runs.models import Output, Run

if TYPE_CHECKING:
    from playground.sharing.polls import Asked


class LinkQuerySet(models.QuerySet["Link"]):
    def of(self, workspace: Workspace) -> "LinkQuerySet":
        return self.filter(workspace=workspace)

    def open(self) -> "LinkQuerySet":
        """Those that show something now."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(in_time, ended_at=None)

    def with_sources(self) -> "LinkQuerySet":
        return self.select_related("workspace", "run", "collection", "conversation")


class Link(models.Model):
    """An address that nobody can guess, what it shows, and for how long."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        COMPARISON = "comparison", _("Pictures")
        RUN = "run", _("Run")
        COLLECTION = "collection", _("Collection")
        CONVERSATION = "conversation", _("Conversation")

    # What may be ticked, by the names of its columns. Whatever is not ticked is in no answer.
    SHOWS = ("prompts", "references", "costs", "models", "originals")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="links")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="links")
    # The token itself is known to those who have the address: see `hash_of`.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The form that made the newest token; the same form sent again makes no other one.
    submission_key = models.UUIDField(editable=False)

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="links")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="links")
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="links")
    gathered_at = models.DateTimeField()  # what came into its run or conversation later is not shown

    title = models.CharField(_("title"), max_length=120, blank=True)
    words = models.TextField(_("words"), blank=True)
    signed = models.CharField(_("shared by"), max_length=60, blank=True)
    shows_prompts = models.BooleanField(default=False)
    shows_references = models.BooleanField(default=False)
    shows_costs = models.BooleanField(default=False)
    shows_models = models.BooleanField(default=False)
    shows_originals = models.BooleanField(default=False)
    takes_votes = models.BooleanField(default=False)
    is_indexed = models.BooleanField(default=False)

    expires_at = models.DateTimeField(_("open until"), null=True)
    ended_at = models.DateTimeField(null=True)
    password = models.CharField(max_length=128, blank=True, editable=False)  # as Django hashes it

    views = models.PositiveIntegerField(_("views"), default=0)
    last_seen_at = models.DateTimeField(null=True)

    # While a visitor is answered, and never stored:
    token = ""  # of the address that he came by
    asked: "Asked | None" = None  # what he is asked, if his vote is

    objects = LinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="link_newest")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "submission_key"], name="link_submitted_once"),
            models.CheckConstraint(
                condition=Q(kind="run", run__isnull=False) | (~Q(kind="run") & Q(run=None)),
                name="link_of_a_run",
            ),
            models.CheckConstraint(
                condition=Q(kind="collection", collection__isnull=False)
                | (~Q(kind="collection") & Q(collection=None)),
                name="link_of_a_collection",
            ),
            models.CheckConstraint(
                condition=Q(kind="conversation", conversation__isnull=False)
                | (~Q(kind="conversation") & Q(conversation=None)),
                name="link_of_a_conversation",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.source or self.get_kind_display())

    @staticmethod
    def hash_of(token: str) -> str:
        """What is stored of a token. It is random enough that nobody finds it from this, without salt or stretching."""
        return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()

    @property
    def source(self) -> "Run | Collection | Conversation | None":
        return self.run or self.collection or self.conversation

    @property
    def shows(self) -> Sequence[str]:
        """The names of what is ticked."""
        return [name for name in self.SHOWS if getattr(self, f"shows_{name}")]

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and not self.has_expired


class Item(models.Model):
    """A picture's number in a link. It never changes and is never given again, because addresses hold it."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()  # from 1
    output = models.ForeignKey(Output, models.SET_NULL, null=True, related_name="shown_in")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["link", "position"], name="item_position_once"),
            models.UniqueConstraint(fields=["link", "output"], name="item_output_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.link}"


class Visit(models.Model):
    """A browser that looked on a day: by a number that it made nothing of, and nothing that says whose it is."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="visits", db_index=False)
    day = models.DateField(db_index=True)
    visitor = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day", "visitor"], name="visit_once")]

    def __str__(self) -> str:
        return f"{self.link} on {self.day}"


class Knock(models.Model):
    """Tries within a span of time. Who tried what is in `key`, as a keyed hash: no address is stored."""

    key = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField(db_index=True)
    tries = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.tries} since {self.began_at}"
