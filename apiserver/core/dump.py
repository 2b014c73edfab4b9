"""From a row to JSON: the response schema, compiled once into a function.

Colander's own ``serialize`` gives strings for numbers and booleans. Since nothing but
the schema decides what is answered, document and answer can't differ.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import colander

Dump = Callable[[Any], Any]


def compile_dump(node: Any) -> Dump:
    """Make the function that turns a value into what ``orjson`` writes.

    Objects are read by attribute: rows, entities, namespaces.
    """
    if isinstance(node.typ, colander.Mapping):
        return compile_object(node)
    if isinstance(node.typ, colander.Sequence):
        item = compile_dump(node.children[0])
        return lambda values: [item(value) for value in values]
    return lambda value: value


def compile_object(node: Any) -> Dump:
    names = [child.name for child in node.children]
    nested = [
        (child.name, compile_dump(child))
        for child in node.children
        if isinstance(child.typ, colander.Mapping | colander.Sequence)
    ]
    read: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
    if len(names) == 1:
        only = attrgetter(*names)

        def read(value: Any) -> tuple[Any, ...]:
            return (only(value),)

    def dump(value: Any) -> dict[str, Any]:
        document = dict(zip(names, read(value), strict=True))
        for name, convert in nested:
            document[name] = convert(document[name])
        return document

    return dump


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
