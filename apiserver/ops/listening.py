"""Checks waitress's options in an ini file, and whether it can listen there."""

import errno
import math
import socket
from collections.abc import Mapping

from pyramid.exceptions import ConfigurationError
from waitress.adjustments import Adjustments

from apiserver.core.settings import boolean

# With 0 nothing would ever be served.
POSITIVE = {
    "backlog",
    "channel_timeout",
    "cleanup_interval",
    "connection_limit",
    "max_request_body_size",
    "max_request_header_size",
    "threads",
}
# Those that aren't waitress's.
OWN = {"drain_seconds", "worker"}
# waitress's own.
DEFAULT = "0.0.0.0:8080"


def check(options: Mapping[str, str]) -> None:
    """Raise ConfigurationError for an invalid option of waitress, with its name."""
    if "drain_seconds" in options:
        check_seconds(options["drain_seconds"])
    if "worker" in options:
        check_flag("worker", options["worker"])
    given = {k: v for k, v in options.items() if k not in OWN}
    for name, value in given.items():
        check_option(name, value)
    if "unix_socket" in given:
        return
    host, port = DEFAULT.split(":")
    named = f"{given.get('host', host)}:{given.get('port', port)}"
    check_addresses(given.get("listen", named))
    try:
        Adjustments(**given)
    except ValueError as error:
        raise ConfigurationError(f"The server can't be created: {error}") from None


def check_seconds(value: str) -> None:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ConfigurationError(
            "The server's option drain_seconds must be a number of seconds, or 0."
        )


def check_flag(name: str, value: str) -> None:
    try:
        boolean(value)
    except ValueError as error:
        raise ConfigurationError(f"The server's option {name} {error}.") from None


def check_option(name: str, value: str) -> None:
    """Raise ConfigurationError for an unknown option of waitress, or a bad value."""
    kinds = dict(Adjustments._params)
    if name not in kinds:
        raise ConfigurationError(f"The server has no option {name}.")
    if kinds[name] is not int:
        return
    least = 1 if name in POSITIVE else 0
    if not (value.isdecimal() and least <= int(value) < 2**31):
        raise ConfigurationError(
            f"The server's option {name} must be an integer of at least {least}."
        )


def check_addresses(listen: str) -> None:
    """Raise ConfigurationError for an unusable address, or one that is in use."""
    if not listen.split():
        raise ConfigurationError(
            "The server's option listen is empty: give an address."
        )
    for address in listen.split():
        host, colon, port = address.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = address, "8080"
        if not (port.isdecimal() and int(port) < 2**16):
            raise ConfigurationError(f"{port} is not a port: use one from 1 to 65535.")
        try:
            probe("" if host == "*" else host.strip("[]"), int(port))
        except OSError as error:
            reason = reason_of(error, int(port))
            raise ConfigurationError(f"Can't listen on {address}: {reason}.") from None


def probe(host: str, port: int) -> None:
    """Try to listen on an address; raise OSError."""
    for family, kind, protocol, _, place in socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(place)
            listener.listen(1)


def reason_of(error: OSError, port: int) -> str:
    """Explain the error, with the remedy."""
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port == 5001 else 5001
        return (
            "the address is in use; stop what uses it, or use another port (make run "
            f"PORT={other})"
        )
    if error.errno == errno.EACCES:
        return "ports below 1024 require root"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have that address"
    return error.strerror or str(error)
