"""A million rows in seconds: COPY into PostgreSQL, one transaction into SQLite."""

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from database import SCOPES
from sqlalchemy import Engine, func, select, text

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import ACCESS, digest, make_token
from apiserver.core.db import now
from apiserver.teams.models import Team
from apiserver.users.models import User

TOKENS_OF_GRANT = 10
# So many tokens of each lot are known in clear, spread over it.
KNOWN = 100

HOUR = timedelta(hours=1)


def add_rows(
    engine: Engine, model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert the rows, without the ORM and its types."""
    table, names = model.__table__.fullname, ", ".join(columns)
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        if engine.dialect.name == "postgresql":
            with raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join("?" for _ in columns)
            statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
            raw.executemany(statement, map(sqlite_row, rows))


def sqlite_row(row: Sequence[Any]) -> list[Any]:
    """Write moments as SQLAlchemy does."""
    return [
        f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
        for value in row
    ]


def settle(engine: Engine) -> None:
    """Do what PostgreSQL does by itself, some time after so many rows are new."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))


def add_teams(engine: Engine, number: int) -> None:
    """Insert teams, whose titles say nothing about the order of their ids."""
    chance, moment = random.Random(1), now()  # noqa: S311 (the same in each run)
    rows = (
        (f"{chance.getrandbits(64):016x}", moment + timedelta(milliseconds=n), moment)
        for n in range(number)
    )
    add_rows(engine, Team, ("title", "created", "updated"), rows)
    settle(engine)


def add_tokens(engine: Engine, number: int, *, lifetime: timedelta = HOUR) -> list[str]:
    """Insert access tokens of all users; return those that are known in clear."""
    expires = now() + lifetime
    first = add_grants(engine, -(-number // TOKENS_OF_GRANT), expires)
    known = [make_token(ACCESS) for _ in range(min(KNOWN, number))]
    digests = spread([digest(each) for each in known], number)
    scopes = " ".join(SCOPES)
    rows = (
        (each, first + n // TOKENS_OF_GRANT, "access", scopes, expires - HOUR, expires)
        for n, each in enumerate(digests)
    )
    columns = ("digest", "grant_id", "kind", "scopes", "created", "expires")
    add_rows(engine, OAuth2Token, columns, rows)
    settle(engine)
    return known


def spread(known: list[bytes], number: int) -> Iterator[bytes]:
    """Yield so many digests; the known ones come at equal distances."""
    distance = number // len(known)
    for n in range(number):
        place, rest = divmod(n, distance)
        yield known[place] if rest == 0 and place < len(known) else os.urandom(32)


def add_grants(engine: Engine, number: int, expires: datetime) -> int:
    """Insert grants of all users in turn; return the first id."""
    with engine.connect() as connection:
        users = list(connection.scalars(select(User.id)))
        [client] = connection.scalars(select(OAuth2Client.id))
    values = ("authorization_code", " ".join(SCOPES), 0, 0, expires - HOUR, expires)
    rows = ((client, users[n % len(users)], *values) for n in range(number))
    columns = ("client_id", "user_id", "grant_type", "granted_scopes")
    columns += ("user_epoch", "client_epoch", "created", "absolute_expires")
    add_rows(engine, OAuth2Grant, columns, rows)
    with engine.connect() as connection:
        last = connection.scalar(select(func.max(OAuth2Grant.id)))
    return int(last or 0) - number + 1
