"""The field that refers to an object of another resource, and references in values."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import colander

from apiserver.core.schemas.fields import Id
from apiserver.core.typing import Json

# A class of the tree's items, or a function returning it.
Kind = type[Any] | Callable[[], type[Any]]


class Reference(Id):
    """The id of another object, as in its URL, which the caller can see.

    ``kind`` is the class of its node, such as ``TeamResource``, or a function returning
    it, where modules would import each other.
    """

    def __init__(self, kind: Kind, **kw: object) -> None:
        kw = {"description": "The id of an object that you can see.", **kw}
        self.refers_to = kind
        super().__init__(**kw)

    @property
    def kind(self) -> type[Any]:
        return self.refers_to if isinstance(self.refers_to, type) else self.refers_to()


class Referred(NamedTuple):
    """A reference in a value: the dotted name of the field, the class, the id."""

    name: str
    kind: type[Any]
    key: int


def kinds_in(node: colander.SchemaNode) -> set[type[object]]:
    """Return the classes of the objects to which values of a node refer."""
    found = {node.kind} if isinstance(node, Reference) else set()
    return found.union(*map(kinds_in, node.children))


def referring(node: colander.SchemaNode, name: str = "") -> Iterator[str]:
    """Yield the dotted names of the references in a node, each list with one item."""
    if isinstance(node, Reference):
        yield name
    for child in node.children:
        part = 0 if isinstance(node.typ, colander.Sequence) else child.name
        yield from referring(child, dotted(name, part))


def references_in(
    node: colander.SchemaNode | None, value: Json, name: str = ""
) -> Iterator[Referred]:
    """Yield the references in a value, validated or not."""
    if isinstance(node, Reference) and type(value) in {int, float}:
        yield Referred(name, node.kind, value)
    elif isinstance(value, list) and node is not None and node.children:
        for index, item in enumerate(value):
            yield from references_in(node.children[0], item, dotted(name, index))
    elif isinstance(value, dict) and node is not None:
        for child in node.children:
            inner = value.get(child.name)
            yield from references_in(child, inner, dotted(name, child.name))


def dotted(name: str, part: object) -> str:
    return f"{name}.{part}" if name else str(part)
