"""The demo data of development: four users with well-known passwords, one client.

Never for production: whoever has read the documentation knows the passwords.
"""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import digest
from apiserver.users.actions import create_user
from apiserver.users.hashing import hash_password, password_matches
from apiserver.users.models import User

CLIENT_ID = "documentation"
CLIENT_SECRET = "KQ()SWK)SQK)QWSKQW(SKQ)S(QWSQW(SJ*HQ&HQW*SQ*^SSQWSGQSG"  # noqa: S105
# Swagger UI's redirect URI, at any port of this machine.
REDIRECT_URI = "http://127.0.0.1:5000/api/v1/oauth2-redirect"
CLIENT = {
    "client_id": CLIENT_ID,
    "client_type": "public",
    "redirect_uris": (REDIRECT_URI,),
    "grant_types": (
        "authorization_code",
        "password",
        "refresh_token",
        "client_credentials",
    ),
    "first_party": True,
}

ROLES = {
    "root": {"is_admin": True},
    "user": {},
    "internal": {"is_internal": True},
    "documentation": {"is_active": False},
}
PASSWORDS = {"root": "q", "user": "w", "internal": "q", "documentation": "w"}
LOGIN = ("root", PASSWORDS["root"])


class NotEmpty(Exception):
    """The database has users, which the demo data must not mix with."""


def is_empty(db: Session) -> bool:
    """Whether there are no users."""
    return db.scalar(select(User.id).limit(1)) is None


def create(db: Session, *, scopes: Iterable[str]) -> None:
    """Create the demo users and their client; raise NotEmpty if there are users."""
    if not is_empty(db):
        raise NotEmpty("The database is not empty.")
    users = {
        name: create_user(
            db,
            username=name,
            email=f"{name}@localhost",
            password_digest=hash_password(PASSWORDS[name]),
            **roles,
        )
        for name, roles in ROLES.items()
    }
    db.add(
        OAuth2Client(
            **CLIENT,
            secret_digest=digest(CLIENT_SECRET),
            user_id=users["documentation"].id,
            default_scopes=tuple(scopes),
        )
    )
    db.flush()


def known_accounts(db: Session) -> list[str]:
    """Return the names of the accounts that have a demo password."""
    named = select(User).where(User.canonical_username.in_(PASSWORDS), User.is_active)
    return [
        user.username
        for user in db.scalars(named.order_by(User.id))
        if password_matches(user.password_digest, PASSWORDS[user.canonical_username])
    ]


def known_clients(db: Session) -> list[str]:
    """Return the ids of the clients that have the demo secret."""
    known = OAuth2Client.secret_digest == digest(CLIENT_SECRET)
    selected = select(OAuth2Client.client_id).where(known, OAuth2Client.enabled)
    return list(db.scalars(selected))


def update_client(db: Session, *, scopes: Iterable[str]) -> None:
    """Give the demo client all scopes."""
    db.execute(
        update(OAuth2Client)
        .where(
            OAuth2Client.client_id == CLIENT_ID,
            OAuth2Client.default_scopes != tuple(scopes),
        )
        .values(default_scopes=tuple(scopes))
    )
