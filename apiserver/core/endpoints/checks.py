"""Checks the declarations before the server starts."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IRoutesMapper
from pyramid.urldispatch import Route, RoutesMapper

from apiserver.core.endpoints.services import ApiService, services_of
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.placed import KeyedItem
from apiserver.core.tree.resources import Item, Resource, statement_below
from apiserver.core.tree.traversal import classes_at


def check_declarations(config: Configurator) -> None:
    """Raise ConfigurationError for a path, scope or permission that doesn't exist."""
    registry = config.registry
    for name, below in registry.tree.loose():
        raise ConfigurationError(
            f"/{name} is below {below.__name__}, of which no feature has a node."
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
            if is_same(service.path, later.path):
                raise ConfigurationError(
                    f"{service.path} and {later.path} are the same URLs."
                )
    put_names_first(registry.getUtility(IRoutesMapper), services)


def check_items(classes: list[type[Resource]]) -> None:
    """Raise ConfigurationError for an item whose rows don't refer to the one above."""
    items: list[Any] = [node for node in classes if issubclass(node, Item)]
    for node, above in pairwise(items):
        if node.load is Item.load:
            try:
                statement_below(node, f"{above.noun}_id")
            except TypeError as error:
                raise ConfigurationError(str(error)) from None


def creates(node: type[Resource]) -> list[Permission]:
    """Return the permission to create such an object by PUT, if there is one."""
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


def is_same(path: str, other: str) -> bool:
    """Whether two patterns match the same URLs."""
    return re.sub("{[^/]*}", "{}", path) == re.sub("{[^/]*}", "{}", other)


def put_names_first(mapper: RoutesMapper, services: list[ApiService]) -> None:
    """Put routes with names before those with keys: ``/users/me``, ``/users/{id}``.

    A scan finds services in the order of their variables' names.
    """
    routes = mapper.routelist
    own = [mapper.get_route(service.name) for service in services]
    places = sorted(routes.index(route) for route in own)
    for place, route in zip(places, sorted(own, key=by_keys), strict=True):
        routes[place] = route


def by_keys(route: Route) -> list[bool]:
    """Return whether each segment of a route's pattern is a key."""
    return [segment.startswith("{") for segment in route.pattern.split("/")]


def includeme(config: Configurator) -> None:
    config.include(".places")
    config.action("apiserver.declarations", check_declarations, (config,), order=9998)
