"""OAuth2 clients as JSON."""

import re
from typing import Any
from urllib.parse import urlsplit

import colander

from apiserver.auth.models import CLIENT_TYPES
from apiserver.core.nodes import Choice, Flag, Id, List, Moment, Object, Text
from apiserver.core.pagination import PageQuery

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# Printable ASCII without a fragment, and without what browsers read as a slash.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-\[\]-~]+")


def is_redirect_uri(node: Any, value: str) -> None:
    """Refuse what a browser must not be sent to (RFC 9700 section 2.6).

    Taken are https, http of the own machine (RFC 8252 section 7.3), and the schemes of
    native applications, which hold a dot (RFC 8252 section 7.1).
    """
    if not (_URI.fullmatch(value) and "#" not in value and is_safe(value)):
        raise colander.Invalid(
            node, "Must be an https URI without a fragment, or one of this machine."
        )


def is_safe(value: str) -> bool:
    try:
        uri = urlsplit(value)
        port = uri.port
    except ValueError:
        return False
    if "@" in uri.netloc or port == 0:
        return False
    if uri.scheme == "http":
        return uri.hostname in LOOPBACK
    return "." in uri.scheme or (uri.scheme == "https" and bool(uri.hostname))


def redirect_uris(**kw: Any) -> Any:
    return List(
        Text(1, 500, is_redirect_uri, example="https://example.com/callback"),
        longest=10,
        description="Where a browser may be sent back to.",
        **kw,
    )


def scopes(**kw: Any) -> Any:
    return List(
        Text(1, 80, example="teams:read"),
        longest=50,
        description="What the client may be given.",
        **kw,
    )


class OAuth2ClientDetail(Object):
    """An OAuth2 client."""

    client_id = Text(1, 80)
    user_id = Id(description="Its owner.")
    client_type = Choice(*CLIENT_TYPES)
    redirect_uris = redirect_uris()
    default_scopes = scopes()
    grant_types = List(Text(1, 80))
    first_party = Flag(description="It belongs to the server's operator.")
    enabled = Flag()
    created = Moment()
    updated = Moment()


class OAuth2ClientCreated(OAuth2ClientDetail):
    """A new OAuth2 client, with its secret."""

    client_secret = Text(
        1, 80, nullable=True, description="Shown only now. Public clients have none."
    )


class OAuth2ClientCreate(Object):
    """What a new OAuth2 client is made of."""

    client_type = Choice(*CLIENT_TYPES, missing="confidential")
    redirect_uris = redirect_uris(missing=())
    default_scopes = scopes(missing=())
    grant_types = List(
        Choice(*GRANT_TYPES),
        longest=len(GRANT_TYPES),
        missing=("authorization_code", "refresh_token"),
        description="How the client may get tokens.",
    )


class OAuth2ClientQuery(PageQuery):
    """Whose clients, and which page."""

    user_id = Id(missing=None, description="The owner; by default the caller.")
