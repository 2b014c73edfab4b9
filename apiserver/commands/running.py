"""What every command is given: the application of an ini file, and a transaction."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import apiserver
from apiserver.auth.models import OAuth2Client
from apiserver.core import databases
from apiserver.core import ini as file
from apiserver.core.environment import from_environment
from apiserver.users.models import User, canonical

Options = argparse.Namespace

# Of a server alone: a command may be what mends it.
LEFT_OUT = {"apiserver.prepare_database": "false"}


class CommandError(Exception):
    """The command can't be done; the sentence says why."""


@contextmanager
def application(ini: str) -> Iterator[Any]:
    """Make the application of an ini file, and yield its registry.

    Raises what ``startup.reason`` makes a sentence of.
    """
    file.check(ini)
    loader = file.loader(ini)
    loader.setup_logging()
    settings = {**loader.get_wsgi_app_settings(), **LEFT_OUT}
    databases.check(from_environment(settings))
    about = {"__file__": ini, "command": "true"}
    registry = apiserver.main(about, **settings).registry
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


def ask_password() -> str:
    """Ask for a password; raise CommandError for none."""
    password = getpass.getpass("Password: ")
    if not password:
        raise CommandError("The password is empty.")
    return password


def find_user(db: Session, name: str) -> User:
    """Return the user of the name, locked; raise CommandError."""
    same_name = User.canonical_username == canonical(name)
    user = db.scalar(select(User).where(same_name).with_for_update())
    if user is None:
        raise CommandError(f"There is no user {name}.")
    return user


def find_client(db: Session, client_id: str) -> OAuth2Client:
    """Return the client, locked; raise CommandError."""
    named = OAuth2Client.client_id == client_id
    client = db.scalar(select(OAuth2Client).where(named).with_for_update())
    if client is None:
        raise CommandError(f"There is no client {client_id}.")
    return client
