"""Bodies that are files: taken and sent piece by piece, of known types and sizes.

::

    @files.post(permission=…, takes=content("image/png", most=20 * MEBIBYTE), …)
    def upload_file(request):
        with path.open("xb") as target:
            size = request.validated["content"].copy_to(target)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.response import FileIter

from apiserver.core.endpoints.inputs import RequestSchema
from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.rendering import caching
from apiserver.core.endpoints.request import Request
from apiserver.core.endpoints.services import services_of
from apiserver.core.http.bodies import media_type
from apiserver.core.http.errors import ContentTooLarge
from apiserver.core.http.response import Response
from apiserver.core.registry import Registry
from apiserver.core.schemas.fields import Object, Text

MEBIBYTE = 1024 * 1024
PIECE = 64 * 1024


class Content:
    """A file that is sent to the server."""

    def __init__(self, body: IO[bytes], media_type: str, most: int) -> None:
        self.body = body
        self.media_type = media_type
        self.most = most

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, piece by piece; raise ContentTooLarge."""
        size = 0
        while piece := self.body.read(PIECE):
            size += len(piece)
            # The length that was announced was looked at before; there may be none.
            if size > self.most:
                raise ContentTooLarge(self.most)
            yield piece

    def copy_to(self, target: IO[bytes]) -> int:
        """Write the bytes into a file; return how many there are."""
        return sum(target.write(piece) for piece in self.pieces())


class ContentRequest(RequestSchema):
    """A request whose body is a file."""

    def __init__(self, media_types: tuple[str, ...], most: int) -> None:
        super().__init__()
        self.consumes = media_types
        self.most_bytes = most

    def validate(self, request: Request) -> dict[str, object]:
        of_type = media_type(request, self.consumes)
        sent = Content(request.body_file, of_type, self.most_bytes)
        return {"content": sent, **super().validate(request)}


class ContentResponse(ResponseSchema):
    """A response that is a file."""

    def __init__(self, description: str, media_types: tuple[str, ...]) -> None:
        about = "The name to save it under (RFC 6266); never shown inline."
        headers = {"Content-Disposition": Text(1, 1000, description=about)}
        super().__init__(description, None, headers)
        self.media_types = media_types


def content(
    *media_types: str, most: int, query: type[Object] | None = None
) -> ContentRequest:
    """Take a file of one of the media types, of up to ``most`` bytes.

    The view finds a ``Content`` in ``validated["content"]``; ``query`` are the query
    parameters that are taken besides, as a name. The type is what the client says.
    """
    request_schema = ContentRequest(media_types, most)
    request_schema.take_query(query)
    return request_schema


def returns_content(*media_types: str, description: str = "") -> ContentResponse:
    """Respond with a file of one of the media types; the view calls ``send_file``."""
    return ContentResponse(description or "The file.", media_types)


def send_file(request: Request, path: Path, *, name: str, media_type: str) -> Response:
    """Make the response of a file, which browsers save and never show.

    Shown in place, a file of someone else's could act as a page of this server; that
    its type isn't guessed (``nosniff``) goes for all responses.
    """
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(path.stat().st_size)),
        ("Content-Disposition", attachment(name)),
        ("Cache-Control", caching(request.method)),
        ("Vary", "Authorization"),
    ]
    return Response(status=200, headerlist=headers, app_iter=FileIter(path.open("rb")))


def attachment(name: str) -> str:
    """Return the ``Content-Disposition`` for a name (RFC 6266 section 5)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def limits_of(registry: Registry) -> dict[tuple[str, str], int]:
    """Return how long bodies may be, by method and route, where files are taken."""
    return {
        (method, service.name): arguments["schema"].most_bytes
        for service in services_of(registry)
        for method, _, arguments in service.definitions
        if isinstance(arguments.get("schema"), ContentRequest)
    }


def includeme(config: Configurator) -> None:
    def set_limits() -> None:
        config.registry.body_limits = limits_of(config.registry)

    config.registry.body_limits = {}
    config.action("apiserver.files", set_limits, order=9998)
