"""Finds the nodes of the objects to which schemas refer, before the server starts."""

from collections.abc import Iterator
from itertools import pairwise

import colander
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from sqlalchemy import inspect, select

from apiserver.core.endpoints.inputs import RequestSchema
from apiserver.core.endpoints.references import Above, Place
from apiserver.core.endpoints.services import ApiService, services_of
from apiserver.core.registry import Registry
from apiserver.core.schemas.references import kinds_in
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import KEY, Item, Resource
from apiserver.core.tree.traversal import classes_at


def find_places(config: Configurator) -> None:
    """Find the nodes to which schemas refer; raise ConfigurationError if missing."""
    registry = config.registry
    registry.places = {}
    for service in services_of(registry):
        for method, _, declared in service.definitions:
            kinds = kinds_of(declared.get("schema"))
            if kinds:
                service.referring[method] = declared["schema"]
            for kind in kinds:
                if kind not in registry.places:
                    registry.places[kind] = place_of(registry, kind)
                check_keys(registry, service.path, kind)


def kinds_of(schema: colander.SchemaNode | None) -> set[type[object]]:
    """Return the classes of the objects to which a body of the schema refers."""
    nodes = schema.bodies if isinstance(schema, RequestSchema) else ()
    return set().union(*map(kinds_in, nodes))


def check_keys(registry: Registry, path: str, kind: type[object]) -> None:
    """Raise ConfigurationError if neither the URL nor the rows locate the objects."""
    nodes = classes_at(registry.tree, path)
    known = {f"{node.noun}_id" for node in nodes if issubclass(node, Item)}
    above = registry.places[kind].above
    unknown = {name for name, statement in above if statement is None} - known
    if unknown:
        raise ConfigurationError(
            f"{path} refers to {kind.__name__}, but has no "
            f"{', '.join(sorted(unknown))}."
        )


def above(nodes: list[type[Resource]]) -> Iterator[Above]:
    """Yield the keys of the items above the first of these classes."""
    items = [node for node in nodes if issubclass(node, Item)]
    for item, parent in pairwise(items):
        name = f"{parent.noun}_id"
        mapper = inspect(item.model) if hasattr(item, "model") else None
        column = mapper.columns.get(name) if mapper is not None else None
        if mapper is None or column is None:
            yield Above(name, None)
        else:
            yield Above(name, select(column).where(mapper.primary_key[0] == KEY))


def place_of(registry: Registry, kind: type[object]) -> Place:
    """Return where the objects of a class are, by their GET or that of their list."""
    services = {service.path: service for service in services_of(registry)}
    found = [
        Place(tuple(path.strip("/").split("/")), permission, tuple(above(nodes)))
        for path, service in services.items()
        for nodes in [classes_at(registry.tree, path)]
        if nodes[0] is kind
        for permission in [seen_by(service, services)]
        if permission is not None
    ]
    if not found:
        raise ConfigurationError(
            f"A schema refers to {kind.__name__}, of which nobody can see an object: "
            "neither it nor its list has a GET."
        )
    return min(found, key=lambda place: len(place.above))


def seen_by(service: ApiService, services: dict[str, ApiService]) -> Permission | None:
    above = services.get(service.path.rpartition("/")[0] + "/")
    permissions = {**(above.permissions if above else {}), **service.permissions}
    return permissions.get("GET")


def includeme(config: Configurator) -> None:
    # After the check that the paths are on the tree.
    config.action("apiserver.references", find_places, (config,), order=9999)
