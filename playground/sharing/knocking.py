"""How often somebody may try: counted in the database, so that every process of every machine counts together.

Who tries is a keyed hash of the address, and of an IPv6 address of its network: one household has millions of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from playground.sharing.models import Knock


@dataclass(frozen=True)
class Limit:
    """At most so many tries within a span that begins with the first."""

    name: str
    most: int
    within: timedelta

    def is_reached(self, *who: object) -> bool:
        """Only read, so that a flood of tries writes nothing."""
        since = timezone.now() - self.within
        return Knock.objects.filter(pk=self._key(who), began_at__gt=since, tries__gte=self.most).exists()

    def take(self, *who: object) -> bool:
        """Count one try; False where it is one too many. Count before the try is looked at, or many go at once."""
        key, now = self._key(who), timezone.now()
        with transaction.atomic():
            Knock.objects.get_or_create(key=key, defaults={"began_at": now})
            rows = Knock.objects.filter(key=key)
            rows.filter(began_at__lte=now - self.within).update(began_at=now, tries=0)
            return bool(rows.filter(tries__lt=self.most).update(tries=F("tries") + 1))

    def give_back(self, *who: object) -> None:
        """Uncount a try that was none."""
        Knock.objects.filter(pk=self._key(who), tries__gt=0).update(tries=F("tries") - 1)

    def forgive(self, *who: object) -> None:
        Knock.objects.filter(pk=self._key(who)).delete()

    def _key(self, who: tuple[object, ...]) -> str:
        return salted_hmac(f"sharing.knock.{self.name}", repr(who), algorithm="sha256").hexdigest()


# Addresses that lead nowhere. Guessing one is hopeless; this keeps the trying from being work for us.
MISSES = Limit("miss", 60, timedelta(minutes=10))
# Passwords: by one visitor for one link, and by all of them together for one link.
GUESSES = Limit("guess", 6, timedelta(minutes=15))
ALL_GUESSES = Limit("guesses", 120, timedelta(hours=1))
# Blind votes on one link from one address, which may be that of a whole office: new ballots, and answers.
BALLOTS = Limit("ballot", 60, timedelta(hours=1))
VOTES = Limit("vote", 240, timedelta(hours=1))
LONGEST = max(limit.within for limit in (MISSES, GUESSES, ALL_GUESSES, BALLOTS, VOTES))


def caller(request: HttpRequest) -> str:
    """Where the request comes from. Behind a proxy (HTTPS=true) it is what that proxy wrote last, and nobody else."""
    raw = request.META.get("REMOTE_ADDR", "")
    if settings.HTTPS:
        raw = request.META.get("HTTP_X_FORWARDED_FOR", raw).rpartition(",")[2].strip()
    try:
        address = ip_address(raw)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
