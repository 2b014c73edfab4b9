"""Changes to OAuth2 clients and grants, shared by views and commands."""

import secrets
from collections.abc import Collection, Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Self

from sqlalchemy import bindparam, delete, insert, update

from apiserver.auth.models import BrowserSession, OAuth2Client, OAuth2Grant
from apiserver.auth.resources import CLIENT
from apiserver.auth.tokens import SECRET, digest, make_token
from apiserver.core.db import Session, UTCDateTime, Words, now
from apiserver.core.http import Conflict, ValidationFailed
from apiserver.core.schemas import Patch
from apiserver.users.models import User

INSERT_CLIENT = insert(OAuth2Client).returning(*CLIENT)
DELETE_CLIENT = delete(OAuth2Client).where(
    OAuth2Client.client_id == bindparam("client_id")
)
REVOKE_GRANT = (
    update(OAuth2Grant)
    .where(OAuth2Grant.id == bindparam("grant_id"), OAuth2Grant.revoked.is_(None))
    .values(
        revoked=bindparam("moment", type_=UTCDateTime),
        revoke_reason=bindparam("reason"),
    )
    .execution_options(synchronize_session=False)
)
REVOKE_GRANTS = (
    update(OAuth2Grant)
    .where(
        OAuth2Grant.user_id == bindparam("owner_id"),
        OAuth2Grant.client_id == bindparam("client_key"),
        OAuth2Grant.revoked.is_(None),
    )
    .values(
        revoked=bindparam("moment", type_=UTCDateTime),
        revoke_reason=bindparam("reason"),
    )
    .execution_options(synchronize_session=False)
)
KEEP_GRANT = (
    update(OAuth2Grant)
    .where(
        OAuth2Grant.id == bindparam("kept_id"),
        OAuth2Grant.user_id == bindparam("owner_id"),
        OAuth2Grant.user_epoch == bindparam("epoch") - 1,
        OAuth2Grant.revoked.is_(None),
    )
    .values(user_epoch=bindparam("epoch"), amr=bindparam("amr", type_=Words))
    .execution_options(synchronize_session=False)
)
END_GRANTS = (
    update(User)
    .where(User.id == bindparam("user_id"))
    .values(epoch=User.epoch + 1)
    .execution_options(synchronize_session=False)
)
END_SESSIONS = delete(BrowserSession).where(
    BrowserSession.user_id == bindparam("user_id")
)


class NoSecret(Conflict):
    """Public clients can't keep a secret, so they have none."""

    sentence = "Public clients have no secret."


class ScopesRefused(ValidationFailed):
    """Callers can't grant scopes that they lack: those at ``indexes`` of the list."""

    def __init__(self, *indexes: int) -> None:
        super().__init__(
            *(
                ("body", f"default_scopes.{index}", "You can't grant this scope.")
                for index in indexes
            )
        )

    @classmethod
    def example(cls) -> Self:
        return cls(0)


class NoClientCredentials(ValidationFailed):
    """A public client can't authenticate."""

    def __init__(self) -> None:
        sentence = "Public clients can't use client credentials."
        super().__init__(("body", "grant_types", sentence))


def check_scopes(scopes: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise ScopesRefused for scopes that aren't allowed."""
    known = set(allowed)
    beyond = [index for index, scope in enumerate(scopes) if scope not in known]
    if beyond:
        raise ScopesRefused(*beyond)


def create_client(
    db: Session,
    *,
    user_id: int,
    client_type: str,
    grant_types: Collection[str],
    **more: object,
) -> SimpleNamespace:
    """Create a client; the result has its ``client_secret``, which is not stored.

    Raises NoClientCredentials for a public client with that grant type.
    """
    confidential = client_type == "confidential"
    if not confidential and "client_credentials" in grant_types:
        raise NoClientCredentials
    secret = make_token(SECRET) if confidential else None
    values = {
        "client_id": secrets.token_hex(16),
        "user_id": user_id,
        "client_type": client_type,
        "grant_types": grant_types,
        "secret_digest": digest(secret) if secret else None,
        **more,
    }
    client = db.execute(INSERT_CLIENT, values).one()
    return SimpleNamespace(**client._asdict(), client_secret=secret)


def patch_client(
    client: OAuth2Client, patch: Patch, *, allowed_scopes: Iterable[str]
) -> set[str]:
    """Change a client, whose row is locked; return the names of the changed fields.

    It may keep its scopes; new ones must be allowed. Disabling it revokes all its
    grants. Raises the errors of the patch.
    """
    changes = patch.apply(client)
    if "default_scopes" in changes:
        check_scopes(
            changes["default_scopes"], {*allowed_scopes, *client.default_scopes}
        )
    if changes.get("enabled") is False:
        client.disable()
    for name, value in changes.items():
        setattr(client, name, value)
    return set(changes)


def rotate_secret(client: OAuth2Client, *, overlap: timedelta) -> str:
    """Give a client a new secret, and return it; the old one works during the overlap.

    Raises NoSecret for a public client.
    """
    if client.client_type == "public":
        raise NoSecret
    secret = make_token(SECRET)
    client.previous_secret_digest = client.secret_digest
    client.previous_secret_expires = now() + overlap
    client.secret_digest = digest(secret)
    return secret


def delete_client(db: Session, *, client_id: str) -> None:
    """Delete a client with all its grants."""
    db.execute(DELETE_CLIENT, {"client_id": client_id})


def revoke_grant(db: Session, *, grant_id: int, reason: str) -> None:
    """Revoke a grant, if it isn't revoked."""
    parameters = {"grant_id": grant_id, "moment": now(), "reason": reason}
    db.execute(REVOKE_GRANT, parameters)


def revoke_grants(db: Session, *, user_id: int, client_key: int, reason: str) -> int:
    """Revoke the grants of a user to a client; return their number.

    ``client_key`` is the id of the client's row.
    """
    parameters = {"owner_id": user_id, "client_key": client_key, "moment": now()}
    return db.run(REVOKE_GRANTS, {**parameters, "reason": reason})


def keep_grant(
    db: Session, *, grant_id: int | None, user_id: int, epoch: int, amr: Iterable[str]
) -> None:
    """Keep a grant that its own user's change has just ended.

    The user has authenticated further: ``amr`` has all methods.
    """
    values = {"kept_id": grant_id, "owner_id": user_id, "epoch": epoch, "amr": amr}
    db.execute(KEEP_GRANT, values)


def end_all_grants(db: Session, *, user_id: int) -> None:
    """Revoke all tokens of a user, and end all their browser sessions."""
    db.execute(END_GRANTS, {"user_id": user_id})
    db.execute(END_SESSIONS, {"user_id": user_id})
