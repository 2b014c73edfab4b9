"""What an operation returns: a schema for each status."""

from collections.abc import Mapping
from typing import cast

import colander

from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import List, Object, Text

LINK = Text(0, 8192, description="first, prev, next, last (RFC 8288).")


class ResponseSchema(colander.Schema):
    """A response: its description, the schema of its body, those of its headers."""

    # Of files; what a schema describes is JSON.
    media_types: tuple[str, ...] = ()

    def __init__(
        self,
        description: str,
        node: colander.SchemaNode | None = None,
        headers: Mapping[str, colander.SchemaNode] | None = None,
    ) -> None:
        super().__init__(description=description)
        node = node() if isinstance(node, type) else node
        self.headers = dict(headers or {})
        self.dump = compile_dump(node) if node is not None else None
        if node is not None:
            node.name = "body"
            self.add(node)

    def __deepcopy__(self, memo: object) -> "ResponseSchema":
        """Stay one: Cornice copies the arguments of views, which are constant."""
        return self


Responses = dict[str, ResponseSchema]
Returns = type[Object] | ResponseSchema


def response_schemas(
    method: str, returns: Returns | None, things: str = ""
) -> Responses:
    """Return the response of a method, by what was declared.

    201 for POST, 204 where nothing is returned, 200 otherwise. ``things`` says of what
    it is a page, if it is one.
    """
    if returns is None:
        return {"204": ResponseSchema("Done.")}
    status = "201" if method == "POST" else "200"
    if not isinstance(returns, type):
        return {status: cast(ResponseSchema, returns)}
    about = (returns.__doc__ or "Done.").partition("\n")[0]
    if things:
        page = List(returns())
        return {status: ResponseSchema(f"A page of {things}.", page, {"Link": LINK})}
    return {status: ResponseSchema(about, returns())}
