"""Checks references: the object must exist, and be visible to the caller.

The permission of its GET is checked at its node, under a lock that preserves the object
and the roles at it until the transaction ends. The error is the same, and as fast, for
an object that doesn't exist and for one that the caller can't see.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import colander
from pyramid.interfaces import ISecurityPolicy
from pyramid.location import lineage

from apiserver.core.endpoints.inputs import PatchRequest, RequestSchema
from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import NotFound, ValidationFailed
from apiserver.core.schemas.patch import Error, Patch
from apiserver.core.schemas.references import Referred, references_in
from apiserver.core.tree.keys import NoSuchNode
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import Item, Resource
from apiserver.core.typing import Json, Selection

# The class of an object, and its id.
Key = tuple[type[Item[object]], int]

NO_OBJECT = "Is not the id of an object that you can see."
# Objects that a patch names and that are looked up before any lock.
MOST_EARLY = 100


class Above(NamedTuple):
    """The key of an object above another: its name, and a SELECT of it by ``KEY``.

    None if the rows below have no column of this name.
    """

    name: str
    statement: Selection | None


class Place(NamedTuple):
    """Where objects of a class are in the tree, and the permission to see one.

    ``above`` are the keys of the objects above, from the nearest to the root.
    """

    segments: tuple[str, ...]
    permission: Permission
    above: tuple[Above, ...]


class References:
    """The references of a request: found before anything is locked, checked after."""

    def __init__(self, request: Request, schema: RequestSchema) -> None:
        self.request = request
        self.schema = schema
        self.nodes: dict[Key, Item[object] | None] = {}
        self.visible: dict[Key, bool] = {}
        self.body = [*self.in_body()]
        for _, kind, key in (*self.body, *islice(self.in_patch(), MOST_EARLY)):
            self.nodes[kind, key] = self.find(kind, key)
        found = [node for node in self.nodes.values() if node is not None]
        request.referred = [item for node in found for item in self.held_for(node)]

    def in_body(self) -> Iterator[Referred]:
        if not isinstance(self.schema, PatchRequest):
            for node in self.schema.bodies:
                yield from references_in(node, self.request.validated[node.name])

    def in_patch(self) -> Iterator[Referred]:
        if isinstance(self.schema, PatchRequest):
            patch: Patch = self.request.validated["patch"]
            patch.check_references = self.check_patch
            for node, value in patch.values():
                yield from references_in(node, value)

    def find(self, kind: type[Item[object]], key: int) -> Item[object] | None:
        """Return the node of an object, or None."""
        place = self.request.registry.places[kind]
        node: Resource = list(lineage(self.request.context))[-1]
        *above, _ = place.segments
        try:
            # The values of a patch aren't validated yet.
            ids = self.ids_above(place, kind.parse_key(str(key)))
            for segment in above:
                node = node[str(ids[segment[1:-1]]) if segment[0] == "{" else segment]
            found = node[str(key)]
        except NoSuchNode:
            return None
        return found if isinstance(found, kind) else None

    def ids_above(self, place: Place, key: object) -> dict[str, object]:
        """Return the keys above an object, from the URL or else from the rows.

        NoSuchNode if there is no such row.
        """
        ids: dict[str, object] = self.request.context.ids()
        for name, statement in place.above:
            if name not in ids and statement is not None:
                row = self.request.db.row(statement, {"key": key})
                if row is None or row[0] is None:
                    raise NoSuchNode(str(key))
                ids[name] = row[0]
            key = ids[name]
        return ids

    def held_for(self, node: Item[object]) -> list[Item[object]]:
        """Return the items whose rows and roles decide whether an object is visible.

        Those in the URL are locked anyway.
        """
        known = self.request.context.ids()
        items = [each for each in lineage(node) if isinstance(each, Item)]
        return [
            each for each in items if each is node or f"{each.noun}_id" not in known
        ]

    def check(self) -> None:
        """Raise ValidationFailed for invalid references of a body; these are locked."""
        errors = self.errors(self.body)
        if errors:
            raise ValidationFailed(*errors)

    def check_patch(
        self, field: colander.SchemaNode, before: Json, after: Json
    ) -> list[Error]:
        """Return the errors of references that a patch has added to a field."""
        stored = {referred.key for referred in references_in(field, before)}
        added = references_in(field, after, field.name)
        return self.errors(each for each in added if each.key not in stored)

    def errors(self, references: Iterable[Referred]) -> list[Error]:
        return [
            ("body", referred.name, NO_OBJECT)
            for referred in references
            if not self.is_visible(referred.kind, referred.key)
        ]

    def is_visible(self, kind: type[Item[object]], key: int) -> bool:
        if (kind, key) not in self.nodes:
            # A reference that the patch has copied from another field.
            self.nodes[kind, key] = self.find(kind, key)
            if node := self.nodes[kind, key]:
                for item in reversed(self.held_for(node)):
                    item.hold()
        if (kind, key) not in self.visible:
            permission = self.request.registry.places[kind].permission
            self.visible[kind, key] = self.may(permission, self.nodes[kind, key])
        return self.visible[kind, key]

    def may(self, permission: Permission, node: Item[object] | None) -> bool:
        """Whether the caller has the permission at a node, if it still exists."""
        policy = self.request.registry.getUtility(ISecurityPolicy)
        if node is None:
            return False
        items = [each for each in lineage(node) if isinstance(each, Item)]
        try:
            for item in reversed(items):
                item.reload()
        except NotFound:
            return False
        return bool(policy.permits(self.request, node, permission))
