"""The objects of other features, which a new one can be below, or refer to.

They are found in the application, and in its document, which says who may do what.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apiserver.core import tree
from apiserver.core.openapi import own_document
from apiserver.core.tree import Item, Role
from tasks.feature.advice import nearest
from tasks.feature.names import BadName, shown

# The roles that need no import from a feature.
GLOBAL = {"ANYONE", "SIGNED_IN", "USER"}
# The greatest depth of an object: /teams/1/invoices/2/lines/3.
DEEPEST = 4
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
    def nearest(self) -> str:
        """The name of the id of the nearest object above; empty if there is none.

        It is a column of the rows.
        """
        keys = re.findall("{(.*?)}", self.path)
        return str(keys[-2]) if len(keys) > 1 else ""

    @property
    def reader(self) -> str:
        """The role at the object that callers need to see it, if any."""
        local = [role for role in self.readers if role not in EVERYWHERE]
        return local[-1] if len(local) == len(self.readers) and local else ""

    @property
    def feature(self) -> str:
        """The package, as named in ``apiserver.features``."""
        return feature_of(self.item.__module__)


def feature_of(module: str) -> str:
    return module.rpartition(".")[0].removeprefix("apiserver.")


def places(registry: Any) -> dict[str, Place]:
    """Return the places of all features, by the names of their nodes.

    Objects below others are listed by their full path (``teams.projects``), and by the
    last name if that is unique.
    """
    paths = own_document(registry)["paths"]
    known: dict[str, Place] = {}
    of_item: dict[type[Item[Any]], Place] = {}
    found = sorted(items(registry), key=lambda pair: len(pair[0]))
    lasts = {(names[-1], item) for names, item in found}
    named = Counter(name for name, _ in lasts)
    for names, item in found:
        path = path_of(paths, names)
        if item not in of_item and path:
            operations = paths[path]
            roles = readers(operations), writers(operations)
            of_item[item] = Place(path, item, *roles)
        if item in of_item:
            last = names[-1:] if named[names[-1]] == 1 else names
            known |= {".".join(each): of_item[item] for each in (last, names)}
    return known


def items(registry: Any) -> Iterator[tuple[tuple[str, ...], type[Item[Any]]]]:
    """Yield the items with numeric ids, with the names on their path."""
    features = registry.settings["apiserver.features"]
    for names, node in registry.tree.named(DEEPEST):
        is_on = feature_of(node.__module__) in features
        if is_on and issubclass(node, Item) and has_row(node):
            yield names, node


def has_row(item: type[Item[Any]]) -> bool:
    """Whether the object is found by its id, and its class can be imported."""
    by_id = (item.key_format, item.key_name) == ("int64", "id")
    return by_id and item.__module__.endswith(".resources")


def path_of(paths: Any, names: tuple[str, ...]) -> str:
    """Return the path at which the object can be read; empty if it can't."""
    for path in paths:
        words = tuple(s for s in path.strip("/").split("/") if s[:1] != "{")
        if words == names and path.endswith("}") and "get" in paths[path]:
            return str(path)
    return ""


def listed(known: Mapping[str, Place]) -> str:
    """Return the names to choose from, each once."""
    names = [name for name in known if name.rpartition(".")[2] not in known]
    return ", ".join([*(name for name in known if "." not in name), *names])


def readers(operations: Any) -> tuple[str, ...]:
    return roles(operations["get"])


def writers(operations: Any) -> tuple[str, ...]:
    """Return who may change the object or, if nobody may, who may delete it."""
    changing = (operations[m] for m in ("patch", "put", "delete") if m in operations)
    return next((roles(each) for each in changing), roles(operations["get"]))


def roles(operation: Any) -> tuple[str, ...]:
    """Return the roles that a node's ACL has to name, so without administrators."""
    everywhere = {tree.ADMIN, tree.INTERNAL}
    return tuple(role for role in operation["x-roles"] if role not in everywhere)


def below(given: str, known: dict[str, Place]) -> Place | None:
    """Return the place that the option ``--below`` names. Raises BadName."""
    if not given:
        return None
    if given not in known:
        reason = f"No feature that is switched on has objects at {shown(given)}"
        near = nearest(given, known)
        all_known = f"one of {listed(known)}"
        raise BadName(reason, f"use {near if near in known else all_known}")
    return known[given]


@dataclass(frozen=True)
class Named:
    """A role, and where to import its constant from."""

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
