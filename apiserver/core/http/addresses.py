"""Addresses of callers: one spelling for each, and what limits count them by."""

import re
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv6Address,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

_PORT = r"(?::[0-9]{1,5})?"
# With a port, and with brackets around an address of IPv6, which it has then.
_WITH_PORT = re.compile(rf"([0-9.]+){_PORT}|\[([0-9A-Fa-f:.]+)(?:%[^\]]+)?\]{_PORT}")


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Read an address in any spelling; None where it is none.

    A port and a zone (RFC 4007 section 11) are left out. Of IPv4 written as IPv6, as
    sockets for both name a caller, the address of IPv4 is returned.
    """
    found = _WITH_PORT.fullmatch(text)
    plain = found[1] or found[2] if found else text.partition("%")[0]
    try:
        address = ip_address(plain)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or address


@lru_cache(maxsize=4096)
def canonical_address(text: str) -> str:
    """Return the usual spelling (RFC 5952); a text that is not an address as it is."""
    address = parse_address(text)
    return text if address is None else str(address)


@lru_cache(maxsize=4096)
def counted_as(text: str, prefix: int) -> str:
    """Return by what an address is counted: of IPv6 the network with the prefix.

    A caller by IPv6 has a whole network, as a rule a /64, and takes whichever address.
    """
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, prefix), strict=False))
    return canonical_address(text)
