"""A URL is a path in a tree of nodes, and their classes say who may do what."""

from apiserver.core.tree.keys import NoSuchNode, parse_id
from apiserver.core.tree.permissions import (
    ADMIN,
    ANYONE,
    EVERY_PERMISSION,
    INTERNAL,
    SIGNED_IN,
    USER,
    Permission,
    Role,
    who_may,
)
from apiserver.core.tree.placed import KeyedItem, Singleton
from apiserver.core.tree.policy import Identity, SecurityPolicy, global_roles
from apiserver.core.tree.resources import (
    CALLER,
    KEY,
    Collection,
    Item,
    Resource,
    sharing,
)
from apiserver.core.tree.step_up import InsufficientAuthentication

__all__ = [
    "ADMIN",
    "ANYONE",
    "CALLER",
    "EVERY_PERMISSION",
    "INTERNAL",
    "KEY",
    "SIGNED_IN",
    "USER",
    "Collection",
    "Identity",
    "InsufficientAuthentication",
    "Item",
    "KeyedItem",
    "NoSuchNode",
    "Permission",
    "Resource",
    "Role",
    "SecurityPolicy",
    "Singleton",
    "global_roles",
    "parse_id",
    "sharing",
    "who_may",
]
