"""Turns a view's value into the response: status, body, entity tag, location."""

import functools
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import orjson

from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.references import References
from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import Forbidden, PreconditionFailed
from apiserver.core.http.response import NO_CONTENT, SAFE_METHODS, Header, Response
from apiserver.core.schemas.dump import Dump
from apiserver.core.tree.resources import Collection, Item
from apiserver.core.typing import Row

if TYPE_CHECKING:
    from apiserver.core.endpoints.services import ApiService

View = Callable[[Request], object]
Prepare = Callable[[Request], None]

AS_JSON: Header = ("Content-Type", "application/json")


class Representation(NamedTuple):
    """How GET returns an object, which determines its version."""

    view: View
    kind: type
    dump: Dump


def representation(
    view: View, responses: dict[str, ResponseSchema]
) -> Representation | None:
    """Return how GET returns its object; None if GET returns none."""
    schema = responses.get("200")
    if schema is None or schema.dump is None:
        return None
    return Representation(view, schema.kind, schema.dump)


def endpoint(
    service: "ApiService", view: View, responses: dict[str, ResponseSchema]
) -> View:
    """Wrap a view: decide, check ``If-Match``, call it, serialize its value."""
    status, schema = next(
        (int(status), schema) for status, schema in responses.items() if status < "300"
    )

    @functools.wraps(view)
    def call(request: Request) -> Response:
        result = decided(request, service, view)
        if isinstance(result, Response):
            return result
        made = 201 if request.context.is_made else status
        if schema.dump is None:
            return respond(request, made, None, ())
        headers = location(request, result) if status == 201 else ()
        body = orjson.dumps(schema.dump(result))
        tagged = status == 200 and shows_object(service, schema, request.context)
        return respond(request, made, body, headers, tagged=tagged)

    return call


def shows_object(
    service: "ApiService", schema: ResponseSchema, context: object
) -> bool:
    """Whether a response is a single object as GET returns it, with its version."""
    shown = service.representation
    return isinstance(context, Item) and shown is not None and shown.kind is schema.kind


def decided(request: Request, service: "ApiService", view: View) -> object:
    """Call the view; if it may write, check permissions again, under locks.

    And once more if the view itself has committed. A demand to sign in again comes
    first.
    """
    demand = service.demands["GET" if request.method == "HEAD" else request.method]
    demand.check(request.identity, request.registry.settings)
    if request.method in SAFE_METHODS:
        return view(request)
    for prepare in service.prepares[request.method]:
        prepared(request, prepare)
    referring = service.referring.get(request.method)
    references = References(request, referring) if referring is not None else None
    request.decide()
    if references is not None:
        references.check()
    if is_conditional(request):
        check_version(service, request)
    result = view(request)
    # Changes to entities are flushed before the response is made.
    request.db.flush()
    request.decide()
    return result


def prepared(request: Request, prepare: Prepare) -> None:
    """Prepare; if that fails, a permission lost meanwhile takes precedence."""
    try:
        prepare(request)
    except Forbidden:
        request.decide()
        raise


def is_conditional(request: Request) -> bool:
    """Whether a write is conditional on the object's version; PUT on its existence."""
    names = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH" if request.method == "PUT" else ""}
    return not names.isdisjoint(request.environ) and isinstance(request.context, Item)


def check_version(service: "ApiService", request: Request) -> None:
    """Compare the version with that of the locked object, as GET would return it.

    Raise PreconditionFailed if ``If-Match`` doesn't match (RFC 9110 section 13.1.1),
    and for PUT if ``If-None-Match`` does (section 13.1.2).
    """
    shown = service.representation
    if shown is None:
        return
    is_matched = "HTTP_IF_MATCH" in request.environ
    if request.context.is_new:
        if is_matched:
            raise PreconditionFailed
        return
    current = etag_of(orjson.dumps(shown.dump(shown.view(request))))
    if (is_matched and current not in request.if_match) or is_there(request, current):
        raise PreconditionFailed


def is_there(request: Request, current: str) -> bool:
    """Whether ``If-None-Match`` keeps PUT from replacing the current version."""
    sent = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if request.method != "PUT" or not sent:
        return False
    # WebOb ignores an asterisk.
    return sent.strip() == "*" or current in request.if_none_match


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body, without the quotes."""
    return blake2b(body, digest_size=12).hexdigest()


def caching(method: str) -> str:
    """Return the ``Cache-Control`` of the responses to a method.

    Responses to changes may contain a new secret, and must not be stored.
    """
    return "private, no-cache" if method in SAFE_METHODS else "no-store"


def respond(
    request: Request,
    status: int,
    body: bytes | None,
    headers: Iterable[Header],
    *,
    tagged: bool = False,
) -> Response:
    """Make the response in one step, with an ETag if it is to be tagged."""
    header_list = [
        *headers,
        *request.extra_headers,
        ("Cache-Control", caching(request.method)),
        ("Vary", "Authorization"),
    ]
    if body is None:
        header_list += without_body(status)
        return Response(status=status, headerlist=header_list, app_iter=[])
    header_list += [AS_JSON, ("Content-Length", str(len(body)))]
    if tagged:
        header_list.append(("ETag", f'"{etag_of(body)}"'))
    response = Response(status=status, headerlist=header_list, app_iter=[body])
    response.conditional_response = tagged and asks_for_change(request)
    return response


def without_body(status: int) -> list[Header]:
    """Return the headers of an empty body; otherwise the connection would be closed.

    A 204 needs none.
    """
    return [] if status == 204 else [NO_CONTENT]


def asks_for_change(request: Request) -> bool:
    """Whether the caller wants a body only if it has changed."""
    is_read = request.method in {"GET", "HEAD"}
    return is_read and "HTTP_IF_NONE_MATCH" in request.environ


def location(request: Request, row: Row) -> list[Header]:
    """Return the URL of a collection's new object."""
    if not isinstance(request.context, Collection) or isinstance(row, list):
        return []
    key = request.context.item.key_of(row)
    return [("Location", request.path + quote(str(key), safe=""))]
