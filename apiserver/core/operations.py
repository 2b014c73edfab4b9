"""Operations as the document sees them: who may call them, under which scope.

It is computed from the ACLs of the classes on the operation's path, which are the ones
that are enforced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.interfaces import IRoutesMapper

from apiserver.core.answers import View
from apiserver.core.permissions import (
    ANYONE,
    SIGNED_IN,
    Permission,
    Role,
)
from apiserver.core.resources import Item, Resource
from apiserver.core.schemas import RequestSchema
from apiserver.core.security import roles_of
from apiserver.core.services import ApiService
from apiserver.core.traversal import classes_at

AUTHORIZE_PATH = "/auth/oauth2/authorize"
TOKEN_PATH = "/auth/oauth2/token"  # noqa: S105 (no token, its endpoint)


@dataclass(frozen=True)
class Operation:
    """A method of a service, with the classes on its path from the leaf to the root."""

    service: ApiService
    method: str
    view: View
    arguments: Mapping[str, Any]
    classes: Sequence[type[Resource]]

    @property
    def permission(self) -> Permission | None:
        """What the caller needs; None for OPTIONS."""
        return self.service.permissions.get(self.method)

    @property
    def roles(self) -> list[Role]:
        """Who may call this; OPTIONS is for anyone where a public method is."""
        if self.permission is not None:
            return roles_of(self.classes, self.permission)
        every = self.service.permissions.values()
        public = any(ANYONE in roles_of(self.classes, each) for each in every)
        return [ANYONE if public else SIGNED_IN]

    @property
    def scopes(self) -> list[str]:
        """Which scopes the token needs: one or none."""
        scope = self.permission.scope if self.permission else None
        return [scope] if scope else []

    @property
    def is_public(self) -> bool:
        return ANYONE in self.roles

    @property
    def is_restricted(self) -> bool:
        """Whether a caller with a valid token can be refused.

        An item without a key in the path is the caller's own; no client has one.
        """
        is_own = self.is_at_item and not self.service.path.endswith("}")
        for_all = not {ANYONE, SIGNED_IN}.isdisjoint(self.roles)
        return bool(self.scopes) or is_own or not for_all

    @property
    def is_at_item(self) -> bool:
        """Whether the path leads to a single object."""
        return issubclass(self.classes[0], Item)

    @property
    def schema(self) -> RequestSchema | None:
        return self.arguments.get("schema")

    @property
    def consumes(self) -> tuple[str, ...]:
        """Which media types the body may have; none where there is no body."""
        return self.schema.consumes if self.schema is not None else ()


def operations_of(
    service: ApiService, tree: Mapping[str, type[Resource]]
) -> list[Operation]:
    """Return the operations of a service; HEAD is none, it goes without saying."""
    classes = classes_at(tree, service.path)
    return [
        Operation(service, method, view, arguments, classes)
        for method, view, arguments in service.definitions
        if method != "HEAD"
    ]


def security(
    operation: Operation, flows: Mapping[str, Any]
) -> list[dict[str, list[str]]]:
    """Return the ways of signing in, any of which will do, each with the scope."""
    if operation.is_public:
        return []
    return [{name: operation.scopes} for name in flows]


def flows_of(registry: Any) -> dict[str, Any]:
    """Return the Security Definitions: the ways in which a client can get a token.

    There are none where no feature serves the token endpoint.
    """
    if not is_served(registry, TOKEN_PATH):
        return {}
    token = {"type": "oauth2", "tokenUrl": TOKEN_PATH, "scopes": dict(registry.scopes)}
    flows = {}
    if registry.settings.get("apiserver.oauth2_password_grant"):
        flows["oauth2_password"] = {**token, "flow": "password"}
    if is_served(registry, AUTHORIZE_PATH):
        code = {"flow": "accessCode", "authorizationUrl": AUTHORIZE_PATH}
        flows["oauth2_code"] = {**token, **code}
    flows["oauth2_application"] = {**token, "flow": "application"}
    return flows


def is_served(registry: Any, path: str) -> bool:
    """Whether there is a route to the path."""
    routes = registry.getUtility(IRoutesMapper).get_routes()
    return any(route.match(path) is not None for route in routes)


def tag_of(service: ApiService) -> str:
    """Return the tag of a service's operations: the first segment of the path."""
    path: str = service.path
    return path.strip("/").split("/")[0]
