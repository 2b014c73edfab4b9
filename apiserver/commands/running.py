"""What every command is given: the application of an ini file, and a transaction."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from pyramid.router import Router
from sqlalchemy import select

import apiserver
from apiserver.auth.models import OAuth2Client
from apiserver.commands.options import add_options, quoted, read, sentences
from apiserver.core.db import Session
from apiserver.core.http import ApiError
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object
from apiserver.core.settings import databases, startup
from apiserver.core.settings import ini as file
from apiserver.core.settings.environment import from_environment
from apiserver.users.gates import closed
from apiserver.users.models import User
from apiserver.users.names import canonical

# Of a server alone: a command may be what fixes it.
LEFT_OUT = {"apiserver.prepare_database": "false"}


class CommandError(Exception):
    """The command can't be done; the sentence says why."""


@dataclass(frozen=True)
class Command:
    """A command: its options, and what is done with their values.

    ``run(registry, **values)`` returns what is printed. What is wrong it says by a
    CommandError, or by the errors that the API returns.
    """

    schema: type[Object]
    run: Callable[..., str]
    # What the registry is of; the command may be for want of it.
    on: Callable[[str], AbstractContextManager[object]] | None = None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        add_options(parser, self.schema)

    def perform(self, ini: str, options: argparse.Namespace) -> int:
        """Run the command on the application of an ini file; return the status."""
        try:
            values = read(self.schema, options)
            with (self.on or application)(ini) as registry:
                print(self.run(registry, **values))  # noqa: T201 (what it is for)
        except CommandError as error:
            return fail(error)
        except ApiError as error:
            return fail(*sentences(error, self.schema, options))
        except Exception as error:
            reason = startup.reason(error, ini)
            if reason is None:
                raise
            return fail(reason)
        return 0


def fail(*reasons: object) -> int:
    """Say why the command can't be done, a line for each reason."""
    for reason in reasons:
        sys.stderr.write(f"{reason}\n")
    return 1


@contextmanager
def application(ini: str) -> Iterator[Router]:
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
def transaction(registry: Registry) -> Iterator[Session]:
    engine = registry.engine
    with Session(engine, expire_on_commit=False) as db, db.begin():
        yield db


def find_user(db: Session, name: str) -> User:
    """Return the user of the name, locked; raise CommandError."""
    same_name = User.canonical_username == canonical(name)
    named = select(User.id).where(same_name).correlate(None).scalar_subquery()
    locked = select(User).where(closed(named), same_name)
    user = db.scalar(locked.with_for_update(key_share=True))
    if user is None:
        raise CommandError(f"There is no user {quoted(name)}.")
    return user


def find_client(db: Session, client_id: str) -> OAuth2Client:
    """Return the client, locked; raise CommandError."""
    named = OAuth2Client.client_id == client_id
    client = db.scalar(
        select(OAuth2Client).where(named).with_for_update(key_share=True)
    )
    if client is None:
        raise CommandError(f"There is no client {quoted(client_id)}.")
    return client
