"""Testing a connection for free: each of its addresses is asked for its models, all at the same time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from playground import catalog, gateway
from playground.accounts.addresses import check_reachable_here
from playground.accounts.connections import Route
from playground.accounts.keys import KeyLostError
from playground.accounts.models import Connection
from playground.gateway import probing
from playground.gateway.probing import Listing, Verdict

__all__ = ["Listing", "Probe", "Verdict", "probe"]


@dataclass(frozen=True)
class Probe:
    """What was found at each address. `has_key` is False where the stored key can't be read."""

    row: Connection
    listings: tuple[Listing, ...] = ()
    has_key: bool = True

    @property
    def offered(self) -> "list[catalog.Model]":
        """The catalog's models that any address lists."""
        listed = {name for listing in self.listings for name in listing.models}
        return [each for each in catalog.default().models if not listed.isdisjoint({each.id, *each.aliases})]

    @property
    def missing(self) -> "list[catalog.Model]":
        """Models that the owner chose for this connection and that no address lists."""
        if not self.row.served_models:
            return []
        offered = set(self.offered)
        return [each for each in catalog.default().models if self.row.serves(each) and each not in offered]

    @property
    def is_fine(self) -> bool:
        """Whether pictures can be expected: the first address is what calls go to."""
        return bool(
            self.listings and self.listings[0].verdict is Verdict.FINE and self.offered and not self.missing
        )


def probe(row: Connection) -> Probe:
    """Ask every address of the connection; takes as long as the slowest, twelve seconds at most."""
    try:
        way = Route(row).open()
    except KeyLostError:
        return Probe(row, has_key=False)
    # Looked at in this thread, whose language the reader's is.
    refused = {url: words for url in way.base_urls if (words := _why_not(row, url))}
    with ThreadPoolExecutor(max(1, len(way.base_urls))) as pool:
        listings = pool.map(lambda url: _ask(way, url, refused.get(url, "")), way.base_urls)
        return Probe(row, tuple(listings))


def _why_not(row: Connection, url: str) -> str:
    """A name may stand for another address than when it was entered."""
    try:
        if not row.from_environment:
            check_reachable_here(url)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _ask(way: gateway.Connection, url: str, refused: str) -> Listing:
    if refused:
        return Listing(url, Verdict.BAD_ADDRESS, provider_message=refused)
    return probing.models(way, url)
