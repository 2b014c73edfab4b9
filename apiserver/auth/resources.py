"""OAuth2 clients on the tree: ``/auth/oauth2_clients/``."""

from pyramid.authorization import Allow

from apiserver.auth.permissions import OAuth2ClientPermission
from apiserver.core.permissions import USER
from apiserver.core.resources import Resource


class OAuth2ClientCollection(Resource):
    """All OAuth2 clients."""

    __acl__ = [
        (Allow, USER, [OAuth2ClientPermission.LIST, OAuth2ClientPermission.CREATE])
    ]


class AuthResource(Resource):
    """The part of the API that is about access itself."""

    children = {"oauth2_clients": OAuth2ClientCollection}
