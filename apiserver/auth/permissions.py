"""What may be done with OAuth2 clients and grants, and who owns them."""

from apiserver.core.tree import Permission, Role

OWNER = Role("client:owner", "the owner of the client")
GRANTOR = Role("grant:owner", "the user whose grant it is")


class OAuth2ClientPermission(Permission):
    """What may be done with OAuth2 clients."""

    LIST = ("oauth2_client:list", "auth:read", "See one's own OAuth2 clients.")
    LIST_ALL = ("oauth2_client:list_all", "auth:read", "See anyone's OAuth2 clients.")
    CREATE = ("oauth2_client:create", "auth:write", "Create an OAuth2 client.")
    READ = ("oauth2_client:read", "auth:read", "See an OAuth2 client.")
    EDIT = ("oauth2_client:edit", "auth:write", "Change or disable an OAuth2 client.")
    DELETE = ("oauth2_client:delete", "auth:write", "Delete an OAuth2 client.")
    HAND_OVER = ("oauth2_client:hand_over", "auth:write", "Give a client away.")
    ROTATE = ("oauth2_client:rotate", "auth:write", "Give a client a new secret.")


class GrantPermission(Permission):
    """What may be done with grants: that a client acts for a user."""

    LIST = ("grant:list", "auth:read", "See who has access to one's own account.")
    LIST_ALL = ("grant:list_all", "auth:read", "See anyone's grants.")
    REVOKE_OWN = ("grant:revoke_own", "auth:write", "End all access to one's account.")
    REVOKE = ("grant:revoke", "auth:write", "Take access away from a client.")
