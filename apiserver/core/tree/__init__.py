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
from apiserver.core.tree.policy import (
    Identity,
    InsufficientScope,
    InvalidToken,
    ReadOnlyAccount,
    SecurityPolicy,
    global_roles,
    roles_of,
)
from apiserver.core.tree.resources import (
    CALLER,
    KEY,
    Collection,
    Item,
    Resource,
    Root,
    sharing,
)
from apiserver.core.tree.traversal import classes_at

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
    "InsufficientScope",
    "InvalidToken",
    "Item",
    "NoSuchNode",
    "Permission",
    "ReadOnlyAccount",
    "Resource",
    "Role",
    "Root",
    "SecurityPolicy",
    "classes_at",
    "global_roles",
    "parse_id",
    "roles_of",
    "sharing",
    "who_may",
]
