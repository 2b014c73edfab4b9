"""Answers: the response class, and problem documents."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import pyramid.response

Header = tuple[str, str]


class Response(pyramid.response.Response):
    """A response that leaves a relative ``Location`` as it is (RFC 9110 10.2.2).

    WebOb would make it absolute by the request's ``Host``, which is the client's word.
    """

    def _abs_headerlist(self, environ: Any) -> list[Header]:
        return list(self.headerlist)

    def conditional_response_app(self, environ: Any, start_response: Any) -> Any:
        """Answer If-None-Match, but whole: a part of a JSON document is of no use."""
        environ.pop("HTTP_RANGE", None)
        if environ.get("HTTP_IF_NONE_MATCH") == "*":
            # Any version will do (RFC 9110 13.1.2); WebOb takes it for no header.
            environ["HTTP_IF_NONE_MATCH"] = f'"{self.etag}"'
        return super().conditional_response_app(environ, start_response)


def problem(
    status: int,
    detail: str,
    *,
    request_id: str,
    headers: Iterable[Header] = (),
    members: Mapping[str, Any] | None = None,
) -> Response:
    """Make the answer for an error: a problem document (RFC 9457)."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
        **(members or {}),
    }
    body = orjson.dumps(document)
    header_list = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *headers,
    ]
    return Response(status=status, headerlist=header_list, app_iter=[body])
