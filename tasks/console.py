"""What the tasks share: how they fail, start programs, and find an application."""

import configparser
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from invoke.exceptions import Exit
from plaster.exceptions import PlasterError
from pyramid.exceptions import ConfigurationError
from sqlalchemy.exc import ArgumentError, DBAPIError

from apiserver import commands
from apiserver.commands import running

ROOT = Path(__file__).parent.parent
# The programs of the environment that runs the tasks, activated or not.
PROGRAMS = Path(sys.executable).parent

DEVELOPMENT = "development.ini"
INI = f"The settings, by default {DEVELOPMENT}."


def fail(reason: object) -> NoReturn:
    """End with one sentence on the terminal, and the exit status 1."""
    raise Exit(" ".join(str(reason).split()), code=1)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Fail with one sentence for what a wrong option, or setting, leads to."""
    try:
        yield
    except FileNotFoundError as error:
        fail(f"There is no file {error.filename}.")
    except (PlasterError, configparser.Error, LookupError) as error:
        fail(error)
    except ConfigurationError as error:
        # Pyramid may have wrapped it.
        fail(getattr(error, "evalue", error))
    except ArgumentError as error:
        fail(f"No database: set DATABASE_URL, or sqlalchemy.url. {error}.")
    except DBAPIError as error:
        fail(error.orig)


@contextmanager
def application(ini: str) -> Iterator[Any]:
    """Make the application of an ini file, and yield its registry."""
    with one_sentence(), running.application(ini) as registry:
        yield registry


def operate(*arguments: str) -> None:
    """Run the command ``apiserver``; it says itself what is wrong."""
    status = commands.main(arguments)
    if status:
        raise Exit(code=status)


def choose(what: str, value: str, choices: tuple[str, ...]) -> None:
    """Fail where a value is none of the choices."""
    if value not in choices:
        fail(f"There is no {what} {value}. Choose one of {', '.join(choices)}.")


def become(program: str, *arguments: str) -> NoReturn:
    """Go on as another program, which then has the terminal and its signals."""
    sys.stdout.flush()
    path = str(PROGRAMS / program)
    os.execv(path, [path, *arguments])  # noqa: S606 (no shell is needed)
