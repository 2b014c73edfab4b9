"""Redirect URIs: which may be registered, and which match a request."""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

from apiserver.core.endpoints import Request
from apiserver.core.settings import urls

LOOPBACK = {"127.0.0.1", "[::1]", "localhost"}
LOOPBACK_IPS = {"127.0.0.1", "[::1]"}
LAST_PORT = 65535

# RFC 3986 section 3 without userinfo and fragment: nothing that a browser reads as
# another host, or that ends an attribute in a page. With another authority the rest
# begins with two slashes.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9.-]*):"
    r"(?://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?=[/?]|\Z))?"
    rf"(?P<rest>{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?)"
)
# RFC 5890 section 2.3.1; browsers read a name that ends in a number as an address.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]){_LABEL}")


def may_be_registered(uri: str) -> bool:
    """Whether a redirect URI is allowed at all (RFC 9700 section 2.6).

    Allowed are https, http of the loopback interface (RFC 8252 section 7.3), and
    private-use schemes of native apps, which contain a dot (RFC 8252 section 7.1).
    """
    parts = _URI.fullmatch(uri)
    if parts is None or int(parts["port"] or 1) > LAST_PORT:
        return False
    if parts["scheme"] == "https":
        return is_host(parts["host"] or "")
    if parts["scheme"] == "http":
        return parts["host"] in LOOPBACK
    return (
        "." in parts["scheme"]
        and bool(parts["rest"] or parts["host"])
        and not parts["rest"].startswith("//")
        and (not parts["host"] or is_host(parts["host"]))
    )


def is_host(host: str) -> bool:
    """Whether this is an ASCII host name, or an IP address in canonical form.

    IPv6 needs brackets.
    """
    try:
        if host.startswith("["):
            return bool(IPv6Address(host[1:-1]))
        if host.rpartition(".")[2].isdigit():
            return bool(IPv4Address(host))
    except AddressValueError:
        return False
    return len(host) <= 253 and _NAME.fullmatch(host) is not None


def is_registered(uri: str, registered: Iterable[str], *, native: bool) -> bool:
    """Whether the URI is one of the registered ones, compared as strings.

    A URI that isn't allowed never matches, even if registered. For native apps the port
    of a loopback address is ignored, since the system assigns it at run time (RFC 8252
    section 7.3).
    """
    if not may_be_registered(uri):
        return False
    if uri in registered:
        return True
    return native and any(same_but_port(uri, known) for known in registered)


def same_but_port(uri: str, known: str) -> bool:
    """Whether both are loopback addresses that differ only in the port."""
    mine, theirs = without_port(uri), without_port(known)
    return mine is not None and mine == theirs


def without_port(uri: str) -> tuple[str, str] | None:
    """Return host and rest of a URI with a loopback address, or None."""
    parts = _URI.fullmatch(uri)
    if parts is None or parts["scheme"] != "http" or parts["host"] not in LOOPBACK_IPS:
        return None
    return parts["host"], parts["rest"]


def is_documentation(uri: str, http: Request) -> bool:
    """Whether the URI is that of this server's documentation page.

    ``http`` is a request to the server. The page is at the issuer's URL; if that is
    this machine, also at its other names and ports, which developers may use.
    """
    path = http.route_path("oauth2_redirect")
    issuer = urlsplit(http.setting("issuer"))
    if uri == f"{issuer.scheme}://{issuer.netloc}{path}":
        return True
    parts = _URI.fullmatch(uri) if may_be_registered(uri) else None
    return (
        issuer.hostname in urls.LOCAL
        and parts is not None
        and (parts["scheme"], parts["rest"]) == ("http", path)
    )
