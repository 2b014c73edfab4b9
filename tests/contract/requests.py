"""Requests that were accepted, compared with what the document says can be sent."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from tests.contract.schemas import PARSED, Check, Schemas

_NO_COLON = re.compile(r"([+-]\d\d)(\d\d)$")

# The bodies that can be read back; a form holds the same fields as text.
READABLE = {"application/json", "application/json-patch+json"}


class Accepted:
    """What an operation takes: body and query, compiled from its Operation Object."""

    def __init__(self, operation: Any, schemas: Schemas) -> None:
        content = operation.get("requestBody", {}).get("content", {})
        self.content: dict[str, Check | None] = {
            media_type: schemas.compile(source["schema"])
            if media_type in READABLE
            else None
            for media_type, source in content.items()
        }
        self.query: dict[str, Check] = {
            parameter["name"]: query_check(parameter, schemas)
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        }

    def deviations(self, request: Any) -> Iterator[str]:
        """Yield what was accepted though the document doesn't allow it."""
        for name in dict.fromkeys(request.GET):
            if name in self.query:
                values = request.GET.getall(name)
                yield from (f"{name}{why}" for why in self.query[name](values))
            elif self.query:
                yield f"the parameter {name} is not documented"
        if self.content:
            yield from self.in_body(request)

    def in_body(self, request: Any) -> Iterator[str]:
        media_type = request.content_type.lower()
        if media_type not in self.content:
            yield f"a body of {media_type} is not documented"
            return
        check = self.content[media_type]
        if check is not None:
            body = without_parts(orjson.loads(request.body))
            yield from (f"body{why}" for why in check(body))


def query_check(parameter: Any, schemas: Schemas) -> Check:
    """Return what looks at the texts that a parameter is given as."""
    schema = parameter["schema"]
    if schema.get("type") != "array":
        check = colons_aside(schemas.compile_text(schema), schema)
        return lambda texts: chain.from_iterable(map(check, texts))
    parse = PARSED.get(schema["items"].get("type"), str)
    check = schemas.compile(schema)

    def check_items(texts: list[str]) -> Iterator[str]:
        """Take one text with commas where they are not exploded."""
        if not parameter["explode"]:
            [text] = texts
            texts = text.split(",")
        return check([parse(text) for text in texts])

    return check_items


def colons_aside(check: Check, schema: Any) -> Check:
    """Let an offset be without its colon, which the description of the API allows."""
    if schema.get("format") != "date-time":
        return check
    return lambda text: check(_NO_COLON.sub(r"\1:\2", text))


def without_parts(body: Any) -> Any:
    """Return a JSON Patch whose pointers lead to fields, as the document names them.

    A patch may put an object there and point into that (RFC 6902 section 3).
    """
    if not isinstance(body, list):
        return body
    return [
        {
            name: "/".join(value.split("/")[:2]) if name in {"path", "from"} else value
            for name, value in operation.items()
        }
        for operation in body
    ]
