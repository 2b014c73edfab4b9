"""Addresses and networks in settings: ``127.0.0.1 10.0.0.0/8 fd00::/8``."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Network,
    IPv6Network,
    ip_interface,
    ip_network,
)

from apiserver.core.http import parse_address
from apiserver.core.settings import words

Network = IPv4Network | IPv6Network
# IPv4-mapped IPv6 addresses, which are compared as IPv4.
MAPPED = IPv6Network("::ffff:0:0/96")


def networks(value: str) -> tuple[Network, ...]:
    """IP addresses and networks, separated as words."""
    return tuple(map(network, words(value)))


def network(value: str) -> Network:
    """An IP address, or a network of them."""
    try:
        parsed = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(
            f"must have IP addresses and networks such as 10.0.0.0/8, not {value}"
        ) from None
    if "/" in value and str(parsed) != str(ip_interface(value)):
        raise ValueError(f"must have the network {parsed}, not {value}")
    if parsed.version == 6 and parsed.subnet_of(MAPPED):
        raise ValueError(f"must have {value} as an IPv4 address or network")
    return parsed


def is_in(address: str, allowed: Iterable[Network]) -> bool:
    """Whether one of the networks contains the address; False if it is invalid."""
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in allowed)
