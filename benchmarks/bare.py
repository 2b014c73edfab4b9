"""The limit: the same answers by a bare WSGI function, the driver, and orjson.

It sends the fewest statements that the task needs, as text, and it checks, routes and
documents nothing. What the application needs beyond it is what the framework costs.
"""

import re
import secrets
import sqlite3
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
from sqlalchemy import make_url

CALLER = """
    SELECT u.id, u.username, u.first_name, u.middle_name, u.last_name, u.email,
        u.created, u.updated, u.is_active, u.is_regular_user, u.is_admin, t.scopes
    FROM oauth2_token t
    JOIN oauth2_grant g ON g.id = t.grant_id
    JOIN oauth2_client c ON c.id = g.client_id
    JOIN "user" u ON u.id = g.user_id
    WHERE t.digest = :digest AND t.kind = 'access' AND t.expires > :now
        AND g.revoked IS NULL AND c.enabled AND c.epoch = g.client_epoch
        AND u.is_active AND u.epoch = g.user_epoch"""
TEAMS = """
    SELECT id, title, (SELECT count(*) FROM team) FROM team
    ORDER BY id LIMIT :limit OFFSET :offset"""
TEAM = """
    SELECT t.id, t.title, t.created, t.updated, m.is_leader FROM team t
    LEFT JOIN team_member m ON m.team_id = t.id AND m.user_id = :caller
    WHERE t.id = :team"""
MEMBERS = """
    SELECT u.id, u.username, u.first_name, u.middle_name, u.last_name, m.is_leader
    FROM team_member m JOIN "user" u ON u.id = m.user_id
    WHERE m.team_id = :team ORDER BY u.id"""
INSERT_TEAM = """
    INSERT INTO team (title, created, updated) VALUES (:title, :now, :now)
    RETURNING id, title, created, updated"""
UPDATE_TEAM = "UPDATE team SET title = :title, updated = :now WHERE id = :team"
INSERT_MEMBER = """
    INSERT INTO team_member (team_id, user_id, is_leader) VALUES (:team, :user, true)"""
CLIENT = """
    SELECT id, secret_digest, default_scopes, grant_types, epoch FROM oauth2_client
    WHERE client_id = :client AND enabled"""
INSERT_GRANT = """
    INSERT INTO oauth2_grant
        (client_id, grant_type, granted_scopes, client_epoch, created, absolute_expires)
    VALUES (:client, 'client_credentials', :scopes, :epoch, :now, :expires)
    RETURNING id"""
ISSUE = """
    INSERT INTO oauth2_token (digest, grant_id, kind, scopes, created, expires)
    VALUES (:digest, :grant, 'access', :scopes, :now, :expires)"""

USER = ("id", "username", "first_name", "middle_name", "last_name")
USER_DETAIL = (
    *USER,
    *("email", "created", "updated", "is_active", "is_regular_user", "is_admin"),
)
TEAM_DETAIL = ("id", "title", "created", "updated")


Execute = Callable[..., Any]


def connect(url: str) -> tuple[Execute, str]:
    """Return how statements are executed, and the one that begins a transaction.

    Outside of a transaction each statement is committed by itself.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(str(parsed.database), isolation_level=None)
        return connection.execute, "BEGIN IMMEDIATE"
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(dsn, autocommit=True)
    return (
        lambda statement, *more: connection.execute(psycopg_style(statement), *more)
    ), "BEGIN"


@cache
def psycopg_style(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


def now() -> datetime:
    return datetime.now(UTC)


def caller(execute: Execute, environ: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the user that the bearer token stands for."""
    secret = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    parameters = {"digest": sha256(secret.encode()).digest(), "now": str(now())}
    row = execute(CALLER, parameters).fetchone()
    return dict(zip(USER_DETAIL, row, strict=False))


def read_me(execute: Execute, environ: dict[str, Any]) -> Any:
    return caller(execute, environ)


def list_teams(execute: Execute, environ: dict[str, Any]) -> Any:
    caller(execute, environ)
    limit = int(parse_qs(environ["QUERY_STRING"])["limit"][0])
    rows = execute(TEAMS, {"limit": limit, "offset": 0}).fetchall()
    return [{"id": id_, "title": title} for id_, title, total in rows]


def read_team(execute: Execute, environ: dict[str, Any]) -> Any:
    user = caller(execute, environ)
    key = int(environ["PATH_INFO"].rpartition("/")[2])
    row = execute(TEAM, {"team": key, "caller": user["id"]}).fetchone()
    members = execute(MEMBERS, {"team": key}).fetchall()
    return team_document(
        row,
        [
            {"user": dict(zip(USER, user, strict=False)), "is_leader": user[-1]}
            for user in members
        ],
    )


def create_team(execute: Execute, environ: dict[str, Any]) -> Any:
    user = caller(execute, environ)
    title = orjson.loads(environ["wsgi.input"].read())["title"]
    row = execute(INSERT_TEAM, {"title": title, "now": str(now())}).fetchone()
    execute(INSERT_MEMBER, {"team": row[0], "user": user["id"]})
    summary = {name: user[name] for name in USER}
    return team_document(row, [{"user": summary, "is_leader": True}])


def patch_team(execute: Execute, environ: dict[str, Any]) -> Any:
    """Change the title, and read the team as it is then."""
    caller(execute, environ)
    key = int(environ["PATH_INFO"].rpartition("/")[2])
    title = orjson.loads(environ["wsgi.input"].read())[0]["value"]
    execute(UPDATE_TEAM, {"title": title, "now": str(now()), "team": key})
    return read_team(execute, environ)


def team_document(row: tuple[Any, ...], members: list[Any]) -> Any:
    return dict(zip(TEAM_DETAIL, row, strict=False)) | {"members": members}


def issue_token(execute: Execute, environ: dict[str, Any]) -> Any:
    """Answer client credentials (RFC 6749 section 4.4)."""
    basic = b64decode(environ["HTTP_AUTHORIZATION"].removeprefix("Basic ")).decode()
    name, _, secret = basic.partition(":")
    form = parse_qs(environ["wsgi.input"].read().decode())
    client, stored, scopes, grant_types, epoch = execute(
        CLIENT, {"client": name}
    ).fetchone()
    if form["grant_type"][0] not in grant_types.split() or not compare_digest(
        stored, sha256(secret.encode()).digest()
    ):
        raise PermissionError
    token = secrets.token_urlsafe(32)
    values = {
        "client": client,
        "scopes": scopes,
        "epoch": epoch,
        "now": str(now()),
        "expires": str(now() + timedelta(seconds=900)),
        "digest": sha256(token.encode()).digest(),
    }
    values["grant"] = execute(INSERT_GRANT, values).fetchone()[0]
    execute(ISSUE, values)
    return {"access_token": token, "expires_in": 900, "token_type": "Bearer"}


def list_methods(execute: Execute, environ: dict[str, Any]) -> Any:
    return caller(execute, environ)["is_active"]


def read_document(execute: Execute, environ: dict[str, Any]) -> Any:
    return None


ROUTES = {
    ("GET", "/api/v1/users/me"): ("200 OK", read_me),
    ("GET", "/api/v1/teams/"): ("200 OK", list_teams),
    ("GET", "/api/v1/teams/1"): ("200 OK", read_team),
    ("PATCH", "/api/v1/teams/1"): ("200 OK", patch_team),
    ("POST", "/api/v1/teams/"): ("201 Created", create_team),
    ("POST", "/auth/oauth2/token"): ("200 OK", issue_token),
    ("OPTIONS", "/api/v1/teams/"): ("204 No Content", list_methods),
    ("GET", "/api/v1/swagger.json"): ("200 OK", read_document),
}


def make_limit(url: str) -> Callable[..., Iterable[bytes]]:
    """Make the WSGI function on one connection to the database."""
    execute, begin = connect(url)

    def limit(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        status, view = ROUTES[method, environ["PATH_INFO"]]
        if method in {"POST", "PATCH"}:
            execute(begin)
        body = orjson.dumps(view(execute, environ))
        if method in {"POST", "PATCH"}:
            execute("COMMIT")
        start_response(
            status,
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
            ],
        )
        return [body]

    return limit
