"""The query parameters of a list, which select a page."""

from collections.abc import Mapping
from typing import Any

import colander

from apiserver.core.http.errors import ValidationFailed
from apiserver.core.lists.filters import ListFilter
from apiserver.core.lists.orders import CURSOR, LONGEST, ListOrder
from apiserver.core.lists.pages import AFTER, BEFORE, OFFSET, WAYS
from apiserver.core.schemas.fields import Object, Text, Whole
from apiserver.core.typing import Json

LARGEST_OFFSET = 2**62

ONE_PLACE = f"Use only one of {WAYS[0]}, {WAYS[1]} and {WAYS[2]}."


class Cursor(Text):
    """A cursor, from the link with a relation; opaque to clients."""

    def __init__(self, relation: str, **kw: Any) -> None:
        about = f"A cursor, from the link `{relation}`. {ONE_PLACE}"
        super().__init__(1, LONGEST, CURSOR, missing=None, description=about, **kw)


class PageQuery(Object):
    """Which page of a list."""

    limit = Whole(1, 100, missing=20, description="The page size.")
    offset = Whole(
        0,
        LARGEST_OFFSET,
        missing=None,
        example=20,
        description=f"How many objects to skip; none by default. {ONE_PLACE}",
    )
    after = Cursor("next")
    before = Cursor("prev")

    # A query has at most one of these.
    exclusive = WAYS


class NoCursor(ValidationFailed):
    def __init__(self, name: str = AFTER) -> None:
        super().__init__(("querystring", name, "Is not a cursor of this list."))


class TwoPlaces(ValidationFailed):
    def __init__(self, name: str = BEFORE) -> None:
        super().__init__(("querystring", name, ONE_PLACE))


def where(query: Mapping[str, Json], order: ListOrder) -> tuple[str, dict[str, Json]]:
    """Return how the page is requested, and the parameters for its position."""
    given = [way for way in WAYS if query[way] is not None]
    if len(given) > 1:
        raise TwoPlaces(given[1])
    if given in ([], [OFFSET]):
        return OFFSET, {"skipped": query[OFFSET] or 0}
    try:
        return given[0], order.place(query[given[0]])
    except ValueError:
        raise NoCursor(given[0]) from None


def cursors_of(order: ListOrder) -> dict[str, colander.SchemaNode]:
    """Return the parameters ``after`` and ``before``, with an example."""
    *others, _ = (key.node for key in order.keys)
    example = order.encode([*(node.deserialize(node.example) for node in others), 1])
    return {
        AFTER: Cursor("next", example=example),
        BEFORE: Cursor("prev", example=example),
    }


def query_of(
    query: type[PageQuery],
    filters: Mapping[str, ListFilter],
    others: Mapping[str, colander.SchemaNode],
) -> type[PageQuery]:
    """Return the schema of all parameters, including filters."""
    nodes = dict(others)
    taken = {"sort", *(node.name for node in query().children)}
    for name, each in filters.items():
        if name in taken:
            raise TypeError(
                f"A filter can't be named {name}: lists already use that name."
            )
        nodes[name] = each.node.clone()
        nodes[name].missing = each.default
    return type(query.__name__, (query,), {"__doc__": query.__doc__, **nodes})
