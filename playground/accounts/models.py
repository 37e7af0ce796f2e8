"""Who owns what: people, the workspaces that hold their pictures, and each workspace's ways to a provider."""

from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import connection, connections, models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from playground.accounts.keys import KeyLostError, last_characters, seal, unseal
from playground.catalog import Model


class User(AbstractUser):
    """A person who can log in (on an installation that asks for it)."""


_LOCAL_COLUMNS = (
    "id",
    "slug",
    "name",
    "last_run_number",
    "revision",
)  # the others are read when they are needed
_LOCAL = """
    SELECT id, slug, name, last_run_number, revision,
        EXISTS (SELECT 1 FROM accounts_workspace other WHERE other.id <> mine.id)
    FROM accounts_workspace mine WHERE slug = %s
"""
_OTHERS = "SELECT EXISTS (SELECT 1 FROM accounts_workspace WHERE id <> %s)"


class WorkspaceManager(models.Manager["Workspace"]):
    def local(self) -> "Workspace":
        """The installation's own workspace, made when it is first asked for.

        Every request begins with this, also each poll of thousands of open pages: the row is read with as little
        work as possible, and never remembered, so that nothing has to be kept true.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(_LOCAL, [Workspace.LOCAL])
            row = cursor.fetchone()
        if row is None:
            return self.get_or_create(slug=Workspace.LOCAL, defaults={"name": "Darkroom"})[0]
        workspace = self.model.from_db(self.db, _LOCAL_COLUMNS, row[:-1])
        workspace.has_others = bool(row[-1])
        return workspace

    def of(self, user: User) -> "Workspace | None":
        """The workspace that this person works in, if any."""
        return self.filter(memberships__user=user).order_by("memberships__pk").first()


class Workspace(models.Model):
    """Everything that belongs together: runs, pictures, spending. Nothing is ever looked up without one.

    `revision` grows by one with every change of a run in it, in the transaction of that change: pages poll it.
    """

    LOCAL = "local"

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_run_number = models.PositiveIntegerField(default=0, editable=False)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    objects: ClassVar[WorkspaceManager] = WorkspaceManager()

    def __str__(self) -> str:
        return self.name

    @cached_property
    def has_others(self) -> bool:
        """Whether this installation holds another one beside it; of its own, it is known from the start."""
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS, [self.pk])
            return bool(cursor.fetchone()[0])


class Membership(models.Model):
    """A person's place in a workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class KeyType(models.TextChoices):
    """What a provider's key may be used for; the values are the catalog's."""

    UNKNOWN = "", _("Not known")
    PER_CALL = "per-call", _("Per call")
    USAGE_PRIORITY = "usage-priority", _("Usage priority")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def of(self, workspace: Workspace) -> "ConnectionQuerySet":
        return self.filter(workspace=workspace)

    def in_order(self) -> "ConnectionQuerySet":
        """The first one that can serve a model does."""
        return self.order_by("position", "pk")


class Connection(models.Model):
    """A workspace's way to a provider: addresses, the key for them, and what is known of both.

    The one `from_environment` stands for APIYI_API_KEY: its key, addresses and price are read from the settings and
    never stored. The others keep their key encrypted; nothing but `key` ever returns it.
    """

    ENVIRONMENT_NAME = "apiyi"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="connections")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(_("switched on"), default=True)
    from_environment = models.BooleanField(default=False, editable=False)
    stored_base_urls = models.JSONField(default=list)
    sealed_key = models.TextField(blank=True, editable=False)
    stored_key_end = models.CharField(max_length=4, blank=True, editable=False)
    key_type = models.CharField(_("token type"), max_length=20, choices=KeyType, blank=True)
    served_models = models.JSONField(default=list)  # ids; empty: every model
    stored_multiplier = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(1))
    # What was found out about this provider by asking it: model id -> question -> finding.
    switches = models.JSONField(default=dict)
    examined_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="connection_name_once"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(from_environment=True), name="connection_environment_once"
            ),
            models.CheckConstraint(
                condition=Q(key_type__in=KeyType.values), name="connection_key_type_known"
            ),
            models.CheckConstraint(
                condition=Q(stored_multiplier__gt=0), name="connection_multiplier_positive"
            ),
            # The environment's key never lies in the database; every other connection has one there.
            models.CheckConstraint(
                condition=Q(from_environment=True, sealed_key="")
                | (Q(from_environment=False) & ~Q(sealed_key="")),
                name="connection_key_at_its_place",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def base_urls(self) -> tuple[str, ...]:
        """In fail-over order."""
        return tuple(settings.APIYI_BASE_URL if self.from_environment else self.stored_base_urls)

    @property
    def hosts(self) -> list[str]:
        """What a page says of the addresses."""
        return [urlsplit(url).netloc for url in self.base_urls]

    @property
    def price_multiplier(self) -> Decimal:
        """What is paid of the list price: 0.85 with a deposit bonus of 15 %."""
        return Decimal(settings.PRICE_MULTIPLIER if self.from_environment else self.stored_multiplier)

    @property
    def key(self) -> str:
        """The key itself; raises KeyLostError where it can't be had any more."""
        if not self.from_environment:
            return unseal(self.sealed_key)
        if not settings.APIYI_API_KEY:
            raise KeyLostError
        return str(settings.APIYI_API_KEY)

    @property
    def key_end(self) -> str:
        """The last four characters of the key, which is all that anybody sees of it."""
        if self.from_environment:
            # The installation's own key is nothing for other workspaces to recognise.
            is_own = self.workspace.slug == Workspace.LOCAL
            return last_characters(settings.APIYI_API_KEY) if is_own else ""
        return self.stored_key_end

    @property
    def has_lost_its_key(self) -> bool:
        try:
            return not self.key
        except KeyLostError:
            return True

    def keep_key(self, key: str) -> None:
        """Encrypt a new key into this row, which the caller saves."""
        self.sealed_key, self.stored_key_end = seal(key), last_characters(key)

    def serves(self, model: Model) -> bool:
        """Whether the owner lets this model go through here."""
        names = {model.id, *model.aliases}
        return not self.served_models or not names.isdisjoint(self.served_models)

    def may_use(self, model: Model) -> bool:
        """Whether the token type fits, as far as it is known."""
        return not self.key_type or self.key_type in model.key_types

    def found(self, model_id: str, question: str) -> Any:
        """What the doctor found out about this model here; None where nobody has asked."""
        return self.switches.get(model_id, {}).get(question)


class Chain(models.Model):
    """Which models may be asked by the machine when a channel fails, in this order, and how far it may go.

    Without a row nothing is asked by itself. `most` is in US dollars, for one picture over all its tries.
    """

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="chain")
    model_ids = models.JSONField(_("models"))
    most = models.DecimalField(_("at most"), max_digits=10, decimal_places=6)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(most__gt=0), name="chain_has_a_limit")]

    def __str__(self) -> str:
        return ", ".join(self.model_ids)
