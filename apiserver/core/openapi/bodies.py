"""The document's parts about bodies: objects, JSON Patches, files."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import colander

from apiserver.core.endpoints.file_forms import PART
from apiserver.core.endpoints.files import ContentRequest
from apiserver.core.endpoints.inputs import PatchRequest, RequestSchema
from apiserver.core.openapi.schemas import sample
from apiserver.core.schemas.patch import MOST_OPERATIONS, OPERATIONS
from apiserver.core.typing import Fragment, Json

if TYPE_CHECKING:
    from apiserver.core.openapi.generator import SchemaConverter

# The schema of a file.
BINARY = {"type": "string", "format": "binary"}

# A schema node with its schema in the document.
Field = tuple[colander.SchemaNode, Fragment]


def body_parameters(
    schema: RequestSchema, convert: "SchemaConverter"
) -> Iterator[Fragment]:
    """Yield the parameter for the body, if the request has one.

    ``convert`` turns nodes into schemas, and has the definitions.
    """
    if isinstance(schema, PatchRequest):
        yield patch_parameter(schema.patched, convert)
    if isinstance(schema, ContentRequest):
        yield file_parameter(schema)
    for node in schema.children:
        if node.name == "body":
            converted = convert.take(node)
            example = sample(converted, convert.definitions)
            yield body_parameter(converted, example, about_items(converted))


def about_items(schema: Fragment) -> str:
    """Describe what happens to a body with several objects."""
    if schema.get("type") != "array":
        return ""
    return (
        f"At least one object and at most {schema['maxItems']}, all or none: where "
        "one is refused, nothing changes. `errors` names each by its index: `2.title`."
    )


def body_parameter(schema: Fragment, example: Json, description: str = "") -> Fragment:
    """Return the parameter for a body."""
    about = {"description": description} if description else {}
    return {
        "name": "body",
        "in": "body",
        "required": True,
        **about,
        "schema": schema,
        "x-example": example,
    }


def file_parameter(schema: ContentRequest) -> Fragment:
    """Return the parameter for a body that is a file; Swagger 2.0 allows no form then.

    ``x-form`` is the form, as a Media Type Object of OpenAPI 3.1.
    """
    file = {**BINARY, "description": "The file, with its name and media type."}
    form = {
        "schema": {
            "type": "object",
            "required": [PART],
            "properties": {PART: file},
            "additionalProperties": False,
        },
        "encoding": {PART: {"contentType": ", ".join(schema.media_types)}},
    }
    return {
        "name": "body",
        "in": "body",
        "required": True,
        "description": f"The bytes of the file, at most {schema.most_bytes}.",
        "schema": dict(BINARY),
        "x-form": form,
    }


def patch_parameter(
    patched: colander.SchemaNode, convert: "SchemaConverter"
) -> Fragment:
    """Return the parameter for a JSON Patch of a schema's fields."""
    fields = [(node, convert(node)) for node in patched.children]
    name = f"{type(patched).__name__}Operation"
    operation = convert.define(name, patch_operation(fields))
    return patch_body(fields, operation, patch_example(fields, convert.definitions))


def patch_operation(fields: list[Field]) -> Fragment:
    """Return the schema of one operation of a JSON Patch (RFC 6902 section 4).

    Unneeded members of an operation are ignored, so `from` has no type.
    """
    readable = [
        f"`/{node.name}`"
        for node, _ in fields
        if not (getattr(node, "secret", False) or getattr(node, "virtual", False))
    ]
    source = f"the source of the value, at or below {' or '.join(readable)}"
    return {
        "type": "object",
        "description": "An operation of a JSON Patch (RFC 6902 section 4).",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": list(OPERATIONS)},
            "path": pointer(fields, "The field (a JSON Pointer, RFC 6901)."),
            "from": {"description": f"For move and copy: {source}."},
            "value": {"description": "For add, replace and test: any JSON value."},
        },
    }


def pointer(fields: list[Field], description: str) -> Fragment:
    """Return the schema of a pointer: to a field, or into a nested one."""
    paths = [f"/{node.name}" for node, _ in fields]
    schema = {"type": "string", "description": description}
    parts = [not is_plain(converted) for _, converted in fields]
    if not any(parts):
        return {**schema, "enum": paths}
    patterns = [
        path + ("(/.*)?" if has_parts else "")
        for path, has_parts in zip(paths, parts, strict=True)
    ]
    return {**schema, "pattern": f"^({'|'.join(patterns)})$"}


def is_plain(schema: Fragment) -> bool:
    """Whether the value isn't nested."""
    return schema.get("type") in {"string", "integer", "number", "boolean"}


def patch_body(fields: list[Field], operation: Fragment, example: Json) -> Fragment:
    """Return the parameter for a JSON Patch of the fields."""
    lines = "\n".join(f"* {field_line(node, schema)}" for node, schema in fields)
    schema = {
        "type": "array",
        "maxItems": MOST_OPERATIONS,
        "items": operation,
        "example": example,
    }
    about = f"Changes to these fields, applied all or none:\n\n{lines}"
    return body_parameter(schema, example, about)


def field_line(node: colander.SchemaNode, schema: Fragment) -> str:
    """Describe a field in one line."""
    kind = "object" if {"$ref", "allOf"} & schema.keys() else "any value"
    words = [schema.get("type", kind), limits(schema)]
    if "x-nullable" in schema:
        words.append("or null")
    if getattr(node, "secret", False):
        words.append("never shown")
    if getattr(node, "virtual", False):
        words.append("for `test` only")
    line = f"`/{node.name}`: {', '.join(filter(None, words))}."
    return f"{line} {node.description}" if node.description else line


def limits(schema: Fragment) -> str:
    """Describe the limits of a value; empty if there are none."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    for kind, unit in (("Length", " characters"), ("Items", " items"), ("imum", "")):
        least, most = schema.get(f"min{kind}"), schema.get(f"max{kind}")
        if most is not None:
            return f"{least} to {most}{unit}" if least else f"at most {most}{unit}"
    return ""


def patch_example(
    fields: list[Field], definitions: Mapping[str, Fragment]
) -> list[Fragment]:
    """Return a patch that works: the required tests, then a change."""

    def operation(op: str, node: colander.SchemaNode, schema: Fragment) -> Fragment:
        return {"op": op, "path": f"/{node.name}", "value": sample(schema, definitions)}

    tested = [f for f in fields if getattr(f[0], "virtual", False)]
    changed = next(f for f in fields if not getattr(f[0], "virtual", False))
    return [*(operation("test", *f) for f in tested), operation("replace", *changed)]
