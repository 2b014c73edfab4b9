"""Ends a program that can't start with one sentence and exit status 1."""

import gc
import sys
from collections.abc import Iterator
from configparser import Error as IniError
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from typing import Any

from pyramid.exceptions import ConfigurationError
from sqlalchemy.exc import DBAPIError

from apiserver.core.settings import databases, ini


def reason(error: BaseException, file: str = "production.ini") -> str | None:
    """Return the error and its remedy in one sentence; None for a bug.

    ``file`` is the ini file that the program was given.
    """
    file = ini.shown(file)
    # Pyramid may have wrapped it.
    error = getattr(error, "evalue", error)
    alembic: Any = sys.modules.get("alembic.util")
    match error:
        case ConfigurationError():
            return str(error)
        case DBAPIError():
            return databases.reason(error, file)
        case IniError():
            return ini.reason(error, file)
        case FileNotFoundError() if str(error.filename).endswith(".ini"):
            return f"There is no file {error.filename}."
        case PackageNotFoundError():
            return f"{file}: egg:{error.name} is not installed."
    # PasteDeploy raises LookupError itself; bugs raise subclasses.
    if type(error) is LookupError or (
        alembic is not None and isinstance(error, alembic.CommandError)
    ):
        return f"{str(error).removesuffix('.')}."
    return None


@contextmanager
def one_sentence(file: str = "production.ini") -> Iterator[None]:
    """End the program with one sentence after an error of settings or database."""
    try:
        yield
    except Exception as error:
        sentence = reason(error, file)
        if sentence is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        sys.exit(1)


@contextmanager
def without_collections() -> Iterator[None]:
    """Disable garbage collection in the block, then freeze the existing objects.

    Imports and an application create many objects and no garbage: collections would
    take a sixth of the start, and scan these objects for as long as the server runs.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
