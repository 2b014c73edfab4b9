"""The schemas of an OpenAPI 3.1 document, compiled to be strict."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

Check = Callable[[Any], Iterator[str]]

REFERENCE = "#/components/schemas/"
DEFINITION = "#/$defs/"

# What a schema can say of a text that stands for a number or a boolean in a header.
PARSED: dict[str, Callable[[str], Any]] = {
    "integer": orjson.loads,
    "number": orjson.loads,
    "boolean": {"true": True, "false": False}.__getitem__,
}


class Schemas:
    """Compiles the schemas of one document, which refer to its components.

    Those that are ``closed`` allow no property that they don't name.
    """

    def __init__(self, components: dict[str, Any], *, closed: bool = False) -> None:
        self.closed = closed
        self.definitions = {n: self.prepare(each) for n, each in components.items()}

    def prepare(self, schema: Any) -> Any:
        """Return the schema as it stands by itself, outside of the document."""
        if isinstance(schema, list):
            return [self.prepare(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        copy = {name: self.prepare(value) for name, value in schema.items()}
        if isinstance(copy.get("$ref"), str):
            copy["$ref"] = copy["$ref"].replace(REFERENCE, DEFINITION)
        if self.closed and isinstance(copy.get("properties"), dict):
            copy.setdefault("additionalProperties", False)
        return copy

    def compile(self, schema: Any) -> Check:
        """Return the function that yields where a value is wrong: " at /id: Why"."""
        prepared = self.prepare(schema)
        used: dict[str, Any] = {}
        self.add_definitions(prepared, used)
        whole = {"allOf": [prepared], "$defs": used}
        return compile_json(orjson.dumps(whole))

    def add_definitions(self, schema: Any, used: dict[str, Any]) -> None:
        """Add the definitions to which the schema leads; all would take long."""
        if isinstance(schema, list):
            for each in schema:
                self.add_definitions(each, used)
        elif isinstance(schema, dict):
            reference = schema.get("$ref")
            if isinstance(reference, str):
                name = reference.removeprefix(DEFINITION).split("/")[0]
                if name not in used:
                    used[name] = self.definitions[name]
                    self.add_definitions(used[name], used)
            for each in schema.values():
                self.add_definitions(each, used)

    def compile_text(self, schema: Any) -> Check:
        """Return the function for the value of a header, which is text."""
        parse = PARSED.get(schema.get("type"), str)
        check = self.compile(schema)

        def check_text(text: str) -> Iterator[str]:
            try:
                value = parse(text)
            except (KeyError, ValueError):
                return iter([f": {text!r} is no {schema['type']}"])
            return check(value)

        return check_text


@cache
def compile_json(schema: bytes) -> Check:
    """Return the check of a schema; the documents of all applications share most."""
    validator = jsonschema_rs.Draft202012Validator(
        orjson.loads(schema), validate_formats=True
    )

    def check(value: Any) -> Iterator[str]:
        for error in validator.iter_errors(value):
            where = "".join(f"/{part}" for part in error.instance_path)
            yield f" at {where}: {error.message}" if where else f": {error.message}"

    return check
