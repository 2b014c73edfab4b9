"""What may be done with OAuth2 clients and grants, and who owns them."""

from apiserver.core.tree import Permission, Role

OWNER = Role("client:owner", "the owner of the client")
GRANTOR = Role("grant:owner", "the user whose grant it is")


class OAuth2ClientPermission(Permission):
    """What may be done with OAuth2 clients."""

    LIST = ("oauth2_client:list", "auth:read", "List your own OAuth2 clients.")
    LIST_ALL = ("oauth2_client:list_all", "auth:read", "List anyone's OAuth2 clients.")
    CREATE = ("oauth2_client:create", "auth:write", "Create an OAuth2 client.")
    READ = ("oauth2_client:read", "auth:read", "See an OAuth2 client.")
    EDIT = ("oauth2_client:edit", "auth:write", "Change or disable an OAuth2 client.")
    DELETE = ("oauth2_client:delete", "auth:write", "Delete an OAuth2 client.")
    HAND_OVER = (
        "oauth2_client:hand_over",
        "auth:write",
        "Transfer a client to a new owner.",
    )
    ROTATE = ("oauth2_client:rotate", "auth:write", "Issue a new secret for a client.")


class GrantPermission(Permission):
    """What may be done with grants: that a client acts for a user."""

    LIST = ("grant:list", "auth:read", "See who has access to your own account.")
    LIST_ALL = ("grant:list_all", "auth:read", "See anyone's grants.")
    REVOKE_OWN = ("grant:revoke_own", "auth:write", "End all access to your account.")
    REVOKE = ("grant:revoke", "auth:write", "Revoke a client's access.")
