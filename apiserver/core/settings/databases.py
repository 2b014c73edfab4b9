"""The URL of the database, and its errors in one sentence."""

import os
import re
import sqlite3
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from pyramid.exceptions import ConfigurationError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

DRIVERS = {"sqlite": "sqlite3", "postgresql": "psycopg"}
EXAMPLE = "such as postgresql://user:password@127.0.0.1:5432/example"
# In the query of the URL: PostgreSQL is behind a pooler (PgBouncer) in transaction
# mode.
POOLER = "pooler"
SET = "DATABASE_URL, or sqlalchemy.url,"

# What a pooler may do with startup options, instead of refusing them.
DROPPED = "startup options are dropped"

# Errors for a missing table or column, of PostgreSQL and SQLite.
_UNDEFINED = {"42P01", "42703"}
_NO_SUCH = re.compile(r"no such (table|column)|has no column named")
_POOLED = re.compile(rf"unsupported startup parameter: options|{DROPPED}")
# Errors that waiting doesn't fix: a wrong password, no such user or database.
_REFUSED = re.compile(
    r"authentication failed|no password supplied|(role|database) \"[^\"]*\" does not "
    rf"exist|no pg_hba\.conf entry|{_POOLED.pattern}"
)


def parse(text: str | URL) -> URL:
    """Parse the URL of a database; ``postgres://`` means ``postgresql://``.

    Raises ConfigurationError, which never repeats the text, since it has a password.
    """
    if isinstance(text, URL):
        return text
    text = re.sub(r"^postgres(?=\+|://)", "postgresql", text.strip())
    if not text:
        raise ConfigurationError("No database: set DATABASE_URL, or sqlalchemy.url.")
    try:
        url = make_url(text)
        if url.port is not None and not 0 < url.port < 2**16:
            raise ValueError(url.port)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"{SET} must be a database URL, {EXAMPLE} (in a password, write @ as %40 "
            "and / as %2F)."
        ) from None
    check_driver(url)
    if url.query.get(POOLER, "transaction") != "transaction":
        raise ConfigurationError(f"{SET} only supports {POOLER}=transaction.")
    return literal(url, text)


def literal(url: URL, text: str) -> URL:
    """Return the URL with SQLite's path taken literally, if its folder exists.

    SQLAlchemy would unquote it, but a folder may be called ``50%25``.
    """
    path = text.partition(":///")[2].partition("?")[0]
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and path != url.database and Path(path).parent.is_dir():
        return url.set(database=path)
    return url


def check_driver(url: URL) -> None:
    """Raise ConfigurationError for an unsupported database or driver."""
    name, _, driver = url.drivername.partition("+")
    if name not in DRIVERS or driver not in {"", DRIVERS[name], "pysqlite"}:
        raise ConfigurationError(
            f"{SET} begins with {url.drivername}://, which is not supported: use "
            "postgresql:// or sqlite:///."
        )
    if find_spec(DRIVERS[name]) is None:
        raise ConfigurationError(
            "PostgreSQL needs psycopg: pip install 'apiserver[postgresql]'."
        )


def check_file(url: URL) -> None:
    """Raise ConfigurationError for a file that can't be an SQLite database."""
    name = url.database or ""
    if (
        url.get_backend_name() != "sqlite"
        or name in {"", ":memory:"}
        or "uri" in (url.query)
    ):
        return
    path = Path(name)
    if not path.parent.is_dir():
        wrong = f"the folder {path.parent} does not exist"
    elif path.is_dir():
        wrong = "it is a folder"
    elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
        wrong = "the file can't be read and written"
    elif not path.exists() and not os.access(path.parent, os.W_OK):
        wrong = f"the folder {path.parent} can't be written"
    elif path.exists() and not is_sqlite(path):
        wrong = "the file is not an SQLite database"
    else:
        return
    raise ConfigurationError(
        f"The database can't be {path}: {wrong}. Set DATABASE_URL, or sqlalchemy.url, "
        "to another one."
    )


def is_sqlite(path: Path) -> bool:
    """Whether the file is a database, or empty, as before its first table.

    Opened by SQLite, since closing the file otherwise would drop all locks that this
    process has on it (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    finally:
        connection.close()
    return True


def check(settings: Mapping[str, str]) -> None:
    """Raise ConfigurationError if the settings name no usable database."""
    check_file(parse(settings.get("sqlalchemy.url", "")))


def server_options(query: Mapping[str, str | tuple[str, ...]]) -> str:
    """Return the operator's PostgreSQL options, from the URL or else PGOPTIONS."""
    given = query.get("options", os.environ.get("PGOPTIONS", ""))
    return given if isinstance(given, str) else " ".join(given)


def is_not_migrated(error: BaseException) -> bool:
    """Whether a table or column is missing."""
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in _UNDEFINED or bool(_NO_SUCH.search(str(error.orig)))


def is_refused(error: BaseException) -> bool:
    """Whether the server rejects this user or database for good."""
    return isinstance(error, DBAPIError) and bool(_REFUSED.search(str(error.orig)))


def is_pooled(error: DBAPIError) -> bool:
    """Whether there is an undeclared pooler."""
    return bool(_POOLED.search(str(error.orig)))


def is_sqlite_error(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("sqlite3")


def reason(error: DBAPIError, ini: str = "production.ini") -> str:
    """Explain an error of the database in one sentence, with the remedy."""
    said = " ".join(str(error.orig).split()).removesuffix(".")
    if is_not_migrated(error):
        return (
            f"The database is not migrated ({said.split(' LINE ')[0]}): "
            f"alembic -c {ini} upgrade head."
        )
    if is_pooled(error):
        return (
            f"The database is behind a pooler ({said.rpartition('FATAL: ')[2]}): add "
            f"?{POOLER}=transaction to DATABASE_URL."
        )
    # Errors of the server itself have a code.
    if getattr(error.orig, "sqlstate", None) is None and not is_sqlite_error(error):
        return f"The database can't be reached: {said}. Check DATABASE_URL."
    return f"The database refuses this: {said}."
