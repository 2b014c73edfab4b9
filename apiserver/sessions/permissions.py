"""What may be done with the sessions of a user."""

from apiserver.core.tree import Permission


class SessionPermission(Permission):
    """What may be done with the sessions of a user."""

    LIST = ("session:list", "sessions:read", "See where a user is signed in.")
    END = ("session:end", "sessions:write", "Sign a user out of browsers.")
