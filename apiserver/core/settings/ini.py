"""Loads the ini file, and explains its errors in one sentence.

PasteDeploy reads a ``%`` in the name of the folder as an interpolation, in ``%(here)s``
and in the file's URI. Both are fixed here.
"""

import os
import re
from ast import literal_eval
from collections import ChainMap
from collections.abc import Mapping
from configparser import (
    BasicInterpolation,
    ConfigParser,
    DuplicateOptionError,
    DuplicateSectionError,
    Error,
    InterpolationError,
    InterpolationMissingOptionError,
    MissingSectionHeaderError,
    ParsingError,
)
from pathlib import Path
from typing import Any
from urllib.parse import quote

import plaster
from paste.deploy.loadwsgi import NicerConfigParser
from plaster import PlasterURL
from plaster_pastedeploy import Loader as PasteDeployLoader
from pyramid.exceptions import ConfigurationError

PLACES = ("here", "__file__")
APPS = ("app", "application", "composite", "composit", "pipeline", "filter-app")
EXAMPLES = "development.ini and production.ini are examples"


# How PasteDeploy's message begins.
_IN_FILE = re.compile(r"Error in file (.*?): ")


def shown(file: str) -> str:
    """Return the path of a file relative to the working directory, if below it."""
    relative = os.path.relpath(file)
    return file if relative.startswith("..") else relative


def escaped(value: str) -> str:
    """Escape the value for interpolation."""
    return value.replace("%", "%%")


class LiteralPlaces(BasicInterpolation):
    """Interpolates, but not inside of the file's own path."""

    def before_get(
        self, parser: Any, section: str, option: str, value: str, defaults: Any
    ) -> str:
        if option in PLACES:
            return value
        literal = {p: escaped(defaults[p]) for p in PLACES if p in defaults}
        return super().before_get(
            parser, section, option, value, ChainMap(literal, defaults)
        )


# For each parser that PasteDeploy creates.
NicerConfigParser._DEFAULT_INTERPOLATION = LiteralPlaces()


class Loader(PasteDeployLoader):
    """Loads the application, the server and the logging of an ini file."""

    def __init__(self, uri: PlasterURL) -> None:
        super().__init__(uri)
        # PasteDeploy unquotes it.
        self.pastedeploy_spec = f"config:{quote(self.filepath)}"

    def setup_logging(self, defaults: Mapping[str, str] | None = None) -> None:
        places = self._get_defaults()
        literal = {p: escaped(places[p]) for p in PLACES if places[p]}
        super().setup_logging({**(defaults or {}), **literal})


def loader(file: str) -> Loader:
    """Return the loader of an ini file that ``check`` has accepted."""
    return Loader(plaster.parse_uri(file))


def check(path: str | Path, *, app: str = "main", server: str = "") -> None:
    """Raise ConfigurationError, with the remedy, for a file that can't be read.

    It must have the sections of the application, and of the named server, if any.
    """
    path = Path(str(path).partition("#")[0])
    text = read(path)
    parser = ConfigParser(interpolation=None)
    # The documented way to set it.
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text, str(path))
    except Error as error:
        raise ConfigurationError(reason(error, path)) from None
    if not any(parser.has_section(f"{kind}:{app}") for kind in APPS):
        raise ConfigurationError(f"{path} has no section [app:{app}]: {EXAMPLES}.")
    if server and not parser.has_section(f"server:{server}"):
        raise ConfigurationError(
            f"{path} has no section [server:{server}]: {EXAMPLES}."
        )


def read(path: Path) -> str:
    """Return the text of the file; raise ConfigurationError."""
    if path.suffix != ".ini":
        raise ConfigurationError(
            f"{path} is not an ini file: its name must end with .ini."
        )
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"There is no file {path}: {EXAMPLES}.") from None
    except IsADirectoryError:
        raise ConfigurationError(f"{path} is a folder, not an ini file.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{path} is not UTF-8, at line {line}: save it as UTF-8."
        ) from None
    if text.startswith("\ufeff"):
        raise ConfigurationError(
            f"{path} begins with a byte order mark: save it as UTF-8 without BOM."
        )
    return text


def reason(error: Error, path: str | Path) -> str:
    """Explain in one sentence what is wrong with the file, and where."""
    if named := _IN_FILE.match(error.message):
        path = shown(named[1])
    if isinstance(error, DuplicateOptionError):
        return f"{path}, line {error.lineno}: {error.option} is set twice."
    if isinstance(error, DuplicateSectionError):
        return f"{path}, line {error.lineno}: [{error.section}] appears twice."
    if isinstance(error, MissingSectionHeaderError):
        return f"{path}, line {error.lineno}: begin with a section, such as [app:main]."
    if isinstance(error, ParsingError):
        line, quoted = error.errors[0]
        found = str(literal_eval(quoted)).strip()
        return f"{path}, line {line}: {found} is neither an option nor a section."
    if isinstance(error, InterpolationMissingOptionError):
        return (
            f"{path}, [{error.section}], {error.option}: %({error.reference})s has no "
            f"value; add {error.reference}=… after the file name."
        )
    if isinstance(error, InterpolationError):
        return f"{path}, [{error.section}], {error.option}: write %% for a %."
    return f"{path}: {error.message}."
