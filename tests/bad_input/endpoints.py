"""Walks the endpoints: the operations of the application, samples for their schemas."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import colander

from apiserver.core.endpoints.services import services_of
from apiserver.core.http import JSON
from apiserver.core.schemas import (
    BooleanType,
    Length,
    ListType,
    Object,
    Reference,
    StringType,
)
from apiserver.core.schemas.patch import JSON_PATCH
from apiserver.core.schemas.references import kinds_in
from apiserver.core.schemas.types import IntegerType, ObjectType
from tests import settings

# What is no string, no number and no list of any length; each takes some of these.
VALUES = (
    None,
    True,
    0,
    1,
    -1,
    1.5,
    10**30,
    "",
    "1",
    "true",
    "\0",
    [],
    ["x"],
    {},
    {"a": 1},
)


class Endpoint(NamedTuple):
    """An operation: a method at a path with placeholders, and what it takes."""

    method: str
    path: str
    schema: Any
    sends_file: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def patched(self) -> Any:
        """The schema of the fields that a JSON Patch changes, or None."""
        return getattr(self.schema, "patched", None)

    @property
    def refers_to(self) -> set[type]:
        """The classes of the objects to which what it takes refers."""
        nodes = (node for node in (self.schema, self.patched) if node is not None)
        return set().union(*map(kinds_in, nodes))

    @property
    def takes_json(self) -> bool:
        """Whether it takes a body that is JSON."""
        return self.schema is not None and bool(
            {JSON, JSON_PATCH} & {*self.schema.consumes}
        )

    @property
    def takes_file(self) -> bool:
        """Whether it takes a body that it doesn't read as JSON or as a form."""
        has_body = self.schema is not None and bool(self.schema.consumes)
        return has_body and not self.takes_json

    def takes(self, location: str) -> Any:
        """Return the schema of the body or the querystring, or None."""
        named = {node.name: node for node in self.schema or ()}
        return named.get(location)


def find_endpoints() -> list[Endpoint]:
    """Return the operations of the project; HEAD is what GET is."""
    app = settings.project()
    return sorted(
        (
            Endpoint(
                method,
                service.path,
                arguments.get("schema"),
                any(s.media_types for s in arguments["response_schemas"].values()),
            )
            for service in services_of(app.registry)
            for method, _, arguments in service.definitions
            if method != "HEAD"
        ),
        key=str,
    )


ENDPOINTS = find_endpoints()


def of_each_method(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Return one of each method, for what is decided before the endpoint is known."""
    return list({each.method: each for each in endpoints}.values())


# The id of an object of each class to which schemas refer; of the test that runs.
REFERRED: dict[type, int] = {}


def sample(node: Any) -> Any:
    """Return a value that the node takes."""
    if isinstance(node.typ, ObjectType):
        return {
            child.name: sample(child)
            for child in node.children
            if child.missing is colander.required
        }
    if isinstance(node.typ, ListType):
        return []
    if getattr(node, "nullable", False):
        return None
    if isinstance(node.typ, BooleanType):
        return False
    if isinstance(node, Reference):
        return REFERRED[node.kind]
    if isinstance(node.typ, IntegerType):
        return node.validator.min
    if str(getattr(node, "format", "")).endswith("email"):
        return "someone@example.com"
    choices = getattr(node.validator, "choices", None)
    return next(iter(choices)) if choices else getattr(node, "example", "sample")


TYPES: dict[type, tuple[type, ...]] = {
    IntegerType: (int,),
    BooleanType: (bool,),
    colander.Float: (int, float),
    ListType: (list,),
    ObjectType: (dict,),
    # Texts, as those of dates and decimal numbers are.
    colander.String: (str,),
    colander.Date: (str,),
    colander.DateTime: (str,),
}


def is_json_type(node: Any, value: Any) -> bool:
    """Whether the value has the JSON type of the node."""
    kind = next((each for each in TYPES if isinstance(node.typ, each)), None)
    # Of a type of which nothing is known, any value but null.
    return value is not None if kind is None else type(value) in TYPES[kind]


def limits(node: Any) -> Iterator[Any]:
    """Yield values of the right type that are just beyond the node's limits."""
    validators = getattr(node.validator, "validators", [node.validator])
    for validator in validators:
        least, most = getattr(validator, "min", None), getattr(validator, "max", None)
        if isinstance(node.typ, IntegerType | colander.Float):
            yield from (least - 1,) if least is not None else ()
            yield from (most + 1,) if most is not None else ()
        elif isinstance(validator, Length) and most is not None:
            item = sample(node.children[0]) if isinstance(node.typ, ListType) else "x"
            longest = [item] * (most + 1)
            yield longest if isinstance(node.typ, ListType) else "".join(longest)


def wrong_values(node: Any) -> list[Any]:
    """Return values that the node must refuse."""
    takes_null = getattr(node, "nullable", False)
    wrong = (value for value in VALUES if not is_json_type(node, value))
    values = [value for value in wrong if not (takes_null and value is None)]
    values += limits(node)
    if isinstance(node.typ, StringType):
        values += [f"a{char}b" for char in "\0\n\x1b\x7f\x9f"]
    if isinstance(node.typ, ListType):
        values += [[value] for value in wrong_values(node.children[0])]
    return values


def wrong_texts(node: Any) -> list[str]:
    """Return texts of a URL that the node must refuse."""
    if isinstance(node.typ, ListType):
        return wrong_texts(node.children[0])
    if isinstance(node.typ, StringType):
        validators = getattr(node.validator, "validators", [])
        lengths = [v for v in validators if isinstance(v, Length)]
        # To ask for the empty text is fine where a text may be empty.
        empty = [""] if all(length.min for length in lengths) else []
        return [*empty, "%0A", "%1B", "x" * 5000]
    if isinstance(node.typ, colander.Float):
        return ["", "x", "nan", "1e999", "1_0", "%D9%A1", "9" * 5000]
    least = getattr(node.validator, "min", None)
    negative = [] if least is not None and least < 0 else ["-1"]
    return ["", "x", "1.5", *negative, "%D9%A1", "1_0", "9" * 19, "9" * 5000]


def fields(schema: Object) -> list[Any]:
    """Return the nodes of the fields that can be written."""
    return [node for node in schema.children if not getattr(node, "virtual", False)]


def readable(schema: Object) -> list[Any]:
    """Return the nodes of the fields that can be written and read."""
    return [node for node in fields(schema) if not getattr(node, "secret", False)]
