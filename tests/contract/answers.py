"""Answers, each compared with what the document says of it."""

from collections.abc import Iterator
from typing import Any

import orjson

from tests.contract.outside import PROBLEM
from tests.contract.schemas import Check, Schemas

# OpenAPI keeps these out of the headers: they follow from the content.
OF_CONTENT = {"content-type", "content-length"}


BINARY = {"type": "string", "format": "binary"}


class Answer:
    """What the document says of one answer: a Response Object, compiled.

    ``common`` are the headers that every answer may or must have.
    """

    def __init__(self, source: Any, common: Any, schemas: Schemas) -> None:
        headers = {**common, **source.get("headers", {})}
        self.headers: dict[str, Check] = {
            name.lower(): schemas.compile_text(header["schema"])
            for name, header in headers.items()
        }
        self.required = [n for n, header in headers.items() if header.get("required")]
        # Of a file nothing is known but its type.
        self.content: dict[str, Check | None] = {
            media_type: schemas.compile(content.get("schema", {}))
            if content.get("schema") != BINARY
            else None
            for media_type, content in source.get("content", {}).items()
        }

    def deviations(self, response: Any, *, head: bool) -> Iterator[str]:
        """Yield all in which the response isn't what is documented.

        The one to HEAD, or a 304, has the headers of a body without the body.
        """
        yield from self.in_headers(response)
        if not self.content:
            if response.body:
                yield f"has a body, though none is documented: {response.body[:80]!r}"
        elif response.content_type not in self.content:
            yield f"is {response.content_type}, and not {', '.join(self.content)}"
        elif not head:
            yield from self.in_body(response)

    def in_headers(self, response: Any) -> Iterator[str]:
        for name in self.required:
            if name not in response.headers:
                yield f"lacks the header {name}"
        for name, value in response.headerlist:
            if name.lower() in OF_CONTENT:
                continue
            check = self.headers.get(name.lower())
            if check is None:
                yield f"has the header {name}, which is not documented"
            else:
                yield from (f"{name}{why}" for why in check(value))

    def in_body(self, response: Any) -> Iterator[str]:
        check = self.content[response.content_type]
        if check is None:
            return
        try:
            document = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            yield f"is no JSON: {response.body[:80]!r}"
            return
        for why in check(document):
            yield f"body{why}"
        is_problem = response.content_type == PROBLEM
        if is_problem and document.get("status") != response.status_int:
            yield "has another status in its body"
