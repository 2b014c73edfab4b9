"""OAuth2 clients as JSON."""

import colander

from apiserver.auth.browser import may_be_registered
from apiserver.auth.models import AUTH_METHODS, CLIENT_TYPES
from apiserver.auth.tokens import EXAMPLE_CLIENT_ID, EXAMPLE_SECRET
from apiserver.core.lists import PageQuery
from apiserver.core.schemas import Choice, Flag, Id, List, Moment, Object, Set, Text

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
DEFAULT_GRANT_TYPES = ("authorization_code", "refresh_token")


def client_id() -> Text:
    """Make a node for the id of a client."""
    return Text(1, 80, example=EXAMPLE_CLIENT_ID)


def is_redirect_uri(node: colander.SchemaNode, value: str) -> None:
    """Reject URIs to which browsers must not be redirected."""
    if not may_be_registered(value):
        raise colander.Invalid(
            node, "Must be an https URI without a fragment, or a loopback URI."
        )


def redirect_uris(**kw: object) -> Set:
    about = {"description": "Where the browser may be redirected to."}
    return Set(
        Text(
            1,
            500,
            is_redirect_uri,
            format="uri",
            example="https://example.com/callback",
            description="An https URI without a fragment, an http loopback URI, or "
            "one with a private-use scheme, which contains a dot.",
        ),
        longest=10,
        **{**about, **kw},
    )


def scopes(**kw: object) -> Set:
    about = {
        "description": "The scopes it may be granted; with none, it gets no token."
    }
    return Set(Text(1, 80, example="teams:read"), longest=500, **{**about, **kw})


class OAuth2ClientDetail(Object):
    """An OAuth2 client."""

    client_id = client_id()
    user_id = Id(
        example=2, description="The owner. While it is inactive, so is the client."
    )
    client_type = Choice(*CLIENT_TYPES, example="confidential")
    token_endpoint_auth_method = Choice(
        *AUTH_METHODS,
        nullable=True,
        example="client_secret_basic",
        description="How the client sends its secret; null allows both ways.",
    )
    redirect_uris = redirect_uris()
    default_scopes = scopes()
    grant_types = List(Text(1, 80, example="authorization_code"))
    first_party = Flag(
        example=False,
        description="Belongs to the server's operator, and keeps working when its "
        "owner is inactive.",
    )
    enabled = Flag()
    created = Moment()
    updated = Moment()


class OAuth2ClientCreated(OAuth2ClientDetail):
    """A new OAuth2 client, with its secret."""

    client_secret = Text(
        1,
        80,
        nullable=True,
        example=EXAMPLE_SECRET,
        description="Shown only once. Public clients have none.",
    )


class OAuth2ClientCreate(Object):
    """The fields of a new OAuth2 client."""

    client_type = Choice(*CLIENT_TYPES, missing="confidential", example="confidential")
    token_endpoint_auth_method = Choice(
        *AUTH_METHODS,
        missing=None,
        description="How the client will send its secret; omit it to allow both ways.",
    )
    redirect_uris = redirect_uris(missing=())
    default_scopes = scopes(missing=())
    grant_types = Set(
        Choice(*GRANT_TYPES),
        longest=len(GRANT_TYPES),
        missing=DEFAULT_GRANT_TYPES,
        description="The grant types that the client may use.",
    )


class OAuth2ClientQuery(PageQuery):
    """Whose clients, and which page."""

    user_id = Id(missing=None, description="The owner; by default the caller.")


class OAuth2ClientPatch(Object):
    """The fields of an OAuth2 client that can be patched."""

    redirect_uris = redirect_uris()
    default_scopes = scopes()
    enabled = Flag(description="Disabling a client revokes all its grants.")
    user_id = Id(
        example=2, description="The new owner, an active user. Administrators only."
    )


class OAuth2ClientSecret(Object):
    """A new secret."""

    client_secret = Text(1, 80, example=EXAMPLE_SECRET, description="Shown only once.")
    previous_secret_expires = Moment(description="The old secret works until then.")


class GrantDetail(Object):
    """A client's access to an account."""

    id = Id()
    client_id = client_id()
    user_id = Id(example=2, description="The user that the client acts for.")
    grant_type = Text(
        1, 40, example="authorization_code", description="How the grant was made."
    )
    granted_scopes = List(Text(1, 80, example="teams:read"))
    created = Moment()
    absolute_expires = Moment(description="When the grant expires at the latest.")


class GrantQuery(PageQuery):
    """Whose grants, and which page."""

    user_id = Id(missing=None, description="The user; by default the caller.")
