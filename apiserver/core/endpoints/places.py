"""Where the objects are to which schemas refer: found before the server starts."""

from typing import Any

import colander
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.inputs import RequestSchema
from apiserver.core.endpoints.references import Place
from apiserver.core.endpoints.services import ApiService, services_of
from apiserver.core.registry import Registry
from apiserver.core.schemas.references import kinds_in
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import Item
from apiserver.core.tree.traversal import classes_at


def find_places(config: Configurator) -> None:
    """Note where the objects are to which schemas refer; refuse to start without."""
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


def kinds_of(schema: colander.SchemaNode | None) -> set[type[Any]]:
    """Return the classes to whose objects a body of the schema refers."""
    nodes = schema.bodies if isinstance(schema, RequestSchema) else ()
    return set().union(*map(kinds_in, nodes))


def check_keys(registry: Registry, path: str, kind: type[Any]) -> None:
    """Refuse a reference to objects that are below others, which the URL has not."""
    nodes = classes_at(registry.tree, path)
    known = {f"{node.noun}_id" for node in nodes if issubclass(node, Item)}
    missing = registry.places[kind].keys - known
    if missing:
        raise ConfigurationError(
            f"{path} refers to {kind.__name__}, but has no "
            f"{', '.join(sorted(missing))}."
        )


def place_of(registry: Registry, kind: type[Any]) -> Place:
    """Return where the objects of a class are: by its own GET, or that of its list."""
    services = {service.path: service for service in services_of(registry)}
    found = [
        Place(tuple(path.strip("/").split("/")), permission)
        for path, service in services.items()
        if classes_at(registry.tree, path)[0] is kind
        for permission in [seen_by(service, services)]
        if permission is not None
    ]
    if not found:
        raise ConfigurationError(
            f"A schema refers to {kind.__name__}, of which nobody can see an object: "
            "neither it nor its list has a GET."
        )
    return min(found, key=lambda place: len(place.keys))


def seen_by(service: ApiService, services: dict[str, ApiService]) -> Permission | None:
    above = services.get(service.path.rpartition("/")[0] + "/")
    permissions = {**(above.permissions if above else {}), **service.permissions}
    return permissions.get("GET")


def includeme(config: Configurator) -> None:
    # After the paths are known to be on the tree.
    config.action("apiserver.references", find_places, (config,), order=9999)
