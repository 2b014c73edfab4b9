"""What an operation takes and answers: schemas by location, read and checked."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import colander

from apiserver.core.http.bodies import FORM, JSON, MULTIPART, media_type, read_json
from apiserver.core.http.errors import ValidationFailed
from apiserver.core.http.forms import read_form
from apiserver.core.http.guard import MAX_BODY
from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import List, Object, Text
from apiserver.core.schemas.patch import JSON_PATCH, Patch
from apiserver.core.schemas.types import NO_SUCH_FIELD
from apiserver.core.schemas.validation import read_text, shorten, validated


class RequestSchema(colander.Schema):
    """What an operation takes: a child for each location, read by its reader."""

    consumes: tuple[str, ...] = ()
    most_bytes = MAX_BODY

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.readers: dict[str, Callable[[Any], Any]] = {}

    def take(self, location: str, node: Any, reader: Callable[[Any], Any]) -> None:
        """Add a location; ``reader`` makes of a request what the node deserializes."""
        node.name = location
        self.add(node)
        self.readers[location] = reader

    @property
    def takes_query(self) -> bool:
        return "querystring" in self.readers

    def take_query(self, schema: type[Object] | None) -> None:
        """Add query parameters, if there is a schema of some."""
        if schema is not None:
            node = schema()
            self.take("querystring", node, lambda r: read_text(node, r.GET))

    def validate(self, request: Any) -> dict[str, Any]:
        """Return the validated values of each location; raise ValidationFailed."""
        return {
            node.name: validated(node, node.name, self.readers[node.name](request))
            for node in self.children
        }


def body(
    schema: type[Object], *, form: bool = False, query: type[Object] | None = None
) -> RequestSchema:
    """Take a JSON object; with ``form`` also a form, of the same fields.

    ``query`` are the query parameters that are taken besides.
    """
    request_schema = RequestSchema()
    request_schema.consumes = (JSON, FORM, MULTIPART) if form else (JSON,)
    node = schema()

    def read(request: Any) -> Any:
        if media_type(request, request_schema.consumes) == JSON:
            return read_json(request)
        return read_text(node, read_form(request))

    request_schema.take("body", node, read)
    request_schema.take_query(query)
    return request_schema


class UnknownParameter(ValidationFailed):
    """A query has parameters that the operation doesn't take."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            *(("querystring", shorten(name), NO_SUCH_FIELD) for name in names)
        )

    @classmethod
    def example(cls) -> Self:
        return cls("page")


def refuse_parameters(request: Any) -> None:
    """Raise UnknownParameter where there are query parameters."""
    if request.GET:
        raise UnknownParameter(*dict.fromkeys(request.GET))


def querystring(schema: type[Object]) -> RequestSchema:
    """Take query parameters."""
    request_schema = RequestSchema()
    request_schema.take_query(schema)
    return request_schema


def json_patch(
    schema: type[Object], *, query: type[Object] | None = None
) -> RequestSchema:
    """Take a JSON Patch; the view finds a ``Patch`` in ``validated["patch"]``.

    ``query`` are the query parameters that are taken besides.
    """
    request_schema = PatchRequest(schema())
    request_schema.consumes = (JSON_PATCH, JSON)
    request_schema.take_query(query)
    return request_schema


class PatchRequest(RequestSchema):
    """A request whose body is a JSON Patch of the schema's fields."""

    def __init__(self, patched: Any) -> None:
        super().__init__()
        self.patched = patched

    def validate(self, request: Any) -> dict[str, Any]:
        media_type(request, self.consumes)
        patch = Patch(self.patched, read_json(request))
        return {"patch": patch, **super().validate(request)}


class ResponseSchema(colander.Schema):
    """What an operation answers: description, body and headers."""

    # Of files; what a schema describes is JSON.
    media_types: tuple[str, ...] = ()

    def __init__(
        self,
        description: str,
        node: Any = None,
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(description=description)
        self.headers = dict(headers or {})
        self.dump = compile_dump(node) if node is not None else None
        if node is not None:
            node.name = "body"
            self.add(node)

    def __deepcopy__(self, memo: Any) -> "ResponseSchema":
        """Stay one: Cornice copies the arguments of views, which are constant."""
        return self


def returns(
    schema: type[Object], description: str = "", **headers: Any
) -> ResponseSchema:
    """Answer with one object."""
    return ResponseSchema(description or "Done.", schema(), headers)


def returns_page(schema: type[Object], description: str = "") -> ResponseSchema:
    """Answer with a page of objects; headers say where the others are."""
    headers = {"Link": Text(0, 8192, description="first, prev, next, last (RFC 8288).")}
    return ResponseSchema(description or "A page.", List(schema()), headers)


def returns_nothing(description: str = "Done.") -> ResponseSchema:
    """Answer without a body: status 204."""
    return ResponseSchema(description)
