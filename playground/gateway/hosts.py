"""May this machine connect to the host of a link that a stranger wrote? Every address it stands for is
looked at.

The name is resolved once, by whoever calls `resolve`, and the connection goes to one of the addresses
returned, so a name that changes its answer between the look and the connection gains nothing. Decimal,
octal and hexadecimal spellings ("2130706433") are turned into addresses by the resolver itself, and then
looked at like any other.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable

Resolver = Callable[[str, int], Iterable[str]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48"))
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_IPV4_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.88.99.0/24",
        "192.0.0.0/24",
        "100.64.0.0/10",
        "fec0::/10",
        "5f00::/16",
        "2001::/23",
        "100::/64",
    )
)


class ForbiddenHostError(Exception):
    """The host stands for an address that no link may reach."""


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses of a host in the system's order; raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def host_and_port(host: str, port: int) -> str:
    """As `Connection.trusted_hosts` writes it: "127.0.0.1:8001", "[::1]:8001"."""
    return f"[{host}]:{port}" if ":" in host else f"{host.lower()}:{port}"


def permitted_addresses(
    host: str, port: int, *, trusted: Iterable[str], resolver: Resolver = system_resolver
) -> list[str]:
    """The addresses to connect to, in order.

    Raises ForbiddenHostError if any of them is not public (one bad apple spoils the name), unless
    "host:port" is trusted; OSError when the name has no address.
    """
    try:
        addresses = list(resolver(host, port))
    except UnicodeError as error:  # a label that is too long for DNS
        raise OSError("not a host name") from error
    if not addresses:
        raise OSError("no address")
    if host_and_port(host, port) not in {name.lower() for name in trusted}:
        for text in addresses:
            if not is_public(text):
                raise ForbiddenHostError(host)
    return addresses


def is_public(text: str) -> bool:
    """Is this literal address one of the open internet, also after every disguise is taken off?"""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(_is_plain_public(each) for each in _unmasked(address))


def _unmasked(address: _Address) -> list[_Address]:
    """The address, and the IPv4 addresses that it carries inside."""
    inside: list[_Address] = [address]
    if isinstance(address, ipaddress.IPv4Address):
        return inside
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        inside.append(address.sixtofour)
    if address.teredo:
        inside.extend(address.teredo)
    if any(address in network for network in (*_NAT64, _IPV4_COMPATIBLE, _IPV4_TRANSLATED)):
        inside = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
        if address in _NAT64[1]:  # this prefix may carry it higher up
            inside.append(ipaddress.IPv4Address(_rfc6052_48(int(address))))
    return inside


def _rfc6052_48(number: int) -> int:
    """The IPv4 address in a /48 prefix: 16 bits, 8 zero bits, 16 bits."""
    return ((number >> 64) & 0xFFFF) << 16 | ((number >> 40) & 0xFFFF)


def _is_plain_public(address: _Address) -> bool:
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )
