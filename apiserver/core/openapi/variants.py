"""Constant bodies, plain and compressed."""

import gzip

from apiserver.core.endpoints.rendering import etag_of
from apiserver.core.endpoints.request import Request
from apiserver.core.http.response import Response


class Variants:
    """A body, plain and compressed by gzip, each with an entity tag of its own.

    ``version`` changes with the body. It isn't compressed if that makes it no smaller.
    """

    def __init__(self, plain: bytes, content_type: str) -> None:
        self.content_type = content_type
        bodies = {"identity": plain}
        compressed = gzip.compress(plain, mtime=0)
        if len(compressed) < len(plain):
            bodies["gzip"] = compressed
        self.variants = {
            encoding: (body, etag_of(body)) for encoding, body in bodies.items()
        }
        self.version = self.variants["identity"][1]

    def respond(self, request: Request, caching: str = "no-cache") -> Response:
        """Respond with the variant that the client prefers, or with 304."""
        encoding = preferred_encoding(request, "gzip")
        if encoding not in self.variants:
            encoding = "identity"
        body, etag = self.variants[encoding]
        response = Response(
            status=200,
            headerlist=[
                ("Content-Type", self.content_type),
                ("Content-Length", str(len(body))),
                ("Cache-Control", caching),
                ("Vary", "Accept-Encoding"),
                ("ETag", f'"{etag}"'),
            ],
            app_iter=[body],
        )
        if encoding != "identity":
            response.headerlist.append(("Content-Encoding", encoding))
        response.conditional_response = True
        return response


def preferred_encoding(request: Request, encoding: str) -> str:
    """Return the encoding if the client accepts it, or ``identity``."""
    if "HTTP_ACCEPT_ENCODING" not in request.environ:
        return "identity"
    offers = request.accept_encoding.acceptable_offers([encoding, "identity"])
    return offers[0][0] if offers else "identity"
