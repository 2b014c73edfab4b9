"""The security policy: two restrictions, then the ACLs along the lineage.

The token must have the permission's scope, and read-only accounts have no permissions
to write. Then the caller's global roles, and the local roles at every node of the
lineage, are matched with the ACLs of the nodes' classes.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, NoReturn

from pyramid.authorization import ACLHelper
from pyramid.config import PHASE2_CONFIG, Configurator
from pyramid.interfaces import ISecurityPolicy
from pyramid.location import lineage
from pyramid.security import Allowed, Denied
from zope.interface import implementer

from apiserver.core.http.errors import BEARER, ApiError, Forbidden, Unauthenticated
from apiserver.core.tree.permissions import (
    ADMIN,
    ANYONE,
    INTERNAL,
    SIGNED_IN,
    USER,
    Permission,
    Role,
    who_may,
)
from apiserver.core.tree.resources import Resource
from apiserver.core.tree.step_up import InsufficientAuthentication
from apiserver.core.typing import Request, Row

_acl = ACLHelper()


class Identity(NamedTuple):
    """The caller, according to the access token.

    ``user`` is the row of the account, or None if a client acts for itself. The user
    has signed in at ``auth_time``, by the methods ``amr`` (RFC 8176), to the
    authentication context classes ``acr_values``. To have the roles that are
    ``withheld``, they must sign in to the class ``lacking``.
    """

    user: Row
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[str]
    read_only: bool
    grant_id: int | None = None
    auth_time: datetime | None = None
    amr: tuple[str, ...] = ()
    acr_values: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    lacking: str | None = None

    @property
    def user_id(self) -> int | None:
        return self.user.id if self.user is not None else None


@cache
def global_roles(*, user: bool, admin: bool, internal: bool) -> frozenset[str]:
    """Return the global roles of a caller."""
    held = {ANYONE: True, SIGNED_IN: True, USER: user, ADMIN: admin, INTERNAL: internal}
    return frozenset(role for role, holds in held.items() if holds)


class InvalidToken(Unauthenticated):
    """The token is unknown, expired or revoked (RFC 6750 section 3.1)."""

    sentence = "The access token is invalid."
    headers = (
        (
            "WWW-Authenticate",
            f'{BEARER}, error="invalid_token", error_description="{sentence}"',
        ),
    )


class InsufficientScope(Forbidden):
    """The token lacks the scope (RFC 6750 section 3.1)."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The access token lacks the scope {scope}.")
        challenge = f'{BEARER}, error="insufficient_scope", scope="{scope}"'
        self.headers = [("WWW-Authenticate", challenge)]


class ReadOnlyAccount(Forbidden):
    sentence = "Read-only accounts can't change anything."


class NotGranted(Forbidden):
    """The caller has none of the required roles."""

    def __init__(self, roles: Iterable[Role]) -> None:
        super().__init__(f"Only {who_may(roles)} may do this.")


class Refused(Denied):
    """A denial, with the error of the response."""

    def __new__(cls, error: ApiError) -> "Refused":
        refused: Refused = super().__new__(cls, error.detail)
        refused.error = error
        return refused


def principals(identity: Identity | None, node: Resource) -> set[str]:
    """Return the global roles, and the local roles at each node of the lineage."""
    if identity is None:
        return {ANYONE}
    held = set(identity.roles)
    if identity.user is not None and USER not in identity.withheld:
        for location in lineage(node):
            held.update(location.local_roles(identity.user))
    return held


def permits(
    request: Request, node: Resource, permission: Permission
) -> Allowed | Denied:
    """Decide whether the caller has the permission at the node.

    If PUT is to create an object, they need that permission, at the collection.
    """
    if node.is_new:
        made: Any = node
        node, permission = made.__parent__, made.creates
    identity: Identity | None = request.identity
    if identity is None and request.presents_token:
        return Refused(request.unauthenticated())
    if identity is not None:
        if permission.scope is not None and permission.scope not in identity.scopes:
            return Refused(InsufficientScope(permission.scope))
        if permission.writes and identity.read_only:
            return Refused(ReadOnlyAccount())
    allowed = _acl.permits(node, principals(identity, node), permission)
    if allowed:
        return allowed
    if identity is None:
        return Refused(request.unauthenticated())
    classes = [type(location) for location in lineage(node)]
    return Refused(not_granted(identity, roles_of(classes, permission)))


def not_granted(identity: Identity, roles: list[Role]) -> ApiError:
    """Return the error for a caller without the roles, or with withheld ones."""
    if USER in identity.withheld or not identity.withheld.isdisjoint(roles):
        return InsufficientAuthentication(acr=identity.lacking)
    return NotGranted(roles)


def roles_of(classes: Iterable[type[Resource]], permission: Permission) -> list[Role]:
    """Return the roles to which the ACLs of the classes grant the permission.

    The classes are given from the leaf to the root; so are the roles.
    """
    roles = [
        role
        for node in classes
        for _, role, permissions in node.__acl__
        if permission in permissions
    ]
    return list(dict.fromkeys(roles))


@implementer(ISecurityPolicy)
class SecurityPolicy:
    """The base of policies: all callers are anonymous; override ``identity``.

    Set ``takes_token`` if no endpoint of this server issues its bearer tokens.
    """

    takes_token = False

    def identity(self, request: Request) -> Identity | None:
        return None

    def authenticated_userid(self, request: Request) -> int | None:
        user_id: int | None = request.caller_id
        return user_id

    def permits(
        self, request: Request, context: Resource, permission: Permission
    ) -> Allowed | Denied:
        decision = permits(request, context, permission)
        if decision:
            request.granted.append((context, permission))
        return decision

    def hold(self, request: Request) -> Identity | None:
        """Return the caller, locked until the transaction ends, or None.

        A policy that looks up callers in the database locks their rows here.
        """
        return self.identity(request)

    def remember(self, request: Request, userid: object, **kw: object) -> NoReturn:
        raise NotImplementedError("Tokens are issued by the token endpoint.")

    def forget(self, request: Request, **kw: object) -> NoReturn:
        raise NotImplementedError("Tokens are revoked by the revocation endpoint.")


def includeme(config: Configurator) -> None:
    config.add_cors_headers(taken=["Authorization"], exposed=["WWW-Authenticate"])

    def default() -> None:
        if config.registry.queryUtility(ISecurityPolicy) is None:
            config.registry.registerUtility(SecurityPolicy(), ISecurityPolicy)

    # After features have set theirs, before views are registered.
    config.action("apiserver.security", default, order=PHASE2_CONFIG + 1)
