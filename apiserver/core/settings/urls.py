"""URLs as settings: the issuer, origins for CORS, a provider's address."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

LOCAL = {"127.0.0.1", "::1", "localhost"}
DEFAULT_PORTS = {"http": 80, "https": 443}

_PRINTABLE = re.compile(r"[!-\[\]-~]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*")


def split(value: str) -> SplitResult:
    """Split a URL with a host; raise ValueError if it is invalid."""
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("must not contain spaces, backslashes or non-ASCII characters")
    if not _SCHEME.match(value):
        raise ValueError("must begin with a scheme, such as https://")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("must have a valid host and port (1 to 65535)") from None
    if "@" in parts.netloc:
        raise ValueError("must not contain a username or password")
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError("must have a valid host and port (1 to 65535)")
    check_host(parts)
    return parts


def check_host(parts: SplitResult) -> None:
    """Raise ValueError unless the host is a name or address as browsers write it."""
    netloc, host = parts.netloc, parts.hostname or ""
    if netloc != netloc.lower():
        raise ValueError("must have a lowercase host")
    if "[" in netloc or host.rpartition(".")[2].isdigit():
        try:
            address = ip_address(host)
        except ValueError:
            raise ValueError(
                f"must have a valid IP address as its host, not {host}"
            ) from None
        if str(address) != host or (address.version == 6 and "%" in host):
            raise ValueError(f"must have its host written as {address}")
    elif not _NAME.fullmatch(host) or len(host) > 253:
        raise ValueError("must have a valid hostname")


def issuer(value: str) -> str:
    """An https URL without query, fragment and trailing slash (RFC 8414 section 2).

    For development also an http URL of this machine.
    """
    value = value.strip()
    example = "must be an https URL, such as https://api.example.com"
    if not value.startswith(("https://", "http://")):
        raise ValueError(example)
    if "?" in value or "#" in value or value.endswith("/"):
        raise ValueError(f"{example}, without trailing slash, query and fragment")
    parts = split(value)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ValueError(f"{example} (http is for 127.0.0.1 and localhost)")
    if not _PATH.fullmatch(parts.path):
        raise ValueError("must have a plain path, such as https://example.com/api")
    return value


def mount_of(settings: Mapping[str, Any]) -> str:
    """Return the path of the issuer, usually empty."""
    url: str = settings.get("apiserver.issuer", "")
    return urlsplit(url).path


def http_url(value: str) -> str:
    """An http or https URL, or nothing."""
    value = value.strip()
    if value and split(value).scheme not in DEFAULT_PORTS:
        raise ValueError(
            "must be an https URL, such as https://captcha.example.com/verify"
        )
    return value


def origin(value: str) -> str:
    """An origin as browsers send it: scheme, host and port; ``*`` or ``null``.

    Origins are compared as text: one in another notation would never match.
    """
    if value in {"*", "null"}:
        return value
    if "*" in value:
        raise ValueError(f"must not contain {value}: * may only stand on its own")
    try:
        parts = split(value)
    except ValueError as error:
        raise ValueError(f"{error}: {value}") from None
    scheme, _, _ = value.partition("://")
    if scheme != scheme.lower():
        raise ValueError(f"must be lowercase: {value}")
    if parts.path or "?" in value or "#" in value:
        plain = f"{parts.scheme}://{parts.netloc}"
        raise ValueError(f"must end with the host or port: {plain}, not {value}")
    if parts.port is not None and parts.port == DEFAULT_PORTS.get(parts.scheme):
        plain = f"{parts.scheme}://{parts.netloc.rpartition(':')[0]}"
        raise ValueError(f"must omit the default port: {plain}, not {value}")
    return value
