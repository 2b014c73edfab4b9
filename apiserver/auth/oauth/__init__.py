"""The authorization server: the endpoints of OAuth2 itself, under ``/auth``."""

from pyramid.config import Configurator

from apiserver.auth.oauth.server import AuthorizationServer
from apiserver.core import settings


def includeme(config: Configurator) -> None:
    config.add_setting("oauth2_access_token_lifetime", settings.seconds, "900")
    config.add_setting("oauth2_refresh_token_idle", settings.seconds, "1209600")
    config.add_setting("oauth2_refresh_token_lifetime", settings.seconds, "2592000")
    # RFC 9700 section 2.4 forbids the password grant: it is the operator's decision.
    config.add_setting("oauth2_password_grant", settings.boolean, "false")
    # RFC 6749 section 2.3.1 and 3.2 forbid these: they are for demonstrations.
    config.add_setting("oauth2_query_parameters", settings.boolean, "false")
    config.add_setting("oauth2_multipart", settings.boolean, "false")

    config.registry.authorization_server = AuthorizationServer(config.registry.settings)
    config.add_route("oauth2_token", "/auth/oauth2/token")
    config.add_route("oauth2_revoke", "/auth/oauth2/revoke")
    config.scan(".views")
