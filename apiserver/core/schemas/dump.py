"""Serializes rows: the response schema is compiled once into a function.

Colander's own ``serialize`` returns strings for numbers and booleans. Only the schema
decides what is returned, so document and response can't differ.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import colander

from apiserver.core.schemas.types import is_nullable
from apiserver.core.typing import Fragment, Json

# Serializes rows, entities, namespaces and plain values.
Dump = Callable[[Any], Json]

# Far more than the constant schemas of an application.
MOST_NODES = 10_000


@lru_cache(MOST_NODES)
def compile_dump(node: colander.SchemaNode) -> Dump:
    """Make the function that converts a value for ``orjson``.

    Objects are read by their attributes: rows, entities, namespaces.
    """
    return dump_of(node) or itself


def itself(value: object) -> Json:
    """Return the value of a plain field unchanged.

    orjson also writes dates, UUIDs and enum members.
    """
    return value


def dump_of(node: colander.SchemaNode) -> Dump | None:
    """Return the function that converts the node's value; None if none is needed."""
    if isinstance(node.typ, colander.Mapping):
        dump = object_dump(node.children)
    elif isinstance(node.typ, colander.Sequence):
        dump = list_dump(node.children[0])
    elif hasattr(node.typ, "dump"):
        dump = node.typ.dump
    else:
        return None
    if is_nullable(node):
        return lambda value: None if value is None else dump(value)
    return dump


def object_dump(children: Iterable[colander.SchemaNode]) -> Dump:
    fields = [(field_name(child), dump_of(child)) for child in children]

    def dump(value: object) -> Fragment:
        # A loop, since a comprehension costs another function call.
        found = {}
        for name, dump_field in fields:
            field = getattr(value, name)
            found[name] = field if dump_field is None else dump_field(field)
        return found

    return dump


def list_dump(item: colander.SchemaNode) -> Dump:
    dump_item = dump_of(item)
    return list if dump_item is None else lambda value: list(map(dump_item, value))


def field_name(node: colander.SchemaNode) -> str:
    if not node.name.isidentifier():
        raise ValueError(f"A field can't be read by the name {node.name!r}.")
    return str(node.name)
