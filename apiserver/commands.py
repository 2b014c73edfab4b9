"""The command ``apiserver``: what an operator does besides serving.

::

    apiserver init-development-data development.ini
    apiserver create-user production.ini --username ada --email ada@example.com --admin
    apiserver create-client production.ini --owner ada --grant-type client_credentials
    apiserver purge-expired production.ini
"""

import argparse
import getpass
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from plaster.exceptions import PlasterError
from pyramid.exceptions import ConfigurationError
from pyramid.paster import get_appsettings, setup_logging
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import apiserver
from apiserver import demo
from apiserver.auth.actions import check_scopes, create_client
from apiserver.auth.models import CLIENT_TYPES
from apiserver.core.errors import ApiError
from apiserver.core.expiry import purge
from apiserver.prepare import migrate
from apiserver.users.actions import create_user
from apiserver.users.models import User, canonical

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", "password")

Options = argparse.Namespace


class CommandError(Exception):
    """The command can't be done; the sentence says why."""


def init_development_data(registry: Any, options: Options) -> str:
    """Migrate the database and fill in the demo data; refuse one that has users."""
    with registry.write_sessions.kw["bind"].begin() as connection:
        migrate(options.ini, connection)
    with transaction(registry) as db:
        demo.create(db, scopes=registry.scopes)
    return "The demo data is in the database."


def add_user(registry: Any, options: Options) -> str:
    """Create an account; the password is asked for."""
    password = getpass.getpass("Password: ")
    if not password:
        raise CommandError("The password is empty.")
    with transaction(registry) as db:
        user = create_user(
            db,
            username=options.username,
            email=options.email,
            password=password,
            is_admin=options.admin,
            is_internal=options.internal,
            is_regular_user=not options.read_only,
        )
    return f"User {user.username} has the id {user.id}."


def add_client(registry: Any, options: Options) -> str:
    """Create an OAuth2 client; its secret is shown only now."""
    scopes = options.scope or list(registry.scopes)
    check_scopes(scopes, registry.scopes)
    with transaction(registry) as db:
        name = User.canonical_username == canonical(options.owner)
        owner_id = db.scalar(select(User.id).where(name))
        if owner_id is None:
            raise CommandError(f"There is no user {options.owner}.")
        client = create_client(
            db,
            user_id=owner_id,
            client_type=options.client_type,
            grant_types=tuple(options.grant_type),
            redirect_uris=tuple(options.redirect_uri),
            default_scopes=tuple(scopes),
            first_party=options.first_party,
        )
    secret = client.client_secret or "none, it is public"
    return f"client_id: {client.client_id}\nclient_secret: {secret}"


def purge_expired(registry: Any, options: Options) -> str:
    """Delete what has expired, in batches; safe while the server runs."""
    engine = registry.write_sessions.kw["bind"]
    deleted: Counter[str] = Counter()
    for table, rows in purge(engine, registry, batch=options.batch):
        deleted[table] += rows
    return "\n".join(f"{table}: {rows} deleted" for table, rows in deleted.items())


@contextmanager
def application(ini: str) -> Iterator[Any]:
    """Make the application of an ini file, and yield its registry."""
    setup_logging(ini)
    settings = {**get_appsettings(ini), "apiserver.prepare_database": "false"}
    registry = apiserver.main({"__file__": ini}, **settings).registry
    try:
        yield registry
    finally:
        for sessions in (registry.write_sessions, registry.read_sessions):
            sessions.kw["bind"].dispose()


@contextmanager
def transaction(registry: Any) -> Iterator[Session]:
    engine = registry.write_sessions.kw["bind"]
    with Session(engine, expire_on_commit=False) as db, db.begin():
        yield db


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    commands = argparse.ArgumentParser(
        prog="apiserver",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = commands.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Any, Options], str]) -> argparse.ArgumentParser:
        subparser = subparsers.add_parser(
            name, help=run.__doc__, description=run.__doc__
        )
        subparser.add_argument("ini", help="the settings, as in development.ini")
        subparser.set_defaults(run=run)
        return subparser

    add("init-development-data", init_development_data)
    user_options(add("create-user", add_user))
    client_options(add("create-client", add_client))
    batch = add("purge-expired", purge_expired)
    batch.add_argument("--batch", type=int, default=1000, help="rows a transaction")
    return commands


def user_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--username", required=True)
    subparser.add_argument("--email", required=True)
    subparser.add_argument("--admin", action="store_true", help="may do everything")
    subparser.add_argument(
        "--internal", action="store_true", help="a service account of the operator"
    )
    subparser.add_argument("--read-only", action="store_true", help="changes nothing")


def client_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--owner", required=True, help="user name of the owner")
    subparser.add_argument(
        "--client-type", choices=CLIENT_TYPES, default="confidential"
    )
    several: dict[str, Any] = {"action": "append", "default": []}
    subparser.add_argument("--grant-type", choices=GRANT_TYPES, **several)
    subparser.add_argument("--redirect-uri", **several)
    subparser.add_argument("--scope", help="by default all", **several)
    subparser.add_argument(
        "--first-party", action="store_true", help="belongs to the operator"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        with application(options.ini) as registry:
            print(options.run(registry, options))  # noqa: T201 (its answer)
    except FileNotFoundError as error:
        return fail(f"There is no file {error.filename}.")
    except (CommandError, PlasterError, demo.NotEmpty) as error:
        return fail(error)
    except ConfigurationError as error:
        # Pyramid may have wrapped it.
        return fail(getattr(error, "evalue", error))
    except DBAPIError as error:
        return fail(error.orig)
    except ApiError as error:
        return fail(f"{error.detail} {list(error.members.get('errors', ()))}")
    return 0


def fail(reason: object) -> int:
    """Say why the command can't be done."""
    sys.stderr.write(f"{reason}\n")
    return 1
