"""The input of an operation: schemas by location, read and validated."""

from collections.abc import Callable
from typing import Self, cast

import colander

from apiserver.core.endpoints.request import Request
from apiserver.core.http.bodies import (
    FORM,
    JSON,
    MAX_MEMBERS,
    MULTIPART,
    media_type,
    read_json,
)
from apiserver.core.http.errors import ValidationFailed
from apiserver.core.http.forms import read_form
from apiserver.core.http.special import MAX_BODY
from apiserver.core.schemas.fields import Length, List, Object
from apiserver.core.schemas.patch import JSON_PATCH, Patch
from apiserver.core.schemas.types import NO_SUCH_FIELD, ListType
from apiserver.core.schemas.validation import read_text, shorten, validated
from apiserver.core.typing import Json

Reader = Callable[[Request], Json]


class RequestSchema(colander.Schema):
    """The input of an operation: a child for each location, with its reader."""

    consumes: tuple[str, ...] = ()
    most_bytes = MAX_BODY

    def __init__(self, **kw: object) -> None:
        super().__init__(**kw)
        self.readers: dict[str, Reader] = {}

    def take(self, location: str, node: colander.SchemaNode, reader: Reader) -> None:
        """Add a location; ``reader`` gets the value from the request."""
        node.name = location
        self.add(node)
        self.readers[location] = reader

    @property
    def bodies(self) -> list[colander.SchemaNode]:
        """The nodes of the fields that a body may write: none, or one."""
        return [node for node in self.children if node.name == "body"]

    @property
    def takes_query(self) -> bool:
        return "querystring" in self.readers

    def take_query(self, schema: type[Object] | None) -> None:
        """Add query parameters, if there is a schema."""
        if schema is not None:
            node = schema()
            self.take("querystring", node, lambda r: read_text(node, r.GET))

    def validate(self, request: Request) -> dict[str, object]:
        """Return the validated values of each location; raise ValidationFailed."""
        return {
            node.name: validated(node, node.name, self.readers[node.name](request))
            for node in self.children
        }


def body(schema: type[Object], *, query: type[Object] | None = None) -> RequestSchema:
    """Accept a JSON object, or a form if that can hold the required fields.

    ``query`` is the schema of query parameters.
    """
    request_schema = RequestSchema()
    node = schema()
    fits = all(is_flat(child) for child in node.children if child.required)
    request_schema.consumes = (JSON, FORM, MULTIPART) if fits else (JSON,)

    def read(request: Request) -> Json:
        if media_type(request, request_schema.consumes) == JSON:
            return read_json(request)
        return read_text(node, read_form(request))

    request_schema.take("body", node, read)
    request_schema.take_query(query)
    return request_schema


def items(takes: List, *, query: type[Object] | None = None) -> RequestSchema:
    """Accept a JSON array: objects of one kind, at least one, and up to a limit.

    Raises TypeError without a limit, or for one that no body can reach.
    """
    node = takes.clone()
    most, fields = node.longest, node.children[0].children
    if most is None:
        raise TypeError("Say how many items a body may hold: List(…, 100).")
    if most * (1 + len(fields)) > MAX_MEMBERS:
        fit = MAX_MEMBERS // (1 + len(fields))
        raise TypeError(f"A body can't hold more than {fit} items of these fields.")
    node.validator = Length(1, most)
    request_schema = RequestSchema()
    request_schema.consumes = (JSON,)

    def read(request: Request) -> Json:
        media_type(request, request_schema.consumes)
        return read_json(request)

    request_schema.take("body", node, read)
    request_schema.take_query(query)
    return request_schema


def is_flat(node: colander.SchemaNode) -> bool:
    """Whether a form can hold the field: a plain value, or a list of them."""
    if isinstance(node.typ, ListType):
        return not any(child.children for child in node.children)
    return not node.children


class UnknownParameter(ValidationFailed):
    """The query has parameters that the operation doesn't accept."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            *(("querystring", shorten(name), NO_SUCH_FIELD) for name in names)
        )

    @classmethod
    def example(cls) -> Self:
        return cls("page")


def refuse_parameters(request: Request) -> None:
    """Raise UnknownParameter if there are query parameters."""
    if request.GET:
        raise UnknownParameter(*dict.fromkeys(request.GET))


def querystring(schema: type[Object] | None) -> RequestSchema:
    """Accept query parameters."""
    request_schema = RequestSchema()
    request_schema.take_query(schema)
    return request_schema


def json_patch(
    schema: type[Object], *, query: type[Object] | None = None
) -> RequestSchema:
    """Accept a JSON Patch; ``validated["patch"]`` is a ``Patch``.

    ``query`` is the schema of query parameters.
    """
    request_schema = PatchRequest(schema())
    request_schema.consumes = (JSON_PATCH, JSON)
    request_schema.take_query(query)
    return request_schema


class PatchRequest(RequestSchema):
    """A request whose body is a JSON Patch of the schema's fields."""

    def __init__(self, patched: colander.SchemaNode) -> None:
        super().__init__()
        self.patched = patched

    @property
    def bodies(self) -> list[colander.SchemaNode]:
        return [self.patched]

    def validate(self, request: Request) -> dict[str, object]:
        media_type(request, self.consumes)
        patch = Patch(self.patched, read_json(request))
        return {"patch": patch, **super().validate(request)}


Takes = type[Object] | List | RequestSchema


def request_schema(
    method: str, takes: Takes | None, query: type[Object] | None
) -> RequestSchema | None:
    """Return the declared input of a method, or None.

    GET and DELETE accept query parameters, PATCH a JSON Patch, the others a body;
    ``query`` is the schema of query parameters besides these.
    """
    if takes is None:
        return querystring(query) if query is not None else None
    if isinstance(takes, List):
        return items(cast(List, takes), query=query)
    if not isinstance(takes, type):
        return cast(RequestSchema, takes)
    if method == "PATCH":
        return json_patch(takes, query=query)
    if method in {"POST", "PUT"}:
        return body(takes, query=query)
    return querystring(takes)
