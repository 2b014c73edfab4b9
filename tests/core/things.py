"""A feature with parts of things, whose objects need no database: ``/things/``.

Ada owns thing 1 and keeps part 2 of it; Bob keeps part 3. The header ``X-Caller`` says
who calls, since core itself knows no tokens.
"""

from types import SimpleNamespace
from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.tree import (
    SIGNED_IN,
    USER,
    Collection,
    Identity,
    Item,
    NoSuchNode,
    Permission,
    Role,
    SecurityPolicy,
    global_roles,
)

OWNER = Role("thing:owner", "the owner of the thing")
KEEPER = Role("part:keeper", "keepers of the part")

OWNERS = {1: "ada"}
KEEPERS = {2: "ada", 3: "bob"}


class ThingPermission(Permission):
    LIST = ("thing:list", "things:read", "See the list of things.")
    CREATE = ("thing:create", "things:write", "Create a thing.")
    READ = ("thing:read", "things:read", "See a thing and its parts.")
    EDIT = ("thing:edit", "things:write", "Change a thing and its parts.")
    POLISH = ("thing:polish", "things:write", "Polish a part.")


class PartResource(Item):
    __acl__ = [(Allow, KEEPER, [ThingPermission.POLISH])]
    noun = "part"
    part: Any

    def load(self) -> Any:
        key = self.parse_key(self.__name__)
        if key not in KEEPERS:
            raise NoSuchNode(key)
        return SimpleNamespace(id=key, keeper=KEEPERS[key])

    def local_roles(self, user: Any) -> Any:
        return (KEEPER,) if user.id == self.part.keeper else ()


class PartCollection(Collection):
    item = PartResource


class ThingResource(Item):
    __acl__ = [
        (Allow, OWNER, [ThingPermission.READ, ThingPermission.EDIT]),
        # Nobody is a keeper of a whole thing; who keeps a part of it must not match.
        (Allow, KEEPER, []),
    ]
    children = {"parts": PartCollection}
    noun = "thing"
    thing: Any

    def load(self) -> Any:
        key = self.parse_key(self.__name__)
        if key not in OWNERS:
            raise NoSuchNode(key)
        return SimpleNamespace(id=key, owner=OWNERS[key])

    def local_roles(self, user: Any) -> Any:
        return (OWNER,) if user.id == self.thing.owner else ()


class ThingCollection(Collection):
    __acl__ = [
        (Allow, SIGNED_IN, [ThingPermission.LIST]),
        (Allow, USER, [ThingPermission.CREATE]),
    ]
    item = ThingResource


def identity(
    name: str | int | None,
    scopes: str = "read write",
    *,
    read_only: bool = False,
    **roles: bool,
) -> Identity:
    roles = {"user": name is not None, "admin": False, "internal": False, **roles}
    return Identity(
        user=SimpleNamespace(id=name) if name is not None else None,
        client_id="client",
        scopes=frozenset(f"things:{scope}" for scope in scopes.split()),
        roles=global_roles(**roles),
        read_only=read_only,
    )


CALLERS = {
    "ada": identity("ada"),
    "bob": identity("bob"),
    "ada reads": identity("ada", "read"),
    "ada writes": identity("ada", "write"),
    "ada no scope": identity("ada", ""),
    "ada read-only": identity("ada", read_only=True),
    "admin": identity("root", admin=True),
    "admin reads": identity("root", "read", admin=True),
    "internal": identity("machine", internal=True),
    "client": identity(None),
}


class CallerPolicy(SecurityPolicy):
    def identity(self, request: Any) -> Identity | None:
        return CALLERS.get(request.headers.get("X-Caller"))


def do(request: Any) -> None:
    """Do what the permission is about."""


def things(config: Configurator) -> None:
    config.set_security_policy(CallerPolicy())
    config.add_scope("things:read", "See things.")
    config.add_scope("things:write", "Change things.")
    config.add_node("things", ThingCollection)

    collection = ApiService("things", "/things/")
    thing = ApiService("thing", "/things/{thing_id}")
    part = ApiService("part", "/things/{thing_id}/parts/{part_id}")
    for declare, permission in (
        (collection.get, ThingPermission.LIST),
        (collection.post, ThingPermission.CREATE),
        (thing.get, ThingPermission.READ),
        (thing.patch, ThingPermission.EDIT),
        (part.get, ThingPermission.READ),
        (part.delete, ThingPermission.EDIT),
        (part.post, ThingPermission.POLISH),
    ):
        declare(
            permission=permission, response_schemas={"200": ResponseSchema("Done.")}
        )(do)
    for service in (collection, thing, part):
        config.add_cornice_service(service)
