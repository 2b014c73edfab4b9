"""Bodies that are files: streamed, with declared media types and sizes.

::

    @files.post(permission=…, takes=content("image/png", most=20 * MEBIBYTE), …)
    def upload_file(request):
        with path.open("xb") as target:
            size = request.validated["content"].copy_to(target)
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pyramid.config import Configurator
from webob.request import DisconnectionError

from apiserver.core.endpoints.downloads import PIECE, Download, Part, send
from apiserver.core.endpoints.file_forms import FileForm, NoFileForm, UnsupportedFile
from apiserver.core.endpoints.inputs import RequestSchema
from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.request import Request
from apiserver.core.endpoints.services import services_of
from apiserver.core.http.bodies import MULTIPART, media_type
from apiserver.core.http.errors import ApiError, ContentTooLarge
from apiserver.core.http.response import Response
from apiserver.core.registry import Registry
from apiserver.core.schemas.fields import Object, Text

MEBIBYTE = 1024 * 1024

# What each says, and an example.
HEADERS = {
    "Accept-Ranges": ("Parts of the file can be asked for.", "bytes"),
    "Content-Disposition": (
        "The name to save it under (RFC 6266); never shown inline.",
        'attachment; filename="report.pdf"',
    ),
    "ETag": ("The version of the file.", '"3f7a1c0e9b5d"'),
    "Last-Modified": (
        "Since when it is that version.",
        "Sun, 01 Mar 2026 12:00:00 GMT",
    ),
}
# The headers for conditional and range requests.
CONDITIONS = ("If-Modified-Since", "If-Range", "If-Unmodified-Since", "Range")


class Content:
    """A file that the client sends."""

    def __init__(self, body: IO[bytes], media_type: str, most: int) -> None:
        self.body = body
        self.media_type = media_type
        self.most = most
        # Its name in a form; otherwise it has none.
        self.name = ""

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, piece by piece; raise ContentTooLarge."""
        size = 0
        for piece in self.received():
            size += len(piece)
            # Content-Length was checked before, but may be missing.
            if size > self.most:
                raise ContentTooLarge(self.most)
            yield piece

    def received(self) -> Iterator[bytes]:
        """Yield the bytes as they arrive."""
        while piece := self.read():
            yield piece

    def read(self) -> bytes:
        """Read a piece; raise DisconnectionError if the client has disconnected."""
        try:
            return self.body.read(PIECE)
        except DisconnectionError:
            raise
        except OSError as error:
            # Each web server raises another error.
            raise DisconnectionError(str(error)) from error

    def copy_to(self, target: IO[bytes]) -> int:
        """Write the bytes to a file; return their number."""
        return sum(target.write(piece) for piece in self.pieces())


class FormContent(Content):
    """A file that is sent in a form."""

    def __init__(self, body: IO[bytes], content_type: str, most: int) -> None:
        super().__init__(body, content_type, most)
        self.form = FileForm(content_type, self.read)
        self.media_type, self.name = self.form.media_type, self.form.name

    def received(self) -> Iterator[bytes]:
        return self.form.pieces()


class ContentRequest(RequestSchema):
    """A request whose body is a file, or a form with one."""

    def __init__(self, media_types: tuple[str, ...], most: int) -> None:
        super().__init__()
        self.media_types = media_types
        self.consumes = (*media_types, MULTIPART)
        self.most_bytes = most

    def validate(self, request: Request) -> dict[str, object]:
        of_type = media_type(request, self.consumes)
        values = super().validate(request)
        body, most = request.body_file, self.most_bytes
        if of_type != MULTIPART:
            return {"content": Content(body, of_type, most), **values}
        sent = FormContent(body, request.headers["Content-Type"], most)
        if sent.media_type not in self.media_types:
            raise UnsupportedFile(request.method, self.media_types)
        return {"content": sent, **values}

    def refusals(self) -> list[ApiError]:
        """The errors of a file, besides those of its query; for the document."""
        return [NoFileForm()]


class ContentResponse(ResponseSchema):
    """A response that is a file."""

    def __init__(self, description: str, media_types: tuple[str, ...]) -> None:
        headers = {
            name: Text(1, 1000, description=about, example=example)
            for name, (about, example) in HEADERS.items()
        }
        super().__init__(description, None, headers)
        self.media_types = media_types


def content(
    *media_types: str, most: int, query: type[Object] | None = None
) -> ContentRequest:
    """Accept a file of one of the media types, of up to ``most`` bytes.

    It is the body, or the part ``file`` of a form. ``validated["content"]`` is a
    ``Content``; ``query`` is the schema of query parameters. The media type is what the
    client declares.
    """
    request_schema = ContentRequest(media_types, most)
    request_schema.take_query(query)
    return request_schema


def returns_content(*media_types: str, description: str = "") -> ContentResponse:
    """Declare a file of one of the media types; the view calls ``send_file``."""
    return ContentResponse(description or "The file.", media_types)


def send_file(
    request: Request, path: Path, *, name: str, media_type: str, etag: str = ""
) -> Response:
    """Make the response of a file, or of the requested range.

    Browsers save it, and never display it. Without an ``etag`` each version must have
    another size or time, as files have that are written anew and renamed.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        found = os.fstat(file.fileno())

        def read(start: int, stop: int) -> Part:
            # The server closes it.
            stack.pop_all()
            return Part(file, start, stop)

        tag = etag or f"{found.st_mtime_ns:x}-{found.st_size:x}"
        modified = datetime.fromtimestamp(found.st_mtime, UTC)
        about = Download(name, media_type, found.st_size, tag, modified, read)
        return send(request, about)


def limits_of(registry: Registry) -> dict[tuple[str, str], int]:
    """Return the size limits of files, by method and route."""
    return {
        (method, service.name): arguments["schema"].most_bytes
        for service in services_of(registry)
        for method, _, arguments in service.definitions
        if isinstance(arguments.get("schema"), ContentRequest)
    }


def sends_files(registry: Registry) -> bool:
    """Whether there is an endpoint that returns a file."""
    return any(
        isinstance(schema, ContentResponse)
        for service in services_of(registry)
        for _, _, arguments in service.definitions
        for schema in arguments["response_schemas"].values()
    )


def includeme(config: Configurator) -> None:
    def set_limits() -> None:
        config.registry.body_limits = limits_of(config.registry)
        if sends_files(config.registry):
            config.add_cors_headers(taken=CONDITIONS, exposed=["Content-Range"])

    config.registry.body_limits = {}
    # Before the directives that read the headers.
    config.action("apiserver.files", set_limits, order=9997)
