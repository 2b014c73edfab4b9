"""Where the objects of other features are: a new one can hang below, or refer to them.

Found out from the application, and from its document, which says who may do what.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apiserver.core import tree
from apiserver.core.tree import Collection, Item, Role
from tasks.feature.advice import nearest
from tasks.feature.names import BadName, shown

# The roles that need no import from a feature.
GLOBAL = {"ANYONE", "SIGNED_IN", "USER"}
EVERYWHERE = {getattr(tree, name) for name in GLOBAL}


@dataclass(frozen=True)
class Place:
    """The objects of a feature, and who may read or change one."""

    path: str
    item: Any
    readers: tuple[str, ...]
    writers: tuple[str, ...]

    @property
    def model(self) -> Any:
        return self.item.model

    @property
    def key(self) -> str:
        """The name of the id: ``team_id``."""
        return f"{self.item.noun}_id"

    @property
    def word(self) -> str:
        return str(self.item.noun).replace("_", " ")

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(re.findall("{(.*?)}", self.path))

    @property
    def above(self) -> frozenset[str]:
        return self.keys - {self.key}

    @property
    def reader(self) -> str:
        """The role at the object by which a caller sees it, if he needs one."""
        local = [role for role in self.readers if role not in EVERYWHERE]
        return local[-1] if len(local) == len(self.readers) and local else ""

    @property
    def feature(self) -> str:
        """The package, as ``apiserver.features`` has it."""
        return feature_of(self.item.__module__)


def feature_of(module: str) -> str:
    return module.rpartition(".")[0].removeprefix("apiserver.")


def places(registry: Any) -> dict[str, Place]:
    """Return the places of all features by the names of their nodes."""
    paths = registry.swagger["paths"]
    return {
        name: Place(path, item, readers(paths[path]), writers(paths[path]))
        for name, item in items(registry)
        if (path := path_of(paths, name, item))
    }


def items(registry: Any) -> Iterator[tuple[str, type[Item[Any]]]]:
    """Yield the items that have a number as their id, by the names of collections."""
    for children in registry.tree.hung.values():
        for name, node in children.items():
            item = getattr(node, "item", None)
            if issubclass(node, Collection) and item and has_row(item):
                yield name, item


def has_row(item: type[Item[Any]]) -> bool:
    """Whether such an object is found by its id, and its class imported."""
    by_id = (item.key_format, item.key_name) == ("int64", "id")
    return by_id and item.__module__.endswith(".resources")


def path_of(paths: Any, name: str, item: Any) -> str:
    end = f"/{name}/{{{item.noun}_id}}"
    found = [path for path in paths if path.endswith(end) and "get" in paths[path]]
    return min(found, key=len, default="")


def readers(operations: Any) -> tuple[str, ...]:
    return roles(operations["get"])


def writers(operations: Any) -> tuple[str, ...]:
    """Return who may change such an object; where nobody may, who may delete it."""
    changing = (operations[m] for m in ("patch", "put", "delete") if m in operations)
    return next((roles(each) for each in changing), roles(operations["get"]))


def roles(operation: Any) -> tuple[str, ...]:
    """Return the roles that the ACL of a node has to name: not administrators'."""
    everywhere = {tree.ADMIN, tree.INTERNAL}
    return tuple(role for role in operation["x-roles"] if role not in everywhere)


def below(given: str, known: dict[str, Place]) -> Place | None:
    """Return the place that the option ``--below`` says. Raises BadName."""
    if not given:
        return None
    if given not in known:
        reason = f"No feature that is switched on has objects at {shown(given)}"
        near = nearest(given, known)
        all_known = f"one of {', '.join(known)}"
        raise BadName(reason, f"use {near if near in known else all_known}")
    return known[given]


@dataclass(frozen=True)
class Named:
    """A role, and where Python finds it."""

    role: str
    constant: str
    module: str

    @property
    def feature(self) -> str:
        return "" if self.constant in GLOBAL else feature_of(self.module)


def named(role: str) -> Named:
    """Find the constant of a role. Raises BadName."""
    for constant in GLOBAL:
        if getattr(tree, constant) == role:
            return Named(role, constant, "apiserver.core.tree")
    for name, module in sorted(sys.modules.items()):
        if name.endswith(".permissions"):
            for constant, value in vars(module).items():
                if isinstance(value, Role) and value == role:
                    return Named(role, constant, name)
    raise BadName(f"No module permissions has the role {role}", "move it into one")
