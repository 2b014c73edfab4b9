"""Addresses and networks, as settings name them: ``127.0.0.1 10.0.0.0/8 fd00::/8``."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks(value: str) -> tuple[Network, ...]:
    """IP addresses and networks, separated by white space."""
    return tuple(map(ip_network, value.split()))


def is_in(address: str, allowed: Iterable[Network]) -> bool:
    """Whether one of the networks has the address; what is none is in no network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    # How a socket for both protocols names a caller by IPv4.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in allowed)
