"""What may be done with OAuth2 clients."""

from apiserver.core.permissions import Permission


class OAuth2ClientPermission(Permission):
    """What may be done with OAuth2 clients."""

    LIST = ("oauth2_client:list", "auth:read", "See one's own OAuth2 clients.")
    LIST_ALL = ("oauth2_client:list_all", "auth:read", "See anyone's OAuth2 clients.")
    CREATE = ("oauth2_client:create", "auth:write", "Create an OAuth2 client.")
