"""What may be done with second factors."""

from apiserver.core.tree import Permission


class FactorPermission(Permission):
    """What may be done with the second factors of an account."""

    READ = ("factor:read", "factors:read", "See the second factors of an account.")
    EDIT = ("factor:edit", "factors:write", "Change your own second factors.")
    RESET = (
        "factor:reset",
        "factors:write",
        "Remove all second factors of an account.",
    )
