"""Sends files: whole, a range, or nothing if the client has the current version.

Conditional and range requests follow RFC 9110 (sections 13 and 14). For several ranges
the whole file is sent, as section 14.2 allows.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import IO, NamedTuple
from urllib.parse import quote

from apiserver.core.endpoints.rendering import caching
from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import PreconditionFailed, RangeNotSatisfiable
from apiserver.core.http.guard import WANTED_RANGE
from apiserver.core.http.response import Header, Response

PIECE = 64 * 1024
# If a browser is made to show the file as a page, it runs nothing in it.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
# Some clients read these as the end of the name, or as an escape (RFC 6266 app. D).
_UNSAFE = re.compile(r'[^ -~]|["\\%/]')

# The content, or the open file.
Pieces = Iterable[bytes]


class Download(NamedTuple):
    """A file to send; ``read`` opens the bytes from one offset up to another.

    ``etag`` is a strong validator, without quotes: it changes with the bytes.
    """

    name: str
    media_type: str
    size: int
    etag: str
    modified: datetime
    read: Callable[[int, int], Pieces]


class Part:
    """The bytes of an open file from one offset up to another; closes the file."""

    def __init__(self, file: IO[bytes], start: int, stop: int) -> None:
        self.file = file
        self.left = stop - start
        file.seek(start)

    def __iter__(self) -> "Part":
        return self

    def __next__(self) -> bytes:
        if not self.left:
            raise StopIteration
        piece = self.file.read(min(PIECE, self.left))
        if not piece:
            raise EOFError("The file is shorter than it was.")
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file; WSGI servers call this, also after a disconnection."""
        self.file.close()


def send(request: Request, file: Download) -> Response:
    """Make the response, which browsers save and never display.

    If displayed, a file of another user could act as a page of this server. All
    responses have ``nosniff``. Raises PreconditionFailed and RangeNotSatisfiable.
    """
    if file_is_known(request, file):
        return Response(status=304, headerlist=validators(request, file), app_iter=[])
    part = wanted_part(request, file)
    start, stop = part or (0, file.size)
    headers = [
        *validators(request, file),
        ("Content-Type", file.media_type),
        ("Content-Length", str(stop - start)),
        ("Content-Disposition", attachment(file.name)),
        ("Content-Security-Policy", SANDBOX),
        ("Accept-Ranges", "bytes"),
    ]
    if part is not None:
        headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{file.size}"))
    pieces = file.read(start, stop) if request.method != "HEAD" else ()
    status = 200 if part is None else 206
    return Response(status=status, headerlist=headers, app_iter=pieces)


def validators(request: Request, file: Download) -> list[Header]:
    """Return the validators for conditional requests (RFC 9110 section 8.8)."""
    return [
        ("ETag", f'"{file.etag}"'),
        ("Last-Modified", http_date(file.modified)),
        ("Cache-Control", caching(request.method)),
        ("Vary", "Authorization"),
    ]


def file_is_known(request: Request, file: Download) -> bool:
    """Evaluate the conditions, in the order of RFC 9110 section 13.2.2.

    Raise PreconditionFailed if the client wants another version.
    """
    environ = request.environ
    if "HTTP_IF_MATCH" in environ:
        if file.etag not in request.if_match:
            raise PreconditionFailed
    elif is_later(file.modified, environ.get("HTTP_IF_UNMODIFIED_SINCE")) is True:
        raise PreconditionFailed
    if "HTTP_IF_NONE_MATCH" in environ:
        return file.etag in request.if_none_match
    return is_later(file.modified, environ.get("HTTP_IF_MODIFIED_SINCE")) is False


def is_later(modified: datetime, header: str | None) -> bool | None:
    """Whether it was modified after the time in a header; None if that isn't one."""
    try:
        than = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    than = than if than.tzinfo is not None else than.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) > than


def wanted_part(request: Request, file: Download) -> tuple[int, int] | None:
    """Return the first byte of the range and the one after it; None for the whole file.

    Raise RangeNotSatisfiable if the file has no such bytes.
    """
    environ = request.environ
    if WANTED_RANGE not in environ or request.method != "GET":
        return None
    # A time is too coarse: there could be two versions within a second.
    if environ.get("HTTP_IF_RANGE", f'"{file.etag}"') != f'"{file.etag}"':
        return None
    return part_of(environ[WANTED_RANGE], file.size)


def part_of(wanted: str, size: int) -> tuple[int, int] | None:
    """Parse ``Range`` (RFC 9110 section 14.1.2); None for several, or if invalid."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or found[0][6:] == "-":
        return None
    first, last = found.groups()
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    else:
        start, stop = max(size - int(last), 0), size
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, stop


def http_date(moment: datetime) -> str:
    """Format a time for a header (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def attachment(name: str) -> str:
    """Return the ``Content-Disposition`` for a name (RFC 6266).

    ``curl --remote-header-name`` and similar clients read only ``filename``, which has
    the characters on which all clients agree; browsers prefer ``filename*``.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if not re.search("[A-Za-z0-9]", plain.partition(".")[0]):
        # Nothing may be left of other scripts.
        plain = name
    plain = _UNSAFE.sub("_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
