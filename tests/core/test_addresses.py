"""Addresses of callers: spelled in one way, and counted by their networks."""

import pytest

from apiserver.core.http import canonical_address, counted_as

# Of each the spelling, and by what it is counted.
ADDRESSES = {
    "192.0.2.1": ("192.0.2.1", "192.0.2.1"),
    "192.0.2.1:80": ("192.0.2.1", "192.0.2.1"),
    "::ffff:192.0.2.1": ("192.0.2.1", "192.0.2.1"),
    "::FFFF:C000:0201": ("192.0.2.1", "192.0.2.1"),
    "0:0:0:0:0:ffff:192.0.2.1": ("192.0.2.1", "192.0.2.1"),
    "[::ffff:192.0.2.1]:80": ("192.0.2.1", "192.0.2.1"),
    "2001:DB8::1": ("2001:db8::1", "2001:db8::/64"),
    "2001:db8:0:0::1": ("2001:db8::1", "2001:db8::/64"),
    "[2001:db8::1]": ("2001:db8::1", "2001:db8::/64"),
    "2001:db8::192.0.2.1": ("2001:db8::c000:201", "2001:db8::/64"),
    "2001:0db8:0000:0000:ffff:ffff:ffff:ffff": (
        "2001:db8::ffff:ffff:ffff:ffff",
        "2001:db8::/64",
    ),
    "[2001:db8:0:1::1]:443": ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
    "fe80::1%eth0": ("fe80::1", "fe80::/64"),
    "[fe80::2%25eth1]:80": ("fe80::2", "fe80::/64"),
    # No addresses: of a socket of Unix, for one, or what nobody writes.
    "": ("", ""),
    "unix:": ("unix:", "unix:"),
    "localhost": ("localhost", "localhost"),
    "192.0.2.01": ("192.0.2.01", "192.0.2.01"),
    "192.0.2.1 ": ("192.0.2.1 ", "192.0.2.1 "),
    "192.0.2.1:port": ("192.0.2.1:port", "192.0.2.1:port"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_has_one_spelling_and_network(address):
    found = canonical_address(address), counted_as(address, 64)
    assert found == ADDRESSES[address]


@pytest.mark.parametrize(
    ("prefix", "network"),
    [
        (128, "2001:db8:1:2:3:4:5:6/128"),
        (56, "2001:db8:1::/56"),
        (48, "2001:db8:1::/48"),
        (1, "::/1"),
    ],
)
def test_is_counted_by_the_network_of_the_setting(prefix, network):
    assert counted_as("2001:db8:1:2:3:4:5:6", prefix) == network
    assert counted_as("192.0.2.1", prefix) == "192.0.2.1"
