"""The command ``apiserver``: what an operator does besides serving.

::

    apiserver init-development-data development.ini
    apiserver create-user production.ini --username ada --email ada@example.com --admin
    apiserver create-client production.ini --owner ada --grant-type client_credentials
    apiserver set-password production.ini --username ada
    apiserver rotate-secret production.ini --client CLIENT_ID
    apiserver revoke production.ini --user ada
    apiserver revoke production.ini --client CLIENT_ID --disable
    apiserver purge-expired production.ini
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from apiserver import demo
from apiserver.commands import access, create
from apiserver.commands.running import CommandError, Options, application
from apiserver.core import startup
from apiserver.core.errors import ApiError
from apiserver.core.expiry import purge


def purge_expired(registry: Any, options: Options) -> str:
    """Delete what has expired, in batches; safe while the server runs."""
    engine = registry.write_sessions.kw["bind"]
    deleted: Counter[str] = Counter()
    for table, rows in purge(engine, registry, batch=options.batch):
        deleted[table] += rows
    return "\n".join(f"{table}: {rows} deleted" for table, rows in deleted.items())


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

    add("init-development-data", create.init_development_data)
    create.user_options(add("create-user", create.add_user))
    create.client_options(add("create-client", create.add_client))
    access.password_options(add("set-password", access.set_password))
    access.secret_options(add("rotate-secret", access.new_secret))
    access.revoke_options(add("revoke", access.revoke))
    batch = add("purge-expired", purge_expired)
    batch.add_argument("--batch", type=int, default=1000, help="rows a transaction")
    return commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        with application(options.ini) as registry:
            print(options.run(registry, options))  # noqa: T201 (its answer)
    except (CommandError, demo.NotEmpty) as error:
        return fail(error)
    except ApiError as error:
        return fail(" ".join([error.detail, *blamed(error)]))
    except Exception as error:
        reason = startup.reason(error, options.ini)
        if reason is None:
            raise
        return fail(reason)
    return 0


def blamed(error: ApiError) -> list[str]:
    """Return what is wrong with which value, if the error says so."""
    return [str(each) for each in error.members.get("errors", ())]


def fail(reason: object) -> int:
    """Say why the command can't be done."""
    sys.stderr.write(f"{reason}\n")
    return 1
