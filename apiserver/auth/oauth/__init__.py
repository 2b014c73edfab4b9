"""The authorization server: the endpoints of OAuth2 itself, under ``/auth``."""

from pyramid.config import Configurator
from pyramid.tweens import INGRESS

from apiserver.auth.browser import MAX_LOGIN_QUERY
from apiserver.auth.oauth.flows import AUTHORIZE_PATH, TOKEN_PATH, flows
from apiserver.auth.oauth.server import AuthorizationServer
from apiserver.core import settings
from apiserver.core.http import MAX_QUERY
from apiserver.core.settings import urls


def includeme(config: Configurator) -> None:
    declare_settings(config)
    # The login page and the token endpoint also work without the endpoints of users.
    config.include("apiserver.users.throttle")
    config.include("apiserver.users.hashing")
    config.registry.authorization_server = AuthorizationServer(config.registry.settings)

    config.include("apiserver.auth.browser")
    add_routes(config)
    config.registry.oauth2_endpoints = frozenset(ROUTES.values())
    tween = "apiserver.auth.oauth.errors.oauth_errors_tween"
    config.add_tween(tween, under=INGRESS, over="apiserver.core.http.guard.guard_tween")
    config.add_sign_in(flows)
    config.include(".metadata")
    config.scan("apiserver.auth.browser.login")
    config.scan("apiserver.auth.oauth")


MAX_AUTH_BODY = 64 * 1024

PAGES = {
    "login": ("/auth/login", ("GET", "HEAD", "POST"), MAX_LOGIN_QUERY),
    "logout": ("/auth/logout", ("POST",), MAX_QUERY),
    "oauth2_authorize": (AUTHORIZE_PATH, ("GET", "HEAD", "POST"), MAX_QUERY),
}
ROUTES = {
    "oauth2_token": TOKEN_PATH,
    "oauth2_revoke": "/auth/oauth2/revoke",
    "oauth2_introspect": "/auth/oauth2/introspect",
}


def add_routes(config: Configurator) -> None:
    for name, path in ROUTES.items():
        config.add_special_route(name, path, writes=True, most_body=MAX_AUTH_BODY)
        config.registry.route_methods[name] = ("POST",)
    if config.registry.settings["apiserver.oauth2_query_parameters"]:
        config.registry.route_methods["oauth2_token"] = ("GET", "POST")
    for name, (path, methods, most_query) in PAGES.items():
        is_target = name == "oauth2_authorize"
        config.add_page(
            name, path, *methods, most_query=most_query, is_target=is_target
        )


def declare_settings(config: Configurator) -> None:
    # The issuer never comes from the Host header.
    config.add_setting("issuer", urls.issuer, default=None)
    config.add_setting("secure_cookies", settings.boolean, "true")
    config.add_setting("session_idle", settings.seconds, "1800")
    config.add_setting("session_lifetime", settings.seconds, "43200")
    config.add_setting("oauth2_code_lifetime", settings.seconds, "60")
    config.add_setting("oauth2_secret_overlap", settings.seconds, "86400")
    config.add_setting("oauth2_access_token_lifetime", settings.seconds, "900")
    config.add_setting("oauth2_refresh_token_idle", settings.seconds, "1209600")
    config.add_setting("oauth2_refresh_token_lifetime", settings.seconds, "2592000")
    config.add_setting("introspection_misses", settings.count, "1000")
    # RFC 9700 section 2.4 forbids the password grant; operators may enable it.
    config.add_setting("oauth2_password_grant", settings.boolean, "false")
    # RFC 6749 section 2.3.1 and 3.2 forbid these: they are for demonstrations.
    config.add_setting("oauth2_query_parameters", settings.boolean, "false")
    config.add_setting("oauth2_multipart", settings.boolean, "false")
