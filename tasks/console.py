"""What the tasks share: how they fail, start programs, and find an application.

``load`` imports what only a running task needs, so that ``invoke --list`` is fast.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NoReturn

from invoke.collection import Collection
from invoke.exceptions import Exit

from apiserver import commands
from apiserver.core.settings import startup

ROOT = Path(__file__).parent.parent
# The programs of the environment that runs the tasks, whether or not it is activated.
PROGRAMS = Path(sys.executable).parent

DEVELOPMENT = "development.ini"
INI = f"The settings file; {DEVELOPMENT} by default."


def load(name: str) -> Any:
    """Import and return ``package.module:name``."""
    return resolve_name(name)


def fail(reason: object) -> NoReturn:
    """Print one sentence and exit with status 1."""
    raise Exit(" ".join(str(reason).split()), code=1)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Fail with one sentence if an option or setting leads to an error."""
    try:
        yield
    except Exception as error:
        reason = startup.reason(error)
        if reason is None:
            raise
        fail(reason)


def guard(collection: Collection) -> Collection:
    """Make each task of a collection fail with one sentence."""
    for each in collection.tasks.values():
        each.body = guarded(each.body)
    for below in collection.collections.values():
        guard(below)
    return collection


def guarded(body: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(body)
    def run(*arguments: Any, **options: Any) -> Any:
        with one_sentence():
            return body(*arguments, **options)

    return run


@contextmanager
def application(ini: str) -> Iterator[Any]:
    """Create the application of an ini file, and yield its registry."""
    with load("apiserver.commands.running:application")(ini) as registry:
        yield registry


def own_document(registry: Any) -> Any:
    """Return the Swagger 2.0 document of an application."""
    return load("apiserver.core.openapi:own_document")(registry)


def operate(*arguments: str) -> None:
    """Run the command ``apiserver``, which reports its own errors."""
    status = commands.main(arguments)
    if status:
        raise Exit(code=status)


def choose(what: str, value: str, choices: tuple[str, ...]) -> None:
    """Fail if a value is none of the choices."""
    if value not in choices:
        fail(f"There is no {what} {value}. Choose one of {', '.join(choices)}.")


def become(program: str, *arguments: str) -> NoReturn:
    """Replace this process with another program, which gets terminal and signals."""
    sys.stdout.flush()
    path = str(PROGRAMS / program)
    os.execv(path, [path, *arguments])  # noqa: S606 (no shell is needed)
