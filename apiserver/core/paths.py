"""Paths as the document has them, and the keys of objects in them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from apiserver.core.resources import Collection, Item, Resource
from apiserver.core.services import ApiService

Fragment = dict[str, Any]


def path_of(service: ApiService) -> str:
    """Return the path without regular expressions: ``/teams/{team_id}``."""
    return re.sub(r"{(\w+):[^/]*}", r"{\1}", service.path)


def nodes_on(
    path: str, classes: Sequence[type[Resource]]
) -> Iterator[tuple[str, type[Resource]]]:
    """Yield the path of each node on the way, with its class, from below the root.

    ``classes`` are those of the nodes, from the leaf to the root.
    """
    walked = ""
    segments = path.strip("/").split("/")
    for segment, node in zip(segments, reversed(classes[:-1]), strict=True):
        walked += f"/{segment}"
        yield walked + "/" * issubclass(node, Collection), node


def key_parameters(path: str, classes: Sequence[type[Resource]]) -> list[Fragment]:
    """Return the parameters for the keys of the objects on a path."""
    return [
        key_parameter(place.rpartition("/")[2][1:-1], node)
        for place, node in nodes_on(path, classes)
        if place.endswith("}") and issubclass(node, Item)
    ]


def key_parameter(name: str, node: type[Item]) -> Fragment:
    """Return the parameter for the part of a path that is the key of an item."""
    schemas: dict[str, Fragment] = {
        "int64": {"type": "integer", "format": "int64", "minimum": 1},
        "string": {"type": "string"},
    }
    of_format = {"type": "string", "format": node.key_format}
    what = name.removeprefix(f"{node.noun}_").replace("_", " ")
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": f"The {what} of the {node.noun.replace('_', ' ')}.",
        **schemas.get(node.key_format, of_format),
    }
