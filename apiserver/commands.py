"""The command ``apiserver``: what an operator does besides serving.

::

    apiserver init-development-data development.ini
"""

import argparse
import sys
from collections.abc import Sequence

from pyramid.paster import bootstrap, setup_logging
from sqlalchemy.orm import Session

from apiserver import demo
from apiserver.prepare import migrate


def init_development_data(ini: str) -> str:
    """Migrate the database and fill in the demo data; refuse one that has users."""
    with bootstrap(ini) as env:
        registry = env["registry"]
        engine = registry.write_sessions.kw["bind"]
        with engine.begin() as connection:
            migrate(ini, connection)
        with Session(engine) as db, db.begin():
            demo.create(db, scopes=registry.scopes)
    return "The demo data is in the database."


COMMANDS = {"init-development-data": init_development_data}


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    commands = argparse.ArgumentParser(prog="apiserver", description=__doc__)
    subparsers = commands.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=function.__doc__)
        subparser.add_argument("ini", help="the settings, as in development.ini")
    return commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    options = parser().parse_args(arguments)
    setup_logging(options.ini)
    try:
        print(COMMANDS[options.command](options.ini))  # noqa: T201 (its answer)
    except demo.NotEmpty as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
