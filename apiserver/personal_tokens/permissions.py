"""What may be done with personal access tokens."""

from apiserver.core.tree import Permission


class PersonalTokenPermission(Permission):
    """What may be done with the personal access tokens of a user."""

    LIST = (
        "personal_token:list",
        "personal_tokens:read",
        "See a user's personal access tokens.",
    )
    CREATE = (
        "personal_token:create",
        "personal_tokens:write",
        "Create a personal access token.",
    )
    REVOKE = (
        "personal_token:revoke",
        "personal_tokens:write",
        "Revoke a personal access token.",
    )
