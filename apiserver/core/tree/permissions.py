"""Permissions and roles, with the phrases that document them."""

from collections.abc import Iterable
from enum import Enum

from pyramid.authorization import Authenticated, Everyone


class Permission(Enum):
    """A permission, with its OAuth2 scope and its description.

    A feature lists its permissions in a subclass::

        class TeamPermission(Permission):
            READ = ("team:read", "teams:read", "See a team and its members.")

    Without a scope the permission needs no token.
    """

    def __init__(self, label: str, scope: str | None, sentence: str) -> None:
        self.label = label
        self.scope = scope
        self.sentence = sentence

    @property
    def writes(self) -> bool:
        """Whether read-only accounts are rejected, as for each ``…:write`` scope."""
        return self.scope is not None and self.scope.endswith(":write")


class Role(str):
    """A principal, with the phrase that documents it.

    Global roles are named ``role:<name>``, local ones ``<noun>:<name>``, so that a role
    at a child can't match an entry of its parent's ACL.
    """

    phrase: str

    def __new__(cls, name: str, phrase: str) -> "Role":
        role = super().__new__(cls, name)
        role.phrase = phrase
        return role


ANYONE = Role(Everyone, "anyone, without signing in")
SIGNED_IN = Role(Authenticated, "signed-in callers")
USER = Role("role:user", "active users")
ADMIN = Role("role:admin", "administrators")
INTERNAL = Role("role:internal", "internal accounts")


def who_may(roles: Iterable[Role]) -> str:
    """Return roles as a phrase: "leaders of the team and administrators".

    A role that everyone has includes all others.
    """
    held = [role for role in roles if role != INTERNAL]
    everyone = [role for role in (ANYONE, SIGNED_IN) if role in held]
    *others, last = [role.phrase for role in everyone[:1] or held]
    return f"{', '.join(others)} and {last}" if others else last


class EveryPermission(tuple[Permission, ...]):
    """Contains all permissions, including those of later features."""

    def __contains__(self, permission: object) -> bool:
        return isinstance(permission, Permission)


EVERY_PERMISSION = EveryPermission()
