"""Redirect URIs: which may be registered, and which one a request means."""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

from apiserver.core.endpoints import Request
from apiserver.core.settings import urls

LOOPBACK = {"127.0.0.1", "[::1]", "localhost"}
LOOPBACK_IPS = {"127.0.0.1", "[::1]"}
LAST_PORT = 65535

# RFC 3986 section 3 without userinfo and fragment: so nothing that a browser reads as
# another host, or that ends an attribute of a page. An authority that is none of these
# is left to the rest, which then begins with two slashes.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9.-]*):"
    r"(?://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?=[/?]|\Z))?"
    rf"(?P<rest>{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?)"
)
# RFC 5890 section 2.3.1; a name that ends in a number is an address to browsers.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]){_LABEL}")


def may_be_registered(uri: str) -> bool:
    """Whether a browser may be sent there at all (RFC 9700 section 2.6).

    Taken are https, http of the own machine (RFC 8252 section 7.3), and the schemes of
    native applications, which hold a dot (RFC 8252 section 7.1).
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
    """Whether this is a name, of ASCII only, or an IP address in its one spelling.

    IPv6 stands in brackets.
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

    What may not be registered isn't used either, should it ever have got there. A
    native application is given its port by the system at the last moment: for it the
    port of a loopback address doesn't matter (RFC 8252 section 7.3).
    """
    if not may_be_registered(uri):
        return False
    if uri in registered:
        return True
    return native and any(same_but_port(uri, known) for known in registered)


def same_but_port(uri: str, known: str) -> bool:
    """Whether both are loopback addresses that differ in nothing but the port."""
    mine, theirs = without_port(uri), without_port(known)
    return mine is not None and mine == theirs


def without_port(uri: str) -> tuple[str, str] | None:
    """Return host and rest of what lies at a loopback address; None of all else."""
    parts = _URI.fullmatch(uri)
    if parts is None or parts["scheme"] != "http" or parts["host"] not in LOOPBACK_IPS:
        return None
    return parts["host"], parts["rest"]


def is_documentation(uri: str, http: Request) -> bool:
    """Whether the URI is the documentation's own, where this server shows it.

    ``http`` is a request to the server. It is shown where the issuer is; and if that is
    this machine, at any of its names and ports, as a developer may call it.
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
