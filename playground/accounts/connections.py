"""Which way a call goes: through one of the workspace's connections, or to the simulator while it has none.

    routes = routes_of(workspace)          # one query, for as many models as a page shows
    routes.to(model).price_multiplier      # or NoConnectionError, with a sentence for a person
    for_model(workspace, model)            # the gateway's connection, with its key

What was asked for keeps its way: `reopen` gives the connection that it was priced for, and never another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground import gateway
from playground.accounts.keys import KeyLostError
from playground.accounts.models import Connection, KeyType, Workspace
from playground.catalog import Model
from playground.gateway.hosts import host_and_port

SIMULATOR = "simulator"
_PORTS = {"http": 80, "https": 443}
_REASONS: dict[str, Promise] = {
    "none": _("There is no connection to a provider. Add one in Settings."),
    "off": _("Every connection is switched off. Switch one on in Settings."),
    "not_served": _("None of your connections serves %(model)s. Choose it for one of them in Settings."),
    "key_type": _("%(model)s needs a %(wanted)s key; your connection “%(connection)s” has a %(found)s key."),
}
_KEY_WORDS: dict[str, Promise] = {
    KeyType.PER_CALL: _("per-call"),
    KeyType.USAGE_PRIORITY: _("usage-priority"),
}


class NoConnectionError(Exception):
    """No connection of the workspace can serve the model; the message says why, in the reader's language."""

    def __init__(self, code: str, model: Model, connection: Connection | None = None) -> None:
        self.code = code
        values = {
            "model": model.label,
            "connection": connection.name if connection else "",
            "wanted": str(_KEY_WORDS.get(model.key_types[0], "")) if model.key_types else "",
            "found": str(_KEY_WORDS.get(connection.key_type, "")) if connection else "",
        }
        super().__init__(gettext(str(_REASONS[code])) % values)


class ConnectionChangedError(Exception):
    """The way that something was priced for is not there any more; `code` is the failure's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Route:
    """The way that a call would take: a row, or the simulator where there is none."""

    row: Connection | None

    @property
    def is_simulator(self) -> bool:
        return self.row is None

    @property
    def name(self) -> str:
        return self.row.name if self.row else SIMULATOR

    @property
    def price_multiplier(self) -> Decimal:
        return self.row.price_multiplier if self.row else Decimal(1)

    def open(self) -> gateway.Connection:
        """The connection with its key; raises KeyLostError."""
        return _opened(self.row) if self.row else simulator()


class Routes:
    """Every way out of one workspace, in the owner's order."""

    def __init__(self, rows: Iterable[Connection], *, has_simulator: bool) -> None:
        self.rows = list(rows)
        self.enabled = [row for row in self.rows if row.is_enabled]
        self._has_simulator = has_simulator

    @property
    def is_simulated(self) -> bool:
        """Whether everything goes to the simulator: nobody has given a key that is in use."""
        return self._has_simulator and not self.enabled

    @property
    def names_matter(self) -> bool:
        """Whether there is more than one way, so that a page must say which one is taken."""
        return len(self.enabled) > 1

    def to(self, model: Model) -> Route:
        """The first connection that serves the model; raises NoConnectionError."""
        if self.is_simulated:
            return Route(None)
        serving = [row for row in self.enabled if row.serves(model)]
        for row in serving:
            if row.may_use(model):
                return Route(row)
        if serving:
            raise NoConnectionError("key_type", model, serving[0])
        raise NoConnectionError("not_served" if self.enabled else "off" if self.rows else "none", model)


def routes_of(workspace: Workspace) -> Routes:
    """The workspace's ways, in one query. The simulator runs where the environment holds no key."""
    return Routes(rows_of(workspace), has_simulator=settings.SIMULATED)


def rows_of(workspace: Workspace) -> list[Connection]:
    """Its connections in order; the environment's first, until the owner moves it."""
    rows = list(Connection.objects.of(workspace).in_order())
    for row in rows:
        row.workspace = workspace  # no query for what is known
    if not settings.APIYI_API_KEY:
        return [row for row in rows if not row.from_environment]
    if not any(row.from_environment for row in rows):
        rows.insert(0, _environment_row(workspace, rows))
    return rows


def _environment_row(workspace: Workspace, rows: Iterable[Connection]) -> Connection:
    """The row that stands for the environment's key, made when it is first needed."""
    taken = {row.name for row in rows}
    name = Connection.ENVIRONMENT_NAME
    name = name if name not in taken else f"{name} (APIYI_API_KEY)"
    return Connection.objects.get_or_create(
        workspace=workspace, from_environment=True, defaults={"name": name}
    )[0]


def is_any_provider_connected() -> bool:
    """Whether any workspace of this installation has a way to a real provider."""
    stored = Connection.objects.filter(is_enabled=True, from_environment=False)
    return not settings.SIMULATED or stored.exists()


def for_model(workspace: Workspace, model: Model) -> gateway.Connection:
    """The connection that serves the model now; raises NoConnectionError and KeyLostError."""
    return routes_of(workspace).to(model).open()


def reopen(row: Connection | None, *, simulated: bool) -> gateway.Connection:
    """The way that something was asked for, as it is now; raises ConnectionChangedError.

    What was asked for as a pretence never becomes a purchase, nor the other way round, nor does a call move to
    another connection, whose price the person has not seen.
    """
    if simulated and settings.SIMULATED:
        return simulator()
    if simulated or row is None or (row.from_environment and not settings.APIYI_API_KEY):
        raise ConnectionChangedError("connection_changed")
    if not row.is_enabled:
        raise ConnectionChangedError("connection_off")
    try:
        return _opened(row)
    except KeyLostError as error:
        raise ConnectionChangedError("key_lost") from error


def for_links(row: Connection | None, *, simulated: bool) -> gateway.Connection:
    """What fetching a picture link needs of a connection: the private hosts that its owner named, and no key."""
    if simulated:
        return simulator()
    urls = row.base_urls if row else ()
    return gateway.Connection(
        name=row.name if row else "", base_urls=urls, key="", trusted_hosts=_hosts(urls)
    )


def simulator() -> gateway.Connection:
    """The simulator that this installation runs, or is told of."""
    return gateway.Connection(
        name=SIMULATOR,
        base_urls=(settings.SIMULATOR_URL,),
        key="simulator",
        trusted_hosts=_hosts([settings.SIMULATOR_URL]),
        is_simulator=True,
    )


def _opened(row: Connection) -> gateway.Connection:
    return gateway.Connection(
        name=row.name,
        base_urls=row.base_urls,
        key=row.key,
        trusted_hosts=_hosts(row.base_urls),
        price_multiplier=row.price_multiplier,
    )


def _hosts(urls: Iterable[str]) -> frozenset[str]:
    """Host and port of each address: whoever entered it meant it, also where it is a private one."""
    parts = [urlsplit(url) for url in urls]
    return frozenset(
        host_and_port(part.hostname or "", part.port or _PORTS.get(part.scheme, 443)) for part in parts
    )
