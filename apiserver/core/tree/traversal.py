"""Finds the node of a URL, and the classes of a URL pattern."""

from pyramid.config import Configurator
from pyramid.interfaces import ITraverser
from zope.interface import implementer

from apiserver.core.http.errors import NotFound
from apiserver.core.tree.keys import NoSuchNode
from apiserver.core.tree.nodes import Tree
from apiserver.core.tree.resources import Resource, Root
from apiserver.core.typing import Request


class NoSuchObject(NotFound):
    sentence = "There is no such object."


@implementer(ITraverser)
class Traverser:
    """Finds the node by the segments of the URL, which are taken literally.

    Pyramid's own traverser also understands ``..``, ``@@view`` and the header
    ``X-Vhm-Root``, with which a client could choose another node than the endpoint's.
    """

    def __init__(self, root: Root) -> None:
        self.root = root

    def __call__(self, request: Request) -> dict[str, object]:
        prefix = request.registry.api_prefix
        segments = request.path_info.removeprefix(prefix).strip("/").split("/")
        node: Resource = self.root
        try:
            for segment in segments:
                node = node[segment]
        except NoSuchNode:
            # Traversal precedes the permission check: otherwise an anonymous caller
            # could tell whether an object exists (401) or not.
            if request.identity is None:
                raise request.unauthenticated() from None
            raise NoSuchObject from None
        return {
            "context": node,
            "view_name": "GET" if request.method == "HEAD" else request.method,
            "subpath": (),
            "traversed": tuple(segments),
            "virtual_root": self.root,
            "virtual_root_path": (),
            "root": self.root,
        }


def classes_at(tree: Tree, path: str) -> list[type[Resource]]:
    """Return the classes of the nodes of a path, from the leaf to the root.

    ``path`` is a pattern such as ``/teams/{team_id}``.
    """
    lineage: list[type[Resource]] = [Root]
    for segment in path.strip("/").split("/"):
        if segment.startswith("{"):
            # AttributeError if the node has no items.
            node: type[Resource] = lineage[0].item  # type: ignore[attr-defined]
        else:
            node = tree[lineage[0]][segment]
        lineage.insert(0, node)
    return lineage


def includeme(config: Configurator) -> None:
    config.add_traverser(Traverser, Root)
