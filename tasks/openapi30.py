"""The OpenAPI 3.0.3 form of the 3.1 document, for generators that lack 3.1."""

from typing import Any

from tasks.client_document import Document

VERSION = "3.0.3"
# Keys whose values may be anything, even something that looks like a schema.
DATA = {"default", "enum", "example", "examples", "value"}
NULL = {"type": "null"}


def to_openapi30(document: Document) -> Document:
    """Return the 3.0.3 form of a 3.1 document.

    ``nullable`` expresses null. That a value may be anything but null can't be
    expressed.
    """
    components = document["components"]
    schemas = {name: schema(each) for name, each in components["schemas"].items()}
    others = {name: converted(each) for name, each in document.items()}
    return {
        **others,
        "openapi": VERSION,
        "components": {**components, "schemas": schemas},
    }


def converted(value: Any) -> Any:
    """Convert all schemas in a part of the document."""
    if isinstance(value, list):
        return [converted(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: schema(each)
        if name == "schema"
        else each
        if name in DATA
        else converted(each)
        for name, each in value.items()
    }


def schema(source: Any) -> Any:
    """Convert a 3.1 schema to 3.0 (more or less JSON Schema draft 5)."""
    if not isinstance(source, dict):
        return source
    made = {name: member(name, value) for name, value in source.items()}
    if "examples" in made:
        made["example"] = made.pop("examples")[0]
    if made.get("not") == NULL:
        del made["not"]
    if isinstance(made.get("type"), list):
        [made["type"]] = [each for each in made["type"] if each != "null"]
        made["nullable"] = True
    if NULL in made.get("anyOf", ()):
        [only] = [each for each in made.pop("anyOf") if each != NULL]
        made |= {"allOf": [only], "nullable": True}
    return made


def member(name: str, value: Any) -> Any:
    if name == "properties":
        return {key: schema(each) for key, each in value.items()}
    if name in DATA:
        return value
    if isinstance(value, list):
        return [schema(each) for each in value]
    return schema(value)
