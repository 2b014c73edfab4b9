"""The OpenAPI 3.0.3 form of the 3.1 document, for generators that know no other."""

from typing import Any

from tasks.client_document import Document

VERSION = "3.0.3"
# What may hold anything, also what looks like a schema.
DATA = {"default", "enum", "example", "examples", "value"}
NULL = {"type": "null"}


def to_openapi30(document: Document) -> Document:
    """Return the 3.0.3 form of a 3.1 document.

    Null is said by ``nullable``. That a value is anything but null can't be said.
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
    """Return the schema of 3.0 (JSON Schema draft 5, more or less) of one of 3.1."""
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
