"""Schema nodes that mean what the document says of them, and requests made of them.

Colander's own types are lenient: they take ``"foo"`` as a boolean, ``1_0`` as a number,
null as absent, and repeat the input in their messages. These take exactly the JSON type,
refuse unknown fields, and say only what is wrong.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import colander
import email_validator
import orjson

from apiserver.core.dump import compile_dump
from apiserver.core.errors import BadRequest, UnsupportedMediaType, ValidationFailed

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

LARGEST_INTEGER = 2**63 - 1
MAX_DEPTH = 32

_INTEGER = re.compile(r"-?[0-9]{1,19}")


class StringType(colander.String):  # type: ignore[misc]
    """A JSON string."""

    def deserialize(self, node: Any, value: Any) -> Any:
        if value is not colander.null and not isinstance(value, str):
            raise colander.Invalid(node, "Must be a string.")
        return value

    def from_text(self, text: str) -> Any:
        return text


class IntegerType(colander.Integer):  # type: ignore[misc]
    """A JSON number without a fraction; booleans are none."""

    def deserialize(self, node: Any, value: Any) -> Any:
        if value is not colander.null and type(value) is not int:
            raise colander.Invalid(node, "Must be a whole number.")
        return value

    def from_text(self, text: str) -> Any:
        return int(text) if _INTEGER.fullmatch(text) else text


class BooleanType(colander.Boolean):  # type: ignore[misc]
    """A JSON boolean."""

    def deserialize(self, node: Any, value: Any) -> Any:
        if value is not colander.null and type(value) is not bool:
            raise colander.Invalid(node, "Must be true or false.")
        return value

    def from_text(self, text: str) -> Any:
        return {"true": True, "false": False}.get(text, text)


class DateTimeType(colander.DateTime):  # type: ignore[misc]
    """A moment, in answers only: ISO 8601 with the offset."""


class ListType(colander.Sequence):  # type: ignore[misc]
    """A JSON array."""

    def deserialize(self, node: Any, value: Any) -> Any:
        if value is colander.null:
            return value
        if not isinstance(value, list):
            raise colander.Invalid(node, "Must be a list.")
        return collect(
            node,
            ((index, node.children[0], item) for index, item in enumerate(value)),
            list,
        )


class ObjectType(colander.Mapping):  # type: ignore[misc]
    """A JSON object of exactly the fields that the schema names."""

    def deserialize(self, node: Any, value: Any) -> Any:
        if value is colander.null:
            return value
        if not isinstance(value, dict):
            raise colander.Invalid(node, "Must be an object.")
        named = {child.name for child in node.children}
        unknown = [UnknownField(name=name) for name in value if name not in named]
        fields = [*node.children, *unknown]
        return collect(
            node,
            (
                (index, child, value.get(child.name, colander.null))
                for index, child in enumerate(fields)
            ),
            lambda values: {
                child.name: item
                for child, item in zip(fields, values, strict=True)
                if item is not colander.drop
            },
        )


def collect(
    node: Any,
    fields: Iterable[tuple[int, Any, Any]],
    build: Callable[[list[Any]], Any],
) -> Any:
    """Deserialize each ``(index, node, value)``; raise all that is wrong at once."""
    values = []
    errors = colander.Invalid(node)
    for index, child, value in fields:
        try:
            values.append(child.deserialize(value))
        except colander.Invalid as error:
            errors.add(error, index)
    if errors.children:
        raise errors
    return build(values)


class UnknownField(colander.SchemaNode):  # type: ignore[misc]
    """Stands for a field that the schema doesn't have."""

    schema_type = StringType

    def deserialize(self, value: Any) -> Any:
        raise colander.Invalid(self, "There is no such field.")


class Object(colander.Schema):  # type: ignore[misc]
    """Base of the schemas: a JSON object.

    ::

        class TeamCreate(Object):
            title = Text(3, 50, description="What the team is called.")
    """

    schema_type = ObjectType


def plain(node: Any, value: str) -> None:
    """Refuse control characters, and lone surrogates, which no database stores."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise colander.Invalid(node, "Must not hold control characters.")


class Length(colander.Length):  # type: ignore[misc]
    """Length in characters, or in items of a list."""

    def __call__(self, node: Any, value: Any) -> None:
        if len(value) < (self.min or 0):
            raise colander.Invalid(node, f"Must be at least {self.min} long.")
        if self.max is not None and len(value) > self.max:
            raise colander.Invalid(node, f"Must be at most {self.max} long.")


class Range(colander.Range):  # type: ignore[misc]
    """Least and greatest value."""

    def __call__(self, node: Any, value: int) -> None:
        if value < self.min:
            raise colander.Invalid(node, f"Must be at least {self.min}.")
        if value > self.max:
            raise colander.Invalid(node, f"Must be at most {self.max}.")


class OneOf(colander.OneOf):  # type: ignore[misc]
    """One of the given values."""

    def __call__(self, node: Any, value: Any) -> None:
        if value not in self.choices:
            choices = ", ".join(map(str, self.choices))
            raise colander.Invalid(node, f"Must be one of {choices}.")


def Text(shortest: int, longest: int, *validators: Any, **kw: Any) -> Any:  # noqa: N802
    """Make a node for text of ``shortest`` to ``longest`` characters."""
    validator = colander.All(Length(shortest, longest), plain, *validators)
    return colander.SchemaNode(StringType(), validator=validator, **kw)


def Choice(*choices: str, **kw: Any) -> Any:  # noqa: N802
    """Make a node for one of the given words."""
    return colander.SchemaNode(StringType(), validator=OneOf(choices), **kw)


def is_email(node: Any, value: str) -> None:
    """Refuse what is no address; its domain need not exist, and may be localhost."""
    address = f"{value}.com" if value.endswith("@localhost") else value
    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise colander.Invalid(node, "Must be an email address.") from None


def Email(*validators: Any, **kw: Any) -> Any:  # noqa: N802
    """Make a node for an email address of up to 120 characters."""
    validator = colander.All(Length(1, 120), plain, is_email, *validators)
    return colander.SchemaNode(StringType(), validator=validator, format="email", **kw)


def Whole(least: int, greatest: int, **kw: Any) -> Any:  # noqa: N802
    """Make a node for a whole number."""
    return colander.SchemaNode(IntegerType(), validator=Range(least, greatest), **kw)


def Id(**kw: Any) -> Any:  # noqa: N802
    """Make a node for the id of an object."""
    return Whole(1, LARGEST_INTEGER, format="int64", **kw)


def Flag(**kw: Any) -> Any:  # noqa: N802
    """Make a node for true or false."""
    return colander.SchemaNode(BooleanType(), **kw)


def Moment(**kw: Any) -> Any:  # noqa: N802
    """Make a node for a point in time."""
    return colander.SchemaNode(DateTimeType(), **kw)


def List(item: Any, longest: int | None = None, **kw: Any) -> Any:  # noqa: N802
    """Make a node for a list of the item."""
    validator = Length(0, longest) if longest is not None else None
    return colander.SchemaNode(ListType(), item, validator=validator, **kw)


class RequestSchema(colander.Schema):  # type: ignore[misc]
    """What an operation takes: a child for each location, read by its reader."""

    consumes: tuple[str, ...] = ()

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.readers: dict[str, Callable[[Any], Any]] = {}

    def take(self, location: str, node: Any, reader: Callable[[Any], Any]) -> None:
        """Add a location; ``reader`` makes of a request what the node deserializes."""
        node.name = location
        self.add(node)
        self.readers[location] = reader

    def validate(self, request: Any) -> dict[str, Any]:
        """Return the validated values of each location; raise ValidationFailed."""
        return {
            node.name: validated(node, node.name, self.readers[node.name](request))
            for node in self.children
        }


def body(schema: type[Object], *, form: bool = False) -> RequestSchema:
    """Take a JSON object; with ``form`` also a form, of the same fields."""
    request_schema = RequestSchema()
    request_schema.consumes = (JSON, FORM, MULTIPART) if form else (JSON,)
    node = schema()

    def read(request: Any) -> Any:
        if media_type(request, request_schema.consumes) == JSON:
            return read_json(request)
        return read_text(node, request.POST)

    request_schema.take("body", node, read)
    return request_schema


def querystring(schema: type[Object]) -> RequestSchema:
    """Take query parameters."""
    request_schema = RequestSchema()
    node = schema()
    request_schema.take("querystring", node, lambda r: read_text(node, r.GET))
    return request_schema


def media_type(request: Any, accepted: tuple[str, ...]) -> str:
    """Return the type of the body; raise UnsupportedMediaType."""
    content_type: str = request.content_type
    if content_type not in accepted:
        raise UnsupportedMediaType(request.method, accepted)
    return content_type


def read_json(request: Any) -> Any:
    """Parse the body; raise BadRequest where it isn't JSON, or nested too deeply."""
    text = request.body
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg}.") from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and depth(document) > MAX_DEPTH:
        raise BadRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")
    return document


def depth(value: Any) -> int:
    """How deeply objects and lists are nested."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def read_text(schema: Any, values: Any) -> dict[str, Any]:
    """Turn the texts of a form or a query into what the same JSON would give."""
    document: dict[str, Any] = {}
    types = {child.name: child.typ for child in schema.children}
    for name, text in values.items():
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
        raise ValidationFailed(
            *(
                (location, shorten(name), description)
                for name, description in problems(invalid)
            )
        ) from None


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


class ResponseSchema(colander.Schema):  # type: ignore[misc]
    """What an operation answers: description, body and headers."""

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
    """Answer with a page of objects; headers say how many there are and where."""
    headers = {
        "X-Total-Count": Whole(
            0, LARGEST_INTEGER, description="Of all pages together."
        ),
        "Link": Text(0, 8192, description="first, prev, next, last (RFC 8288)."),
    }
    return ResponseSchema(description or "A page.", List(schema()), headers)


def returns_nothing(description: str = "Done.") -> ResponseSchema:
    """Answer without a body: status 204."""
    return ResponseSchema(description)
