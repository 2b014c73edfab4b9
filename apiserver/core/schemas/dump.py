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

    Objects are read by attribute: rows, entities, namespaces. It is compiled from
    source, as named tuples are: walking the schema for each row would take longer than
    the row's query.
    """
    dump: Dump = eval(f"lambda value: {source(node, 'value')}")  # noqa: S307
    return dump


def source(node: Any, value: str, depth: int = 0) -> str:
    """Return the expression that dumps what the other expression gives."""
    dumped = parts(node, value, depth)
    if dumped != value and getattr(node, "nullable", False):
        return f"(None if {value} is None else {dumped})"
    return dumped


def parts(node: Any, value: str, depth: int) -> str:
    """Return the expression for a value that is there; a plain one is itself."""
    if isinstance(node.typ, colander.Mapping):
        items = [
            f"{child.name!r}: {source(child, f'{value}.{identifier(child)}', depth)}"
            for child in node.children
        ]
        return f"{{{', '.join(items)}}}"
    if isinstance(node.typ, colander.Sequence):
        item = source(node.children[0], f"item{depth}", depth + 1)
        return f"[{item} for item{depth} in {value}]"
    return value


def identifier(node: Any) -> str:
    if not node.name.isidentifier():
        raise ValueError(f"A field can't be read by the name {node.name!r}.")
    return str(node.name)


class extend:  # noqa: N801 (reads as a verb)
    """A row or an entity together with more attributes.

    ::

        extend(team, members=rows)
    """

    def __init__(self, base: Any, **more: Any) -> None:
        self.__dict__.update(more)
        self._base = base

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)
