"""Parameters of the query, of headers and of paths, each with an example.

They are the initial values for trying out an operation; each is valid on its own.
"""

from collections.abc import Iterable, Iterator

import colander

from apiserver.core.lists import totals as counting
from apiserver.core.openapi.headers import AN_ETAG
from apiserver.core.openapi.operations import Operation
from apiserver.core.openapi.schemas import sample
from apiserver.core.schemas.types import ListType
from apiserver.core.typing import Fragment, Json

A_DATE = "Sun, 01 Mar 2026 12:00:00 GMT"
# Conditional requests (RFC 9110 section 13), and range requests (section 14).
OF_A_FILE = {
    "Range": (
        "Which bytes of the file: `bytes=0-1023`, `bytes=1024-` or `bytes=-1024`.",
        "bytes=0-1023",
    ),
    "If-Range": ("An `ETag`: all of the file if it has changed since.", AN_ETAG),
    "If-None-Match": ("An `ETag`: 304 if the file is still that version.", AN_ETAG),
    "If-Modified-Since": ("A `Last-Modified`: 304 if the file is not newer.", A_DATE),
    "If-Match": ("An `ETag`: 412 if the file is no longer that version.", AN_ETAG),
    "If-Unmodified-Since": ("A `Last-Modified`: 412 if the file is newer.", A_DATE),
}


def complete_parameters(
    operation: Operation, declared: Iterable[Fragment]
) -> list[Fragment]:
    """Return an operation's parameters: declared ones, and those of its kind."""
    examples = examples_of(operation)

    def complete(parameter: Fragment) -> Fragment:
        if parameter["in"] == "body":
            return parameter
        if "x-example" in parameter:
            example = in_query(parameter, parameter["x-example"])
            return {**parameter, "x-example": example}
        name = parameter["name"]
        example = examples[name] if name in examples else sample(parameter, {})
        if parameter.get("type") == "array" and not isinstance(example, list):
            example = [example]
        return {**parameter, "x-example": in_query(parameter, example)}

    return [complete(each) for each in [*declared, *conditions(operation)]]


def in_query(parameter: Fragment, example: Json) -> Json:
    """Return the example for a URL, without "+", which some tools don't escape."""
    if parameter.get("format") == "date-time":
        return str(example).replace("+00:00", "Z")
    return example


def examples_of(operation: Operation) -> dict[str, Json]:
    """Return examples of parameters, from the fields by which they filter.

    A parameter may share a field's name but not its type, such as ``archived=true``.
    """
    shown = {
        (field.name, type(field.typ)): field.example
        for answer in operation.arguments["response_schemas"].values()
        for body in answer.children
        for field in item_of(body).children
        if hasattr(field, "example")
    }
    filtered = {
        node.name: (getattr(node, "field", node.name), type(item_of(node).typ))
        for location in locations(operation)
        for node in location.children
    }
    return {name: shown[field] for name, field in filtered.items() if field in shown}


def item_of(node: colander.SchemaNode) -> colander.SchemaNode:
    """Return the node of a list's items; any other node itself."""
    return node.children[0] if isinstance(node.typ, ListType) else node


def locations(operation: Operation) -> Iterable[colander.SchemaNode]:
    """Return the input of an operation, a node for each location."""
    return operation.schema.children if operation.schema is not None else ()


def conditions(operation: Operation) -> Iterator[Fragment]:
    """Yield the headers for conditional requests, and others.

    For a list, ``Prefer`` says how to count.
    """
    if operation.is_list:
        yield header("Prefer", counting.ABOUT, "count=none")
    if operation.reads_item:
        about = "An `ETag`: 304 if the object is still that version."
        yield header("If-None-Match", about, AN_ETAG)
    if operation.checks_version:
        about = "An `ETag`: 412 if the object is no longer that version."
        yield header("If-Match", about, AN_ETAG)
    if operation.checks_version and operation.method == "PUT":
        about = "`*`: 412 if there is an object already; an `ETag`: 412 if it is that."
        yield header("If-None-Match", about, '"none"')
    if operation.sends_file:
        for name, (about, example) in OF_A_FILE.items():
            yield header(name, about, example)


def header(name: str, description: str, example: str) -> Fragment:
    return {
        "name": name,
        "in": "header",
        "type": "string",
        "required": False,
        "description": description,
        "x-example": example,
    }


def exclusive(operation: Operation) -> Fragment:
    """Document which parameters exclude each other.

    In the inter-parameter dependency language (IDL4OAS), since neither Swagger nor
    OpenAPI can express it.
    """
    said = [
        f"ZeroOrOne({', '.join(location.exclusive)})"
        for location in locations(operation)
        if getattr(location, "exclusive", ())
    ]
    return {"x-dependencies": said} if said else {}
