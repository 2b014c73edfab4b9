"""What an operation takes and answers: schemas by location, read and checked."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import colander

from apiserver.core.bodies import FORM, JSON, MULTIPART, media_type, read_json
from apiserver.core.dump import compile_dump
from apiserver.core.errors import ValidationFailed
from apiserver.core.forms import read_form
from apiserver.core.nodes import (
    List,
    Object,
    Text,
)
from apiserver.core.tweens import MAX_BODY
from apiserver.core.types import NO_SUCH_FIELD, ListType


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


def read_text(schema: Any, values: Any) -> dict[str, Any]:
    """Turn the texts of a form or a query into what the same JSON would give.

    A list is given by its name, once for each item.
    """
    document: dict[str, Any] = {}
    types = {child.name: child.typ for child in schema.children}
    for name, text in values.items():
        if isinstance(types.get(name), ListType):
            document.setdefault(name, []).append(text)
            continue
        if name in document:
            raise ValidationFailed((schema.name, shorten(name), "Is given twice."))
        convert = getattr(types.get(name), "from_text", None)
        document[name] = convert(text) if convert and isinstance(text, str) else text
    return document


def validated(schema: Any, location: str, value: Any) -> Any:
    """Deserialize, and raise ValidationFailed with everything that is wrong."""
    try:
        return schema.deserialize(value)
    except colander.Invalid as invalid:
        raise refusal(location, invalid) from None


def refusal(location: str, invalid: Any) -> ValidationFailed:
    """Return the error that says everything that Colander has found wrong."""
    return ValidationFailed(
        *(
            (location, shorten(name), description)
            for name, description in problems(invalid)
        )
    )


def problems(invalid: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted name of each wrong field, and what is wrong."""
    if invalid.msg:
        for message in invalid.messages():
            text = message.interpolate() if hasattr(message, "interpolate") else message
            yield path, "Is required." if text == "Required" else text
    for child in invalid.children:
        name = str(
            child.pos if isinstance(invalid.node.typ, ListType) else child.node.name
        )
        yield from problems(child, f"{path}.{name}" if path else name)


def shorten(name: str) -> str:
    """Cut a name that the client has chosen, before it is repeated."""
    return name if len(name) <= 80 else name[:79] + "…"


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
