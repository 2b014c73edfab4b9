"""Makes rows for tests, with everything that the test doesn't care about filled in."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from apiserver.auth.models import BrowserSession, OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import ACCESS, SECRET, SESSION, digest
from apiserver.auth.tokens import make_token as new_token
from apiserver.core.db import now
from apiserver.core.files.folder import Folder
from apiserver.core.files.models import StoredObject
from apiserver.users.models import User
from tests.settings import ROOT, SHIPPED

PASSWORD = "correct horse battery"
# As cheap to verify as argon2id can be: tests do it a thousand times.
HASHER = PasswordHasher(1, 8, 1)
PASSWORD_DIGEST = HASHER.hash(PASSWORD)
CLIENT_SECRET = new_token(SECRET)

# Of clients: those of users, and of teams where there are some.
DEFAULT_SCOPES = tuple(f"{n}:read" for n in ("users", "teams") if n in SHIPPED.split())

_numbers = count(1)

# The accounts that differ in what they may do.
KINDS: dict[str, dict[str, bool]] = {
    "regular": {},
    "read_only": {"is_regular_user": False},
    "inactive": {"is_active": False},
    "admin": {"is_admin": True},
    "internal": {"is_internal": True, "is_regular_user": False},
}


def make_user(db: Session, kind: str = "regular", **columns: Any) -> User:
    """Make an account of a kind; its password is ``PASSWORD``."""
    number = next(_numbers)
    values = {
        "username": f"user{number}",
        "email": f"user{number}@example.com",
        "password_digest": PASSWORD_DIGEST,
        **KINDS[kind],
        **columns,
    }
    user = User(**values)
    db.add(user)
    db.commit()
    return user


def store_object(db: Session, body: bytes, media_type: str) -> dict[str, Any]:
    """Store a file where testing.ini says; return the columns of its row."""
    storage = Folder(ROOT / "build/files")
    storage.prepare(may_make=True)
    key = secrets.token_hex(16)
    storage.put(key, iter([body]))
    db.add(StoredObject(key=key))
    db.flush()
    return {
        "object_key": key,
        "name": "a.txt",
        "media_type": media_type,
        "size": len(body),
        "sha256": sha256(body).hexdigest(),
    }


def make_team(
    db: Session,
    title: str = "Engineers",
    *,
    leaders: Iterable[User] = (),
    members: Iterable[User] = (),
) -> Any:
    """Make a team of the given users, where the project has teams."""
    models = import_module("apiserver.teams.models")
    team = models.Team(title=title)
    db.add(team)
    db.flush()
    for users, is_leader in ((leaders, True), (members, False)):
        db.add_all(
            models.TeamMember(team_id=team.id, user_id=user.id, is_leader=is_leader)
            for user in users
        )
    db.commit()
    return team


def make_team_of(db: Session, caller: Any, role: str | None, *members: User) -> Any:
    """Make a team in which the caller has a role, if any; others lead it, too."""
    mine = {"team:leader": "leaders", "team:member": "members"}.get(role or "")
    people = {"leaders": [make_user(db)], "members": [*members]}
    if mine:
        people[mine].append(caller)
    return make_team(db, **people)


def make_session(db: Session, user: User, **columns: Any) -> BrowserSession:
    """Make a session of the user in a browser."""
    values = {
        "digest": digest(new_token(SESSION)),
        "user_id": user.id,
        "user_epoch": user.epoch,
        "idle_expires": now() + timedelta(hours=1),
        "absolute_expires": now() + timedelta(hours=12),
        "auth_time": now(),
        "last_seen": now(),
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Firefox/150.0",
        "address": "192.0.2.7",
        **columns,
    }
    session = BrowserSession(**values)
    db.add(session)
    db.commit()
    return session


def make_client(db: Session, owner: User | None = None, **columns: Any) -> OAuth2Client:
    """Make a confidential OAuth2 client whose secret is ``CLIENT_SECRET``."""
    owner = owner or make_user(db)
    values = {
        "client_id": f"client{next(_numbers)}",
        "user_id": owner.id,
        "client_type": "confidential",
        "secret_digest": digest(CLIENT_SECRET),
        "grant_types": ("client_credentials", "password", "refresh_token"),
        "default_scopes": DEFAULT_SCOPES,
        "redirect_uris": (),
        **columns,
    }
    client = OAuth2Client(**values)
    db.add(client)
    db.commit()
    return client


def make_token(
    db: Session,
    user: User | None = None,
    *,
    scopes: Iterable[str],
    client: OAuth2Client | None = None,
    lifetime: timedelta = timedelta(hours=1),
    amr: tuple[str, ...] = ("pwd",),
) -> str:
    """Issue an access token to the user, who has just signed in; or to the client."""
    scopes = tuple(scopes)
    client = client or make_client(db, user, default_scopes=scopes)
    grant = OAuth2Grant(
        client_id=client.id,
        client_epoch=client.epoch,
        user_id=user.id if user else None,
        user_epoch=user.epoch if user else None,
        grant_type="password" if user else "client_credentials",
        granted_scopes=scopes,
        absolute_expires=now() + lifetime,
        auth_time=now() if user else None,
        amr=amr if user else None,
    )
    db.add(grant)
    db.flush()
    token = new_token(ACCESS)
    db.add(
        OAuth2Token(
            digest=digest(token),
            grant_id=grant.id,
            kind="access",
            scopes=scopes,
            expires=now() + lifetime,
        )
    )
    db.commit()
    return token
