"""The token and revocation endpoints: HTTP around the AuthorizationServer."""

import orjson
from oauthlib.oauth2.rfc6749 import errors
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from apiserver.auth.oauth.errors import (
    json_response,
    oauth_error,
    oauth_error_body,
)
from apiserver.auth.oauth.parameters import basic, read, read_token_request
from apiserver.auth.oauth.token_request import Context
from apiserver.core.endpoints import Request
from apiserver.core.http import NO_CONTENT, Response, TooManyRequests

ERRORS = (errors.OAuth2Error, TooManyRequests)


@view_config(route_name="oauth2_token", permission=NO_PERMISSION_REQUIRED)
def token(request: Request) -> Response:
    """The token endpoint (RFC 6749 section 3.2)."""
    server = request.registry.authorization_server
    try:
        status, body = server.issue_token(
            read_token_request(request), **context(request)
        )
    except ERRORS as error:
        return oauth_error(error)
    if status >= 400:
        return oauth_error_body(status, orjson.loads(body))
    return json_response(status, body.encode())


@view_config(route_name="oauth2_revoke", permission=NO_PERMISSION_REQUIRED)
def revoke(request: Request) -> Response:
    """The revocation endpoint (RFC 7009)."""
    try:
        request.registry.authorization_server.revoke_token(
            read(request), **context(request)
        )
    except ERRORS as error:
        return oauth_error(error)
    return Response(status=200, app_iter=[], headerlist=[NO_CONTENT])


@view_config(route_name="oauth2_introspect", permission=NO_PERMISSION_REQUIRED)
def introspect(request: Request) -> Response:
    """The introspection endpoint (RFC 7662)."""
    server = request.registry.authorization_server
    try:
        document = server.introspect_token(read(request), **context(request))
    except ERRORS as error:
        return oauth_error(error)
    return json_response(200, orjson.dumps(document))


def context(request: Request) -> Context:
    """Return the Validator's data besides the parameters."""
    return {"db": request.db, "basic": basic(request), "http": request}
