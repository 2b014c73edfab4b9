"""The command that throws the database of development away, and no other."""

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path

from pyramid.settings import asbool
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from apiserver.commands.running import Command, CommandError
from apiserver.core.db import make_engines
from apiserver.core.schemas import Flag, Object
from apiserver.core.settings import databases, ini
from apiserver.core.settings.environment import from_environment

URL_SETTING = "sqlalchemy.url"

# Of PostgreSQL's schema all but what extensions have brought; tables go first, and take
# with them what is theirs.
THINGS = text("""
    SELECT kind, name FROM (
        SELECT oid, relname AS name, relnamespace AS schema, CASE relkind
            WHEN 'r' THEN '1 TABLE' WHEN 'p' THEN '1 TABLE'
            WHEN 'f' THEN '1 FOREIGN TABLE' WHEN 'v' THEN '2 VIEW'
            WHEN 'm' THEN '2 MATERIALIZED VIEW' WHEN 'S' THEN '3 SEQUENCE' END AS kind
        FROM pg_class
        UNION ALL
        SELECT oid, typname, typnamespace, '4 TYPE' FROM pg_type WHERE typtype = 'e'
    ) AS things
    WHERE kind IS NOT NULL AND schema = to_regnamespace(quote_ident(current_schema()))
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = things.oid AND deptype = 'e')
    ORDER BY kind
""")
USERS = text('SELECT count(*) FROM "user"')
DEMO_CLIENT = text("SELECT count(*) FROM oauth2_client WHERE client_id='documentation'")


class ResetOptions(Object):
    yes = Flag(
        missing=False,
        description="Don't ask before deleting the database of DATABASE_URL.",
    )


def reset(file: str, *, yes: bool) -> str:
    """Throw the database of an ini file away; say what comes next."""
    ini.check(file)
    own = ini.loader(file).get_wsgi_app_settings()
    values = from_environment(own)
    refuse_production(file, values)
    url = databases.parse(values.get(URL_SETTING, ""))
    databases.check_file(url)
    shown = url.render_as_string(hide_password=True)
    if values[URL_SETTING] != own.get(URL_SETTING) and not yes:
        confirm(shown)
    engine, _ = make_engines(url)
    refuse_foreign(engine, shown)
    if url.get_backend_name() == "sqlite":
        remove(url)
    else:
        with engine.begin() as connection:
            drop_everything(connection)
        engine.dispose()
    return f"Deleted {shown}. The server recreates it when it starts: make run."


def refuse_production(file: str, values: Mapping[str, str]) -> None:
    """Raise CommandError unless the settings are those of a developer."""
    if asbool(values.get("apiserver.production", "true")):
        raise CommandError(
            f"{file} is for production: only development databases can be reset."
        )
    if not asbool(values.get("apiserver.prepare_database", "false")):
        raise CommandError(
            f"{file} has apiserver.prepare_database = false: the server would not "
            "recreate the database, so it was not deleted."
        )


def confirm(shown: str) -> None:
    """Ask about a database that the environment names; raise CommandError for no."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(
            f"DATABASE_URL names {shown}: add --yes to delete it (make reset "
            "ARGS=--yes)."
        )
    try:
        answer = input(f"Delete everything in {shown}? [yes/no] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise CommandError("Nothing was deleted.")


def refuse_foreign(engine: Engine, shown: str) -> None:
    """Raise CommandError for a database with users, but without the demo data."""
    try:
        with engine.connect() as connection:
            users = connection.scalar(USERS)
            is_foreign = users and not connection.scalar(DEMO_CLIENT)
    except DBAPIError as error:
        if not databases.is_not_migrated(error):
            raise
        is_foreign = False
    finally:
        engine.dispose()
    if is_foreign:
        raise CommandError(
            f"{shown} has users, but not the client of the demo data: it is not a "
            "development database."
        )


def remove(url: URL) -> None:
    """Remove a file of SQLite; raise CommandError while something has it open."""
    path = Path(url.database or "")
    if path.exists():
        try:
            # It needs the file for itself.
            with closing(sqlite3.connect(path, timeout=1)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise CommandError(f"{path} is in use: stop the server first.") from error
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def drop_everything(connection: Connection) -> None:
    """Drop what is in the current schema of PostgreSQL."""
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    for kind, name in things(connection):
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        connection.execute(text(f"DROP {kind} IF EXISTS {quoted} CASCADE"))


def things(connection: Connection) -> Iterator[tuple[str, str]]:
    for kind, name in connection.execute(THINGS).all():
        yield kind.partition(" ")[2], name


# It may be the database that keeps an application from being made.
RESET = Command(ResetOptions, reset, on=nullcontext)
