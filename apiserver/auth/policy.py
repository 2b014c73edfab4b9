"""Authenticates the bearer token, with one indexed SELECT (RFC 6750).

A token ends on the next request, in every process: by expiry, revocation, a raised
epoch, a disabled client, an inactive account, an inactive owner of the client.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from pyramid.config import Configurator
from pyramid.events import NewRequest
from sqlalchemy import and_, bindparam, not_, or_, select
from sqlalchemy.orm import aliased

from apiserver.auth.acr import classes_of
from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.strength import strength_of
from apiserver.auth.tokens import ACCESS, digest, is_token
from apiserver.core.db import UTCDateTime, now
from apiserver.core.endpoints import Request
from apiserver.core.http import FORM, BadRequest
from apiserver.core.registry import Registry
from apiserver.core.tree import Identity, SecurityPolicy, global_roles
from apiserver.core.typing import Row, Selection
from apiserver.users.gates import passed
from apiserver.users.models import User, is_read_only
from apiserver.users.resources import DETAIL

NOTHING: frozenset[str] = frozenset()
OWNER = aliased(User, name="owner")
_CLIENT = aliased(OAuth2Client, name="calling")

# A client is valid only while its owner is active. First-party clients are the
# operator's, whoever owns them.
LIVE_CLIENT = and_(OAuth2Client.enabled, or_(OAuth2Client.first_party, OWNER.is_active))
LIVE_GRANT = and_(
    OAuth2Grant.revoked.is_(None),
    OAuth2Client.epoch == OAuth2Grant.client_epoch,
    or_(
        OAuth2Grant.user_id.is_(None),
        and_(User.is_active, User.epoch == OAuth2Grant.user_epoch),
    ),
    LIVE_CLIENT,
)
# Whether the owner of a client that acts for itself is read-only.
OWNED_BY_READER = not_(
    or_(
        OAuth2Client.first_party,
        OWNER.is_regular_user,
        OWNER.is_admin,
        OWNER.is_internal,
    )
)


def live(statement: Selection, *, of_users: bool = False) -> Selection:
    """Restrict a statement on ``OAuth2Grant`` to valid grants.

    Joins the grant's client, the client's ``OWNER``, and the ``User`` who granted it:
    an outer join, unless ``of_users``.
    """
    return (
        statement.join(OAuth2Client, OAuth2Client.id == OAuth2Grant.client_id)
        .join(OWNER, OWNER.id == OAuth2Client.user_id)
        .join(User, User.id == OAuth2Grant.user_id, isouter=not of_users)
        .where(LIVE_GRANT)
    )


TOKEN = (
    select(
        *DETAIL,
        User.is_internal,
        OAuth2Token.scopes,
        OAuth2Client.client_id,
        OAuth2Client.default_scopes,
        OAuth2Grant.id.label("grant_id"),
        OAuth2Grant.auth_time,
        OAuth2Grant.amr,
        OWNED_BY_READER.label("of_reader"),
    )
    .select_from(OAuth2Token)
    .join(OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id)
    .where(
        OAuth2Token.digest == bindparam("digest"),
        OAuth2Token.kind == "access",
        OAuth2Token.expires > bindparam("now", type_=UTCDateTime),
    )
)
BEARER = live(TOKEN)
# The same, with locks. PostgreSQL can't lock the nullable side of an outer join.
HOLD_USER = (
    live(TOKEN, of_users=True)
    .where(passed(bindparam("caller")))
    .with_for_update(read=True, of=(User, OAuth2Client, OAuth2Grant))
)
HOLD_CLIENT = BEARER.where(
    passed(
        select(_CLIENT.user_id)
        .where(_CLIENT.client_id == bindparam("caller"))
        .scalar_subquery()
    )
).with_for_update(read=True, of=(OWNER, OAuth2Client, OAuth2Grant))


_IN_FORM = re.compile(rb"(?:^|&)access_token=")


class TwoTokens(BadRequest):
    """Tokens both in the header and in query or form (RFC 6750 section 2)."""

    headers = (
        ("WWW-Authenticate", 'Bearer realm="apiserver", error="invalid_request"'),
    )

    def __init__(self) -> None:
        super().__init__("Send the token only in the Authorization header.")


def refuse_two_tokens(event: NewRequest) -> None:
    request = event.request
    if request.presents_token and (
        "access_token=" in request.query_string or has_token_in_form(request)
    ):
        raise TwoTokens


def has_token_in_form(request: Request) -> bool:
    return (
        request.content_type.lower() == FORM
        and _IN_FORM.search(request.body) is not None
    )


class TokenKind(NamedTuple):
    """A kind of bearer tokens, with the statements that find and lock the caller.

    They select the same columns as ``TOKEN``, by ``digest`` and ``now``; ``hold`` also
    by ``caller``, with locks. ``used`` is called for each request with a token,
    ``revoke`` revokes one.
    """

    bearer: Selection
    hold: Selection
    used: Callable[[Request, Row], None] | None = None
    revoke: Callable[[Request, str], None] | None = None


def kind_of(registry: Registry, token: str) -> TokenKind | None:
    """Return the kind of a token, by its prefix, or None."""
    kinds: dict[str, TokenKind] = registry.token_kinds
    prefix = token[: len(ACCESS)]
    return kinds.get(prefix) if is_token(token, prefix) else None


def add_token_kind(config: Configurator, prefix: str, kind: TokenKind) -> None:
    """Accept tokens of another kind; ``tokens.py`` has the prefixes."""
    config.registry.token_kinds[prefix] = kind


def bearer_token(request: Request) -> str:
    """Return the token of the ``Authorization`` header; empty if there is none."""
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return str(token).strip(" ") if scheme.lower() == "bearer" else ""


class BearerPolicy(SecurityPolicy):
    """Authenticates callers by OAuth2 access tokens, or by tokens of other kinds."""

    def identity(self, request: Request) -> Identity | None:
        token = bearer_token(request)
        kind = kind_of(request.registry, token)
        if kind is None:
            return None
        row = find(request, token, kind.bearer)
        if row is None:
            return None
        if kind.used is not None:
            kind.used(request, row)
        return identity_of(request, row)

    def hold(self, request: Request) -> Identity | None:
        identity, token = request.identity, bearer_token(request)
        kind = kind_of(request.registry, token)
        if kind is None:
            return None
        if identity.user is None:
            row = find(request, token, HOLD_CLIENT, caller=identity.client_id)
        else:
            row = find(request, token, kind.hold, caller=identity.user_id)
        return identity_of(request, row) if row is not None else None


def find(request: Request, token: str, statement: Selection, **more: object) -> Row:
    """Return the row of a token, by the given statement, or None."""
    parameters = {"digest": digest(token), "now": now(), **more}
    return request.primary.row(statement, parameters)


def identity_of(request: Request, row: Row) -> Identity:
    """Return the Identity of a token's row.

    The user's columns are NULL if a client acts for itself.
    """
    user = row if row.id is not None else None
    roles = global_roles(
        user=user is not None,
        admin=user is not None and user.is_admin,
        internal=user is not None and user.is_internal,
    )
    strength, amr = strength_of(request.registry), row.amr or ()
    withheld = strength.withheld(user, amr) if user is not None else NOTHING
    return Identity(
        user=user,
        client_id=row.client_id,
        grant_id=row.grant_id,
        scopes=frozenset(row.scopes).intersection(row.default_scopes),
        roles=roles - withheld,
        withheld=withheld,
        lacking=strength.lacking,
        auth_time=row.auth_time,
        amr=amr,
        acr_values=classes_of(request.registry).met(row.amr),
        read_only=row.of_reader if user is None else is_read_only(user),
    )


def includeme(config: Configurator) -> None:
    config.registry.token_kinds = {ACCESS: TokenKind(BEARER, HOLD_USER)}
    config.add_directive("add_token_kind", add_token_kind)
    config.set_security_policy(BearerPolicy())
    config.add_subscriber(refuse_two_tokens, NewRequest)
