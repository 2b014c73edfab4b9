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
    """Refuse what a browser must not be sent to."""
    if not may_be_registered(value):
        raise colander.Invalid(
            node, "Must be an https URI without a fragment, or one of this machine."
        )


def redirect_uris(**kw: object) -> Set:
    about = {"description": "Where a browser may be sent back to."}
    return Set(
        Text(
            1,
            500,
            is_redirect_uri,
            format="uri",
            example="https://example.com/callback",
            description="An https URI without a fragment, an http URI of this machine, "
            "or one of an application's own scheme, with a dot in it.",
        ),
        longest=10,
        **{**about, **kw},
    )


def scopes(**kw: object) -> Set:
    about = {"description": "What the client may be given; without any, no token."}
    return Set(Text(1, 80, example="teams:read"), longest=50, **{**about, **kw})


class OAuth2ClientDetail(Object):
    """An OAuth2 client."""

    client_id = client_id()
    user_id = Id(
        example=2, description="Its owner; it stops while the owner is inactive."
    )
    client_type = Choice(*CLIENT_TYPES, example="confidential")
    token_endpoint_auth_method = Choice(
        *AUTH_METHODS,
        nullable=True,
        example="client_secret_basic",
        description="How it sends its secret; null: in either way.",
    )
    redirect_uris = redirect_uris()
    default_scopes = scopes()
    grant_types = List(Text(1, 80, example="authorization_code"))
    first_party = Flag(
        example=False,
        description="It belongs to the server's operator, and doesn't stop with its "
        "owner.",
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
        description="Shown only now. Public clients have none.",
    )


class OAuth2ClientCreate(Object):
    """What a new OAuth2 client is made of."""

    client_type = Choice(*CLIENT_TYPES, missing="confidential", example="confidential")
    token_endpoint_auth_method = Choice(
        *AUTH_METHODS,
        missing=None,
        description="How it will send its secret; left out: in either way.",
    )
    redirect_uris = redirect_uris(missing=())
    default_scopes = scopes(missing=())
    grant_types = Set(
        Choice(*GRANT_TYPES),
        longest=len(GRANT_TYPES),
        missing=DEFAULT_GRANT_TYPES,
        description="How the client may get tokens.",
    )


class OAuth2ClientQuery(PageQuery):
    """Whose clients, and which page."""

    user_id = Id(missing=None, description="The owner; by default the caller.")


class OAuth2ClientPatch(Object):
    """The fields of an OAuth2 client that can be patched."""

    redirect_uris = redirect_uris()
    default_scopes = scopes()
    enabled = Flag(description="Disabling a client ends all that was granted to it.")
    user_id = Id(
        example=2, description="The new owner, an active user. For administrators."
    )


class OAuth2ClientSecret(Object):
    """A new secret."""

    client_secret = Text(1, 80, example=EXAMPLE_SECRET, description="Shown only now.")
    previous_secret_expires = Moment(description="Until then the old one works, too.")


class GrantDetail(Object):
    """That a client may act for a user."""

    id = Id()
    client_id = client_id()
    user_id = Id(example=2, description="For whom the client acts.")
    grant_type = Text(
        1, 40, example="authorization_code", description="How the grant was given."
    )
    granted_scopes = List(Text(1, 80, example="teams:read"))
    created = Moment()
    absolute_expires = Moment(description="When it ends at the latest.")


class GrantQuery(PageQuery):
    """Whose grants, and which page."""

    user_id = Id(missing=None, description="The user; by default the caller.")
