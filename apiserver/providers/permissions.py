"""What may be done with the identities of a user."""

from apiserver.core.tree import Permission


class IdentityPermission(Permission):
    """What may be done with the accounts at providers with which a user signs in."""

    LIST = (
        "identity:list",
        "providers:read",
        "See with which providers a user signs in.",
    )
    UNLINK = (
        "identity:unlink",
        "providers:write",
        "Unlink an account at a provider.",
    )
