"""The database that is measured on: made for it, migrated, always of the same rows."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session
from workloads import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    TEAM_SIZE,
    TEAMS,
    USERS,
)

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import make_engines, now
from apiserver.prepare import migrate
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User

INI = Path(__file__).parent.parent / "testing.ini"

SCOPES = ("users:read", "teams:read", "teams:write")


@contextmanager
def filled_database(server: str | None) -> Iterator[str]:
    """Make a database for the block, on the server or in a file; give its URL."""
    with new_postgresql(server) if server else new_sqlite() as url:
        engine, _ = make_engines(url)
        with engine.connect() as connection:
            migrate(INI, connection)
        with Session(engine) as db, db.begin():
            fill(db)
        engine.dispose()
        yield url


@contextmanager
def new_sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite:///{directory}/benchmark.db"


@contextmanager
def new_postgresql(server: str) -> Iterator[str]:
    name = f"apiserver_benchmark_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            url = make_url(server).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def fill(db: Session) -> None:
    """Insert users, teams, and a token of the first user, who leads the first team."""
    users = [make_user(number) for number in range(USERS)]
    teams = [Team(title=f"Team {n}") for n in range(TEAMS)]
    db.add_all([*users, *teams])
    db.flush()
    db.add_all(
        TeamMember(
            team_id=team.id,
            user_id=users[(number * TEAM_SIZE + place) % USERS].id,
            is_leader=place == 0,
        )
        for number, team in enumerate(teams)
        for place in range(TEAM_SIZE)
    )
    add_token(db, users[0])


def make_user(number: int) -> User:
    name = f"user{number}"
    no_password = {"password_digest": "-"}
    return User(username=name, email=f"{name}@example.com", **no_password)


def add_token(db: Session, user: User) -> None:
    expires = now() + timedelta(days=1)
    client = OAuth2Client(
        client_id=CLIENT_ID,
        secret_digest=digest(CLIENT_SECRET),
        user_id=user.id,
        client_type="confidential",
        default_scopes=SCOPES,
        grant_types=("client_credentials",),
        redirect_uris=(),
    )
    db.add(client)
    db.flush()
    grant = OAuth2Grant(
        client_id=client.id,
        client_epoch=client.epoch,
        user_id=user.id,
        user_epoch=user.epoch,
        grant_type="authorization_code",
        granted_scopes=SCOPES,
        absolute_expires=expires,
    )
    db.add(grant)
    db.flush()
    db.add(
        OAuth2Token(
            digest=digest(ACCESS_TOKEN),
            grant_id=grant.id,
            kind="access",
            scopes=SCOPES,
            expires=expires,
        )
    )
