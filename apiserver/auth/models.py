"""OAuth2 clients, grants, codes and tokens; secrets are stored as digests.

::

    OAuth2Client ── OAuth2Grant ──┬── OAuth2Code
                        │         └── OAuth2Token
                        └── User, or none if a client acts for itself
    BrowserSession ── Consent   a question to the user, until it is answered

A grant is valid until it is revoked, and while the epochs of its client and user are
those at its creation: raising an epoch ends all their grants at once.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import (
    Connection,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    inspect,
    update,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, object_session

from apiserver.core.db import (
    Audited,
    Base,
    Bookkeeping,
    PrimaryKey,
    Timestamped,
    note,
    now,
)
from apiserver.users.models import User

CLIENT_TYPES = ("public", "confidential")
AUTH_METHODS = ("client_secret_basic", "client_secret_post")

# SHA-256 of a random value of at least 256 bits.
Digest = LargeBinary(32)


class OAuth2Client(Timestamped, Base):
    """An application that calls the API (RFC 6749 section 2).

    ``default_scopes`` are the scopes it may get, and gets if it requests none.
    """

    __tablename__ = "oauth2_client"
    __audit__ = Audited("client", ("client_id",))
    __table_args__ = (UniqueConstraint("client_id"),)

    id: Mapped[PrimaryKey]
    client_id: Mapped[str] = mapped_column(String(80))
    secret_digest: Mapped[bytes | None] = mapped_column(Digest)
    # During a rotation the old secret still works for a while.
    previous_secret_digest: Mapped[bytes | None] = mapped_column(Digest)
    previous_secret_expires: Mapped[datetime | None]
    # RFC 7591 section 2; empty means Basic or post.
    token_endpoint_auth_method: Mapped[str | None] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    client_type: Mapped[str] = mapped_column(String(20))
    redirect_uris: Mapped[tuple[str, ...]]
    default_scopes: Mapped[tuple[str, ...]]
    grant_types: Mapped[tuple[str, ...]]
    first_party: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)

    def disable(self) -> None:
        """Disable the client, and end its grants for good."""
        self.enabled = False
        self.end_grants()

    def end_grants(self) -> None:
        """End all grants of the client."""
        self.epoch += 1


@event.listens_for(User, "after_update")
def end_with_owner(mapper: Mapper[User], connection: Connection, user: User) -> None:
    """End all grants of a user's clients for good when the user is deactivated.

    Clients of an inactive owner get no new tokens, so this misses none.
    """
    if user.is_active or not inspect(user).attrs.is_active.history.has_changes():
        return
    theirs = (OAuth2Client.user_id == user.id, OAuth2Client.first_party.is_(False))
    ended = {"epoch": OAuth2Client.epoch + 1, "updated": OAuth2Client.updated}
    statement = update(OAuth2Client).where(*theirs).values(ended)
    result = connection.execute(statement)
    # During a flush there is a session.
    session = cast(Session, object_session(user))
    note(session, statement, {}, result.rowcount)


class OAuth2Grant(Base):
    """The scopes that a user has granted to a client, or that it has for itself."""

    __tablename__ = "oauth2_grant"
    __audit__ = Bookkeeping("Events tell of consent, of tokens, and of their end.")

    id: Mapped[PrimaryKey]
    client_id: Mapped[int] = mapped_column(
        ForeignKey(OAuth2Client.id, ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    grant_type: Mapped[str] = mapped_column(String(40))
    granted_scopes: Mapped[tuple[str, ...]]
    user_epoch: Mapped[int | None]
    client_epoch: Mapped[int]
    created: Mapped[datetime] = mapped_column(default=now)
    absolute_expires: Mapped[datetime] = mapped_column(index=True)
    # When and how the user had signed in; None for old grants, and clients' own.
    auth_time: Mapped[datetime | None]
    amr: Mapped[tuple[str, ...] | None]
    revoked: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(String(40))


class OAuth2Code(Base):
    """An authorization code, which can be used once."""

    __tablename__ = "oauth2_code"
    __audit__ = Bookkeeping("Events tell of consent, and of the tokens.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey(OAuth2Grant.id, ondelete="CASCADE"), index=True
    )
    redirect_uri: Mapped[str | None] = mapped_column(String(2000))
    code_challenge: Mapped[str] = mapped_column(String(128))
    expires: Mapped[datetime]
    consumed: Mapped[datetime | None]


class OAuth2Token(Base):
    """An access or a refresh token; a refresh token can be used once."""

    __tablename__ = "oauth2_token"
    __audit__ = Bookkeeping(
        "An event tells that it was issued, and that its grant ended."
    )

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey(OAuth2Grant.id, ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    scopes: Mapped[tuple[str, ...]]
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
    consumed: Mapped[datetime | None]
    parent_digest: Mapped[bytes | None] = mapped_column(Digest)


class BrowserSession(Base):
    """A browser in which a user has signed in, with the digest of its cookie.

    ``amr`` are the methods of the sign-in (RFC 8176), ``auth_time`` is its time.
    """

    __tablename__ = "browser_session"
    __audit__ = Bookkeeping("Events tell of signing in and out.")
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[PrimaryKey]
    digest: Mapped[bytes] = mapped_column(Digest)
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    user_epoch: Mapped[int]
    created: Mapped[datetime] = mapped_column(default=now)
    idle_expires: Mapped[datetime]
    absolute_expires: Mapped[datetime]
    # None for old sessions, which were created at the sign-in.
    auth_time: Mapped[datetime | None]
    amr: Mapped[tuple[str, ...]] = mapped_column(server_default="pwd")
    user_agent: Mapped[str] = mapped_column(String(200), server_default="")
    address: Mapped[str] = mapped_column(String(80), server_default="")
    last_seen: Mapped[datetime | None]


class Consent(Base):
    """A pending authorization request, which the user allows or denies once.

    ``parameters`` is its query, so that the browser can't change it in the answer.
    """

    __tablename__ = "oauth2_consent"
    __audit__ = Bookkeeping("The answer is an event.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    session_digest: Mapped[bytes] = mapped_column(
        ForeignKey(BrowserSession.digest, ondelete="CASCADE"), index=True
    )
    parameters: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime]
    consumed: Mapped[datetime | None]
