"""The responses of an operation: a schema for each status."""

from collections.abc import Mapping
from typing import cast

import colander

from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import List, Object, Text

LINK = Text(0, 8192, description="first, prev, next, last (RFC 8288).")


class ResponseSchema(colander.Schema):
    """A response: its description, the schema of its body, those of its headers."""

    # Of files; others are JSON.
    media_types: tuple[str, ...] = ()

    def __init__(
        self,
        description: str,
        node: colander.SchemaNode | None = None,
        headers: Mapping[str, colander.SchemaNode] | None = None,
    ) -> None:
        super().__init__(description=description)
        node = node() if isinstance(node, type) else node
        self.kind = type(node)
        self.headers = dict(headers or {})
        self.dump = compile_dump(node) if node is not None else None
        if node is not None:
            node.name = "body"
            self.add(node)

    def __deepcopy__(self, memo: object) -> "ResponseSchema":
        """Return itself: Cornice copies the arguments of views, which are constant."""
        return self


Responses = dict[str, ResponseSchema]
Returns = type[Object] | List | ResponseSchema


def response_schemas(
    method: str,
    path: str,
    *,
    returns: Returns | None = None,
    status: int | None = None,
    is_page: bool = False,
) -> Responses:
    """Return the declared response of a method.

    The default status is 204 if nothing is returned, 201 for POST at a collection,
    whose path ends with a slash, and 200 otherwise.
    """
    if status is None:
        makes = method == "POST" and path.endswith("/")
        status = 204 if returns is None else 201 if makes else 200
    return {str(status): response_schema(path, returns, is_page=is_page)}


def response_schema(
    path: str, returns: Returns | None, *, is_page: bool
) -> ResponseSchema:
    """Return the schema of a response, with its description."""
    if returns is None:
        return ResponseSchema("Done.")
    if not isinstance(returns, type) and not isinstance(returns, List):
        return cast(ResponseSchema, returns)
    if is_page:
        things = path.strip("/").rpartition("/")[2].replace("_", " ")
        page = List(cast(type[Object], returns)())
        return ResponseSchema(f"A page of {things}.", page, {"Link": LINK})
    node = returns() if isinstance(returns, type) else returns.clone()
    shown = node.children[0] if isinstance(node, List) else node
    about = (type(shown).__doc__ or "Done.").partition("\n")[0]
    return ResponseSchema(about, node)
