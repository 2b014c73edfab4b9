"""What is checked of the declarations before the server starts."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.services import services_of
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.placed import KeyedItem
from apiserver.core.tree.resources import Item, Resource, statement_below
from apiserver.core.tree.traversal import classes_at


def check_declarations(config: Configurator) -> None:
    """Refuse to start with a path, a scope or a permission that doesn't exist."""
    registry = config.registry
    for name, below in registry.tree.loose():
        raise ConfigurationError(
            f"/{name} hangs below {below.__name__}, of which no feature has a node."
        )
    services = services_of(registry)
    for index, service in enumerate(services):
        try:
            classes = classes_at(registry.tree, service.path)
        except (AttributeError, KeyError):
            raise ConfigurationError(
                f"There is no node of the tree at {service.path}."
            ) from None
        check_items(classes)
        for permission in [*service.permissions.values(), *creates(classes[0])]:
            check_scope(permission, registry.scopes)
        for node in classes:
            check_acl(node)
        for later in services[index + 1 :]:
            if hides(service.path, later.path):
                raise ConfigurationError(
                    f"{service.path} is declared before {later.path} and shadows it."
                )


def check_items(classes: list[type[Resource]]) -> None:
    """Refuse an item below another to whose objects its own don't refer."""
    items: list[Any] = [node for node in classes if issubclass(node, Item)]
    for node, above in pairwise(items):
        if node.load is Item.load:
            try:
                statement_below(node, f"{above.noun}_id")
            except TypeError as error:
                raise ConfigurationError(str(error)) from None


def creates(node: type[Resource]) -> list[Permission]:
    """Return the permission to make such an object by PUT, if there is one."""
    return [node.creates] if issubclass(node, KeyedItem) else []


def check_scope(permission: Permission, scopes: Mapping[str, str]) -> None:
    if permission.scope is not None and permission.scope not in scopes:
        raise ConfigurationError(
            f"{permission.label} needs the scope {permission.scope}, "
            "which no feature has registered."
        )


def check_acl(node: type[Resource]) -> None:
    for _, _, permissions in node.__acl__:
        unknown = [p for p in permissions if not isinstance(p, Permission)]
        if unknown:
            raise ConfigurationError(
                f"{node.__name__} grants {unknown}, which is not a permission."
            )


def hides(path: str, later: str) -> bool:
    """Whether every URL of the later pattern is one of the other, which comes first."""
    segments, others = path.split("/"), later.split("/")
    return len(segments) == len(others) and all(
        segment == other or (segment.startswith("{") and other)
        for segment, other in zip(segments, others, strict=True)
    )


def includeme(config: Configurator) -> None:
    config.include(".places")
    config.action("apiserver.declarations", check_declarations, (config,), order=9998)
