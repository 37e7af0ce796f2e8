"""A connection as the Settings page shows it, and what a test or a deletion means, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.connections import Routes
from playground.accounts.models import Connection
from playground.accounts.probes import Listing, Probe, Verdict
from playground.runs.models import Generation, State

VERDICTS: dict[Verdict, Promise] = {
    Verdict.BAD_ADDRESS: _("%(host)s can't be used: %(said)s"),
    Verdict.KEY_UNSENDABLE: _("The key has characters that can't be sent. Enter it again without spaces."),
    Verdict.UNREACHABLE: _(
        "%(host)s can't be reached. Check the address, and this machine's way to the internet."
    ),
    Verdict.NOT_TRUSTED: _("%(host)s can't prove who it is: its certificate is not valid. Nothing was sent."),
    Verdict.TOO_SLOW: _("%(host)s took the question and did not answer in time. Try again later."),
    Verdict.BAD_KEY: _("%(host)s answers, but the key is wrong. Copy it again from the provider's console."),
    Verdict.FORBIDDEN: _(
        "%(host)s knows the key and forbids the question. Check the key's group and limits."
    ),
    Verdict.WRONG_PATH: _(
        "%(host)s answers, but not at this path. The address must be the part before /v1, usually the host alone."
    ),
    Verdict.REDIRECTED: _(
        "%(host)s sends callers elsewhere, which is not followed so that the key stays here. "
        "Enter the final address."
    ),
    Verdict.WEB_PAGE: _(
        "%(host)s answers with a web page. That is a site for people; the API has another address."
    ),
    Verdict.NOT_A_LIST: _("%(host)s answers, but not with a list of models. Is it an OpenAI-compatible API?"),
    Verdict.FAILED: _("%(host)s failed with status %(status)s. Try again later."),
}


@dataclass(frozen=True)
class Line:
    """One sentence about one address; `level` is good, warn or bad."""

    words: str
    level: str
    said: str = ""  # the provider's own words


def lines_of(probe: Probe) -> list[Line]:
    """What a test found, most important first."""
    if not probe.has_key:
        return [Line(gettext("Its key can't be read any more. Enter it again."), "bad")]
    bad = [_bad_line(listing) for listing in probe.listings if listing.verdict is not Verdict.FINE]
    fine = [listing for listing in probe.listings if listing.verdict is Verdict.FINE]
    return [*bad, *(_about_models(probe, fine) if fine else ())]


def _bad_line(listing: Listing) -> Line:
    values = {"host": _host(listing), "said": listing.provider_message, "status": listing.status or "?"}
    said = "" if listing.verdict is Verdict.BAD_ADDRESS else listing.provider_message
    return Line(gettext(str(VERDICTS[listing.verdict])) % values, "bad", said)


def _host(listing: Listing) -> str:
    return listing.base_url.partition("://")[2] or listing.base_url


def _about_models(probe: Probe, fine: Sequence[Listing]) -> Iterator[Line]:
    hosts = ", ".join(_host(listing) for listing in fine)
    count = max(len(listing.models) for listing in fine)
    if not probe.offered:
        words = gettext(
            "%(host)s takes the key, but lists no picture model that is known here, among %(count)s models. "
            "Check the key's group."
        )
        yield Line(words % {"host": hosts, "count": count}, "bad")
        return
    names = ", ".join(each.label for each in probe.offered)
    yield Line(
        gettext("%(host)s answers and the key is right. Picture models: %(names)s.")
        % {"host": hosts, "names": names},
        "good",
    )
    if probe.missing:
        words = gettext("Chosen for this connection, but not listed: %(names)s.")
        yield Line(words % {"names": ", ".join(each.label for each in probe.missing)}, "warn")


@dataclass(frozen=True)
class Shown:
    """One connection in the list."""

    row: Connection
    number: int
    is_first: bool
    is_last: bool

    @property
    def served(self) -> str:
        """The models in words; empty for all."""
        known = [each.label for each in catalog.default().models if each.id in self.row.served_models]
        return ", ".join(known)

    @property
    def discount(self) -> Decimal | None:
        """What is paid of the list price, in percent; None for all of it."""
        multiplier = self.row.price_multiplier
        return None if multiplier == 1 else multiplier * 100


def shown(routes: Routes) -> list[Shown]:
    last = len(routes.rows) - 1
    return [
        Shown(row, position + 1, position == 0, position == last) for position, row in enumerate(routes.rows)
    ]


def consequences(row: Connection, routes: Routes) -> list[str]:
    """What deleting the connection means, one sentence each."""
    unfinished = Generation.objects.filter(connection=row).unfinished()
    states = list(unfinished.values_list("state", flat=True))
    queued, running = states.count(State.QUEUED), states.count(State.RUNNING)
    said = [gettext("Its key is erased here. At the provider it stays valid.")]
    if queued:
        said.append(
            ngettext(
                "%(count)s queued picture will not be sent, and costs nothing.",
                "%(count)s queued pictures will not be sent, and cost nothing.",
                queued,
            )
            % {"count": queued}
        )
    if running:
        said.append(
            ngettext(
                "%(count)s call is on its way: it goes on, is billed, and its picture is kept.",
                "%(count)s calls are on their way: they go on, are billed, and their pictures are kept.",
                running,
            )
            % {"count": running}
        )
    said.append(gettext("Finished pictures stay, with what they cost and the connection's name."))
    if routes.enabled == [row]:
        said.append(gettext("It is the only one that is switched on: from then on the simulator answers."))
    return said
