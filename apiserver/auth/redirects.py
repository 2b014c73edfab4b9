"""Redirect URIs: which may be registered, and which one a request means."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LOOPBACK_IPS = {"127.0.0.1", "::1"}

# The characters of RFC 3986 section 2, without the number sign: so no fragment, and
# nothing that a browser reads as a slash or that ends an attribute of a page.
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
)


def may_be_registered(uri: str) -> bool:
    """Whether a browser may be sent there at all (RFC 9700 section 2.6).

    Taken are https, http of the own machine (RFC 8252 section 7.3), and the schemes of
    native applications, which hold a dot (RFC 8252 section 7.1).
    """
    if not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or port == 0:
        return False
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK
    return "." in parts.scheme or (parts.scheme == "https" and bool(parts.hostname))


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
    mine, theirs = urlsplit(uri), urlsplit(known)
    return (
        mine.scheme == theirs.scheme == "http"
        and mine.hostname == theirs.hostname
        and mine.hostname in LOOPBACK_IPS
        and uri.partition("//")[2].partition("/")[2]
        == known.partition("//")[2].partition("/")[2]
    )
