"""From a view's value to the response: status, body, entity tag, location."""

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
    """What GET responds with."""

    view: View
    kind: type
    dump: Dump


def representation(
    view: View, responses: dict[str, ResponseSchema]
) -> Representation | None:
    """Return what GET responds with, if that has a body; it has a version then."""
    schema = responses.get("200")
    if schema is None or schema.dump is None:
        return None
    return Representation(view, schema.kind, schema.dump)


def endpoint(
    service: "ApiService", view: View, responses: dict[str, ResponseSchema]
) -> View:
    """Wrap a view: decide, check ``If-Match``, call it, dump what it returns."""
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
    """Whether a response is a single object as GET shows it, and has its version."""
    shown = service.representation
    return isinstance(context, Item) and shown is not None and shown.kind is schema.kind


def decided(request: Request, service: "ApiService", view: View) -> object:
    """Call the view; where it may write, what it rests on is decided under locks.

    It is once more if the view itself has committed. Before all that, whoever has to
    sign in anew is told so.
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
    # What it has changed in entities is written before it is shown.
    request.db.flush()
    request.decide()
    return result


def prepared(request: Request, prepare: Prepare) -> None:
    """Prepare; whoever is refused then is told first if they have lost their rights."""
    try:
        prepare(request)
    except Forbidden:
        request.decide()
        raise


def is_conditional(request: Request) -> bool:
    """Whether a write depends on the version of its object; PUT on there being one."""
    names = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH" if request.method == "PUT" else ""}
    return not names.isdisjoint(request.environ) and isinstance(request.context, Item)


def check_version(service: "ApiService", request: Request) -> None:
    """Compare the version with the object as GET would show it, which is locked.

    Raise PreconditionFailed when ``If-Match`` differs (RFC 9110 section 13.1.1), and
    for PUT when ``If-None-Match`` doesn't (section 13.1.2).
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
    """Whether PUT isn't to replace the current version, by ``If-None-Match``."""
    sent = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if request.method != "PUT" or not sent:
        return False
    # WebOb takes an asterisk for no header.
    return sent.strip() == "*" or current in request.if_none_match


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body, without the quotes."""
    return blake2b(body, digest_size=12).hexdigest()


def caching(method: str) -> str:
    """Return the ``Cache-Control`` of the responses to a method.

    Responses to changes may hold a new secret: nobody is to keep them.
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
    """Make the response, in one go; with an ETag where it is to be tagged."""
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
    """Return what says that nothing follows; else the connection's end would have to.

    A 204 says it by itself.
    """
    return [] if status == 204 else [NO_CONTENT]


def asks_for_change(request: Request) -> bool:
    """Whether the caller wants only what they don't have yet."""
    is_read = request.method in {"GET", "HEAD"}
    return is_read and "HTTP_IF_NONE_MATCH" in request.environ


def location(request: Request, row: Row) -> list[Header]:
    """Return where a collection has its new object: below, at its key."""
    if not isinstance(request.context, Collection) or isinstance(row, list):
        return []
    key = request.context.item.key_of(row)
    return [("Location", request.path + quote(str(key), safe=""))]
