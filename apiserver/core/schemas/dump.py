"""From a row to JSON: the response schema, compiled once into a function.

Colander's own ``serialize`` gives strings for numbers and booleans. Since nothing but
the schema decides what is answered, document and answer can't differ.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import colander

Dump = Callable[[Any], Any]

# Far more than an application has: its schemas are constants.
MOST_NODES = 10_000


@lru_cache(MOST_NODES)
def compile_dump(node: Any) -> Dump:
    """Make the function that turns a value into what ``orjson`` writes.

    Objects are read by attribute: rows, entities, namespaces.
    """
    return dump_of(node) or itself


def itself(value: Any) -> Any:
    """Return the value of a plain field: orjson knows how to write it."""
    return value


def dump_of(node: Any) -> Dump | None:
    """Return what dumps the node's value; None where it stays as it is."""
    if isinstance(node.typ, colander.Mapping):
        dump = object_dump(node.children)
    elif isinstance(node.typ, colander.Sequence):
        dump = list_dump(node.children[0])
    else:
        return None
    if getattr(node, "nullable", False):
        return lambda value: None if value is None else dump(value)
    return dump


def object_dump(children: Any) -> Dump:
    fields = [(field_name(child), dump_of(child)) for child in children]

    def dump(value: Any) -> dict[str, Any]:
        # A loop, since a comprehension would be a function more to call.
        found = {}
        for name, dump_field in fields:
            field = getattr(value, name)
            found[name] = field if dump_field is None else dump_field(field)
        return found

    return dump


def list_dump(item: Any) -> Dump:
    dump_item = dump_of(item)
    return list if dump_item is None else lambda value: list(map(dump_item, value))


def field_name(node: Any) -> str:
    if not node.name.isidentifier():
        raise ValueError(f"A field can't be read by the name {node.name!r}.")
    return str(node.name)
