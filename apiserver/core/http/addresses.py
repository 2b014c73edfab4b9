"""IP addresses of callers: their canonical form, and how limits count them."""

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
# With a port, and with the brackets that an IPv6 address needs then.
_WITH_PORT = re.compile(rf"([0-9.]+){_PORT}|\[([0-9A-Fa-f:.]+)(?:%[^\]]+)?\]{_PORT}")


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Parse an address in any notation; None if it isn't one.

    A port and a zone (RFC 4007 section 11) are dropped. An IPv4-mapped IPv6 address, as
    dual-stack sockets report, becomes an IPv4 address.
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
    """Return the canonical form (RFC 5952); text that is no address is unchanged."""
    address = parse_address(text)
    return text if address is None else str(address)


@lru_cache(maxsize=4096)
def counted_as(text: str, prefix: int) -> str:
    """Return how limits count an address: IPv6 by its network with this prefix length.

    An IPv6 caller has a whole network, usually a /64, and may use any address in it.
    """
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, prefix), strict=False))
    return canonical_address(text)
