"""Operations in the document: who may call them, and with which scope.

Computed from the ACLs of the classes on the operation's path, which are enforced.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from apiserver.core.endpoints.demands import Demand
from apiserver.core.endpoints.inputs import RequestSchema
from apiserver.core.endpoints.rendering import View, caching
from apiserver.core.endpoints.services import ApiService
from apiserver.core.http.errors import ApiError
from apiserver.core.http.response import SAFE_METHODS
from apiserver.core.http.special import MAX_BODY
from apiserver.core.registry import Registry
from apiserver.core.tree.nodes import Tree
from apiserver.core.tree.permissions import ANYONE, SIGNED_IN, Permission, Role
from apiserver.core.tree.placed import KeyedItem
from apiserver.core.tree.policy import roles_of
from apiserver.core.tree.resources import Collection, Item, Resource
from apiserver.core.tree.traversal import classes_at
from apiserver.core.typing import Fragment


@dataclass(frozen=True)
class Operation:
    """A method of a service, with the classes of its path from the leaf to the root."""

    service: ApiService
    method: str
    view: View
    arguments: Mapping[str, Any]
    classes: Sequence[type[Resource]]
    base_path: str
    common_errors: Sequence[ApiError]
    demand: Demand

    @property
    def permission(self) -> Permission | None:
        """The required permission; None for OPTIONS."""
        return self.service.permissions.get(self.method)

    @property
    def creates(self) -> Permission | None:
        """The permission at the collection with which PUT may create the object."""
        may_make = self.method == "PUT" and issubclass(self.classes[0], KeyedItem)
        return getattr(self.classes[0], "creates", None) if may_make else None

    @property
    def creators(self) -> list[Role]:
        """The roles that may create the object by PUT."""
        return roles_of(self.classes[1:], self.creates) if self.creates else []

    @property
    def roles(self) -> list[Role]:
        """The roles that may call this; OPTIONS is public if a method is."""
        if self.permission is not None:
            return roles_of(self.classes, self.permission)
        every = self.service.permissions.values()
        public = any(ANYONE in roles_of(self.classes, each) for each in every)
        return [ANYONE if public else SIGNED_IN]

    @property
    def grants(self) -> Iterator[tuple[str, str]]:
        """Each role in an ACL on the path, and the object at which users have it.

        That is the object of its noun, or else the first object from the ACL on; if
        there is none, nobody has it.
        """
        nodes = list(nodes_on(path_of(self.service), self.classes))
        nouns = {node.noun: path for path, node in nodes if issubclass(node, Item)}
        for index, (_, node) in enumerate(nodes):
            below = [path for path, each in nodes[index:] if issubclass(each, Item)]
            for _, role, permissions in node.__acl__:
                place = nouns.get(role.partition(":")[0], *below[:1])
                if permissions and place:
                    yield place, role

    @property
    def scopes(self) -> list[str]:
        """The scopes that the token needs: one or none."""
        scope = self.permission.scope if self.permission else None
        return [scope] if scope else []

    @property
    def is_public(self) -> bool:
        return ANYONE in self.roles

    @property
    def is_list(self) -> bool:
        """Whether the response is a page of a list."""
        answers = self.arguments["response_schemas"].values()
        return any("Link" in answer.headers for answer in answers)

    @property
    def is_at_item(self) -> bool:
        """Whether the path leads to a single object."""
        return issubclass(self.classes[0], Item)

    @property
    def refusals(self) -> list[type[ApiError]]:
        """The errors with which objects on the path may reject a write."""
        if self.method in SAFE_METHODS:
            return []
        items = [node for node in self.classes if issubclass(node, Item)]
        found = (each.refusals(self.method, self.classes) for each in items)
        return list(dict.fromkeys(chain.from_iterable(found)))

    @property
    def reads_item(self) -> bool:
        """Whether the response is a single object, with a version."""
        return self.has_version and self.method == "GET"

    @property
    def checks_version(self) -> bool:
        """Whether ``If-Match`` is respected."""
        return self.has_version and self.method not in SAFE_METHODS

    @property
    def has_version(self) -> bool:
        """Whether the path leads to a single object that can be read by GET."""
        return self.is_at_item and self.service.representation is not None

    def shows_object(self, status: str) -> bool:
        """Whether a response is the object as GET returns it, with its version."""
        answers = self.arguments["response_schemas"]
        schema = answers.get("200" if self.creates and status == "201" else status)
        shown = self.service.representation
        same = schema is not None and shown is not None and schema.kind is shown.kind
        return self.is_at_item and same

    @property
    def caching(self) -> str:
        """The ``Cache-Control`` of its responses."""
        return caching(self.method)

    @property
    def example_url(self) -> str:
        """The path of a request, with examples as its keys."""
        segments = self.service.path.split("/")[::-1]
        nodes: list[type[Resource] | None] = list(self.classes)
        if not segments[0]:
            nodes.insert(0, None)
        filled = [
            str(node.key_example)
            if segment.startswith("{") and node is not None and issubclass(node, Item)
            else segment
            for segment, node in zip(segments, nodes, strict=True)
        ]
        return self.base_path + "/".join(filled[::-1])

    @property
    def schema(self) -> RequestSchema | None:
        return self.arguments.get("schema")

    @property
    def consumes(self) -> tuple[str, ...]:
        """The accepted media types; empty without a body."""
        return self.schema.consumes if self.schema is not None else ()

    @property
    def most_bytes(self) -> int:
        """The limit of the body's length."""
        return self.schema.most_bytes if self.schema is not None else MAX_BODY

    @property
    def files(self) -> tuple[str, ...]:
        """The media types of the response, if it is a file."""
        answers = self.arguments["response_schemas"].values()
        return next((each.media_types for each in answers if each.media_types), ())

    @property
    def sends_file(self) -> bool:
        """Whether the response is a file, or a range of one."""
        return self.method == "GET" and bool(self.files)


def operations_of(
    service: ApiService, registry: Registry, base_path: str = ""
) -> list[Operation]:
    """Return the operations of a service, without HEAD."""
    classes = classes_at(registry.tree, service.path)
    common = registry.common_errors
    return [
        Operation(
            service,
            method,
            view,
            arguments,
            classes,
            base_path,
            common,
            service.demands[method].resolved(registry.settings),
        )
        for method, view, arguments in service.definitions
        if method != "HEAD"
    ]


def tag_of(service: ApiService, tree: Tree) -> str:
    """Return the tag of a service's operations: the name of its feature's node.

    That is the last segment of the path at which a feature has attached its node.
    """
    segments: list[str] = service.path.strip("/").split("/")
    above = classes_at(tree, service.path)[:0:-1]
    pairs = zip(segments, above, strict=True)
    return [name for name, node in pairs if name in tree.hung_below(node)][-1]


def path_of(service: ApiService) -> str:
    """Return the path without regular expressions: ``/teams/{team_id}``."""
    return re.sub(r"{(\w+):[^/]*}", r"{\1}", service.path)


def nodes_on(
    path: str, classes: Sequence[type[Resource]]
) -> Iterator[tuple[str, type[Resource]]]:
    """Yield the path and class of each node, from below the root.

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


def key_parameter(name: str, node: type[Item[object]]) -> Fragment:
    """Return the parameter for the key of an item."""
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
        "x-example": node.key_example,
    }
