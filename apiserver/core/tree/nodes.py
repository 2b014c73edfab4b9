"""The tree of an application's nodes, to which features attach theirs."""

from collections import defaultdict
from collections.abc import Iterator

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import API_PREFIX, settings
from apiserver.core.tree.resources import Children, Resource, Root


class Tree(dict[type[Resource], Children]):
    """The named children of each class of nodes in one application.

    These are the children of the class itself, and those that features have attached to
    it or to one of its bases.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hung: dict[type[Resource], dict[str, type[Resource]]] = defaultdict(dict)

    def __missing__(self, node: type[Resource]) -> Children:
        self[node] = {**self.hung_below(node), **node.children}
        return self[node]

    def hung_below(self, node: type[Resource]) -> Children:
        """Return the children that features have attached to a class of nodes."""
        classes = [self.hung.get(base, {}) for base in reversed(node.__mro__)]
        return {name: child for each in classes for name, child in each.items()}

    def hang(self, name: str, node: type[Resource], below: type[Resource]) -> None:
        """Add a child to a class of nodes; raise ConfigurationError for a duplicate."""
        if name in self[below]:
            place = "" if below is Root else f" below {below.__name__}"
            raise ConfigurationError(f"Two features claim /{name}{place}.")
        self.hung[below][name] = node
        self.clear()

    def classes(self) -> set[type[Resource]]:
        """Return the classes of all nodes that a URL can lead to."""
        found: set[type[Resource]] = set()
        waiting: list[type[Resource]] = [Root]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(self[node].values())
                waiting.extend(filter(None, [getattr(node, "item", None)]))
        return found

    def named(
        self, deepest: int, node: type[Resource] = Root, names: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], type[Resource]]]:
        """Yield the nodes with the names on their paths: ``("teams", "members")``.

        Each item is under the name of its collection.
        """
        for name, child in self[node].items():
            here, item = (*names, name), getattr(child, "item", None)
            yield here, item or child
            if len(here) < deepest:
                for below in filter(None, (child, item)):
                    yield from self.named(deepest, below, here)

    def loose(self) -> Iterator[tuple[str, type[Resource]]]:
        """Yield nodes attached to a class that isn't in the tree, with their names."""
        classes = self.classes()
        for below, children in self.hung.items():
            if not any(issubclass(node, below) for node in classes):
                yield from ((name, below) for name in children)


def add_node(
    config: Configurator,
    name: str,
    node: type[Resource],
    below: type[Resource] = Root,
) -> None:
    """Attach a node to the tree: at ``/<name>``, or ``below`` another feature's node.

    In any order of features. ``below`` is a class, such as ``TeamResource``.
    """
    config.registry.tree.hang(name, node, below)


def includeme(config: Configurator) -> None:
    config.registry.tree = Tree()
    config.add_setting("api_prefix", settings.path, API_PREFIX)
    config.registry.api_prefix = config.registry.settings["apiserver.api_prefix"]
    config.add_directive("add_node", add_node)
