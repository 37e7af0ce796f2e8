"""Addresses that people enter for a provider: mended where that is safe, refused with a sentence where it is not."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.gateway import BaseUrlError, normalise_base_url
from playground.gateway.hosts import ForbiddenHostError, permitted_addresses

MOST_ADDRESSES = 5
_PORTS = {"http": 80, "https": 443}
# The gateway's sentences, which know no translation themselves.
SENTENCES = (
    _("Enter the provider's base address, such as https://api.apiyi.com."),
    _("This is not a web address."),
    _("The base address must begin with https:// (or http://) and a host name."),
    _("The base address has no proper host name or port."),
    _("Leave user name and password out of the base address; the key has its own field."),
    _("The base address must not have a “?” or “#” part."),
    _(
        "This host gives up after about 100 seconds, too soon for pictures, and they are charged all the same. "
        "Use https://api.apiyi.com, https://vip.apiyi.com or https://b.apiyi.com."
    ),
)


@dataclass(frozen=True)
class Addresses:
    """What a person entered, ready to be stored; `remarks` say what was mended, in the reader's language."""

    urls: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def in_clear(self) -> list[str]:
        """Hosts on other machines to which the key would go unencrypted."""
        parts = [urlsplit(url) for url in self.urls]
        return [part.netloc for part in parts if part.scheme == "http" and not _is_here(part.hostname or "")]


def read_addresses(text: str) -> Addresses:
    """One address a line, in fail-over order; raises ValidationError with a sentence for each that can't be used."""
    urls: list[str] = []
    remarks: list[str] = []
    problems: list[str] = []
    for line in filter(None, (line.strip() for line in text.replace(",", "\n").splitlines())):
        try:
            url, remark = normalise_base_url(line)
            check_reachable_here(url)
        except (BaseUrlError, ValidationError) as error:
            problems.append(f"{line[:100]}: {_sentence(error)}")
            continue
        urls.append(url)
        if remark:
            remarks.append(gettext("Using %(address)s; /v1 is added by itself.") % {"address": url})
    unique = tuple(dict.fromkeys(urls))
    if not unique and not problems:
        problems.append(gettext(str(SENTENCES[0])))
    if len(unique) > MOST_ADDRESSES:
        problems.append(gettext("At most %(count)s addresses.") % {"count": MOST_ADDRESSES})
    if problems:
        raise ValidationError(problems)
    return Addresses(unique, tuple(remarks))


def _sentence(error: BaseUrlError | ValidationError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else gettext(str(error))


def check_reachable_here(url: str) -> None:
    """Raise ValidationError for a private address where several people share the machine.

    Whoever may log in could otherwise look around in the machine's own network. The local owner may name any host,
    and so may the environment.
    """
    if settings.LOCAL_MODE:
        return
    parts = urlsplit(url)
    try:
        permitted_addresses(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443), trusted=())
    except ForbiddenHostError as error:
        raise ValidationError(
            _("This host is in a private network. Only the operator can use it, with APIYI_BASE_URL.")
        ) from error
    except OSError as error:
        raise ValidationError(_("This host was not found.")) from error


def origins(urls: tuple[str, ...] | list[str]) -> set[tuple[str, str]]:
    """To whom a key was entrusted: scheme and host with port of each address."""
    return {(part.scheme, part.netloc) for part in map(urlsplit, urls)}


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
