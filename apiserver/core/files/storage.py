"""The storage of files: objects by their keys, in a folder or in a bucket."""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from apiserver.core.endpoints.downloads import Pieces
from apiserver.core.http.errors import ServiceUnavailable

log = logging.getLogger(__name__)

S3 = "s3"
OPTIONS = {"region", "endpoint"}
EXAMPLE = "such as /var/lib/apiserver/files or s3://bucket/prefix?region=eu-central-1"


class StorageUnavailable(ServiceUnavailable):
    """The storage is unreachable or full; nothing was stored."""

    sentence = "The file storage is currently unavailable."


class ObjectMissing(LookupError):
    """The storage has no object with this key."""


class Storage(Protocol):
    """A store of objects; its methods raise StorageUnavailable."""

    def prepare(self, *, may_make: bool) -> None:
        """Check the storage when the server starts; raise ConfigurationError."""

    def put(self, key: str, pieces: Iterator[bytes]) -> None:
        """Store all bytes or nothing; exceptions of ``pieces`` are propagated."""

    def read(self, key: str, start: int, stop: int) -> Pieces:
        """Open the bytes from one offset up to another; raise ObjectMissing."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, and remains of interrupted uploads."""


def unavailable(error: Exception) -> StorageUnavailable:
    """Log why the storage fails, in one line, and return the error for the client."""
    log.error("The file storage fails: %s", str(error).partition("\n")[0])
    return StorageUnavailable()


class Place(NamedTuple):
    """The setting: a folder, or a bucket with its prefix and options."""

    folder: str = ""
    bucket: str = ""
    prefix: str = ""
    region: str = ""
    endpoint: str = ""


def place(value: str) -> Place | None:
    """Parse the setting ``apiserver.storage``; None if it is empty.

    Raises ValueError, which never repeats the text, since it may contain a secret.
    """
    value = value.strip()
    if not value:
        return None
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    if value.startswith("/"):
        return Place(folder=value)
    try:
        url = urlsplit(value)
        options = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        raise ValueError(f"must be an absolute path or a URL, {EXAMPLE}") from None
    if url.scheme != S3 or not url.netloc or url.fragment:
        raise ValueError(f"must be an absolute path or a URL, {EXAMPLE}")
    if "@" in url.netloc:
        raise ValueError(
            "must hold no secret: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    return bucket(url.netloc, url.path.strip("/"), options)


def bucket(name: str, prefix: str, options: dict[str, str]) -> Place:
    """Return the place in a bucket; raise ValueError for wrong or missing options."""
    if unknown := sorted(options.keys() - OPTIONS):
        raise ValueError(f"has the unknown option {unknown[0]}; known are {EXAMPLE}")
    endpoint = options.get("endpoint", "")
    if not options:
        raise ValueError(f"names a bucket without its region or endpoint, {EXAMPLE}")
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise ValueError("has an endpoint that is no http or https URL")
    return Place("", name, prefix, options.get("region", "us-east-1"), endpoint)
