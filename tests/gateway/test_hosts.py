"""No link reaches a private address, whatever it is dressed as."""

import pytest

from playground.gateway.hosts import (
    ForbiddenHostError,
    host_and_port,
    is_public,
    permitted_addresses,
    system_resolver,
)

PRIVATE = [
    "0.0.0.0",  # noqa: S104 (nothing is bound to it)
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1:7f00:0:100::",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "100::1",
    "not an address",
    "",
]
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "172.32.0.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "[::1]".strip("[]")])
def test_numbers_in_disguise_are_resolved_and_refused(host):
    with pytest.raises(ForbiddenHostError):
        permitted_addresses(host, 80, trusted=(), resolver=system_resolver)


def test_one_private_address_among_public_ones_spoils_the_name():
    with pytest.raises(ForbiddenHostError):
        permitted_addresses("x.test", 80, trusted=(), resolver=lambda host, port: ["1.1.1.1", "10.0.0.1"])


def test_a_trusted_host_is_allowed_with_its_port_only():
    trusted = {"127.0.0.1:8001"}
    assert permitted_addresses("127.0.0.1", 8001, trusted=trusted, resolver=system_resolver) == ["127.0.0.1"]
    with pytest.raises(ForbiddenHostError):
        permitted_addresses("127.0.0.1", 8002, trusted=trusted, resolver=system_resolver)


def test_a_name_without_address_is_an_oserror():
    with pytest.raises(OSError, match="no address"):
        permitted_addresses("x.test", 80, trusted=(), resolver=lambda host, port: [])
    with pytest.raises(OSError, match="not a host name"):
        permitted_addresses("a" * 70 + ".test", 80, trusted=())


def test_how_a_trusted_host_is_written():
    assert host_and_port("Sim.Local", 80) == "sim.local:80"
    assert host_and_port("::1", 8001) == "[::1]:8001"
