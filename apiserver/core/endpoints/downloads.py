"""Sends files: whole, a part of them, or nothing where the client has them already.

Conditions and parts are those of RFC 9110 (sections 13 and 14). Of several parts in one
request all of the file is sent, as section 14.2 allows.
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
# A browser that is made to show the file as a page runs nothing of it.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
# What some clients take for the end of the name, or for an escape (RFC 6266 app. D).
_UNSAFE = re.compile(r'[^ -~]|["\\%/]')

# What there is to read, or what it is read from.
Pieces = Iterable[bytes]


class Download(NamedTuple):
    """A file to send; ``read`` opens the bytes from one place up to another one.

    ``etag`` is a strong validator, without quotes: other bytes have another one.
    """

    name: str
    media_type: str
    size: int
    etag: str
    modified: datetime
    read: Callable[[int, int], Pieces]


class Part:
    """The bytes of an open file from one place up to another one; it is closed."""

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
        """Close the file; WSGI servers do so, also where the client has gone."""
        self.file.close()


def send(request: Request, file: Download) -> Response:
    """Make the response, which browsers save and never show.

    Shown in place, a file of someone else's could act as a page of this server; that
    its type isn't guessed (``nosniff``) goes for all responses. Raises
    PreconditionFailed and RangeNotSatisfiable.
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
    """Return the headers by which the client asks again (RFC 9110 section 8.8)."""
    return [
        ("ETag", f'"{file.etag}"'),
        ("Last-Modified", http_date(file.modified)),
        ("Cache-Control", caching(request.method)),
        ("Vary", "Authorization"),
    ]


def file_is_known(request: Request, file: Download) -> bool:
    """Evaluate the conditions, in the order of RFC 9110 section 13.2.2.

    Raise PreconditionFailed where the client wants another version.
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
    """Whether it was modified after the time of a header; None where that is none."""
    try:
        than = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    than = than if than.tzinfo is not None else than.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) > than


def wanted_part(request: Request, file: Download) -> tuple[int, int] | None:
    """Return the first byte of the part and the one behind it; None for all.

    Raise RangeNotSatisfiable where the file has no such bytes.
    """
    environ = request.environ
    if WANTED_RANGE not in environ or request.method != "GET":
        return None
    # A time is too coarse: within a second there could be two versions.
    if environ.get("HTTP_IF_RANGE", f'"{file.etag}"') != f'"{file.etag}"':
        return None
    return part_of(environ[WANTED_RANGE], file.size)


def part_of(wanted: str, size: int) -> tuple[int, int] | None:
    """Read a ``Range`` (RFC 9110 section 14.1.2); None for several, and for junk."""
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
    """Return a time as headers have it (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def attachment(name: str) -> str:
    """Return the ``Content-Disposition`` for a name (RFC 6266).

    ``curl --remote-header-name`` and others like it read ``filename`` alone, which has
    only what all clients agree on; browsers prefer ``filename*``.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if not re.search("[A-Za-z0-9]", plain.partition(".")[0]):
        # Of another script nothing is left.
        plain = name
    plain = _UNSAFE.sub("_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
