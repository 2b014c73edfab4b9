"""Settings of the server: declared with a type, read once, refused when unknown."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool, aslist, falsey, truthy

PREFIX = "apiserver."
DATABASES = {
    "DATABASE_URL": "sqlalchemy.url",
    "DATABASE_REPLICA_URL": "sqlalchemy.replica_url",
}

Parser = Callable[[str], Any]


def boolean(value: str) -> bool:
    """True or false; anything else is a mistake, which must not count as false."""
    if value.strip().lower() not in {*truthy, *falsey}:
        raise ValueError("must be true or false")
    return bool(asbool(value))


def text(value: str) -> str:
    """Any text, without white space around it."""
    return value.strip()


def words(value: str) -> tuple[str, ...]:
    """Words separated by white space."""
    return tuple(aslist(value))


def seconds(value: str) -> int:
    """A positive whole number of seconds."""
    if not re.fullmatch(r"0*[1-9][0-9]{0,9}", value.strip()):
        raise ValueError("must be a positive number of seconds")
    return int(value)


def count(value: str) -> int:
    """A positive whole number."""
    number = int(value)
    if number <= 0:
        raise ValueError("must be a positive number")
    return number


def origin(value: str) -> str:
    """An https URL without query, fragment and slash at its end.

    Also http of this machine, for development (RFC 8414 section 2).
    """
    parts = urlsplit(value)
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if not (local or parts.scheme == "https") or not parts.hostname:
        raise ValueError("must be an https URL, as https://api.example.com")
    if parts.query or parts.fragment or value.endswith("/"):
        raise ValueError("must end with the host or a path, without a slash")
    return value


def path(value: str) -> str:
    """A path of segments, as ``/api/v2``, without a slash at its end."""
    if not re.fullmatch(r"(/[\w.-]+)+", value, re.ASCII):
        raise ValueError("must be a path, as /api/v2")
    return value


def one_of(*choices: str) -> Parser:
    """Make a parser that takes one of the given words."""

    def parse(value: str) -> str:
        if value.strip() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value.strip()

    return parse


def from_environment(
    settings: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the settings, overridden by the environment.

    That is ``DATABASE_URL``, ``DATABASE_REPLICA_URL`` and ``APISERVER_<NAME>``; the
    same with ``_FILE`` at its end names a file with the value.
    Raises ConfigurationError for a file that can't be read.
    """
    merged = dict(settings)
    for name, value in environ.items():
        variable = name.removesuffix("_FILE")
        if variable in DATABASES and value:
            merged[DATABASES[variable]] = value_of(name, value)
        elif variable.startswith("APISERVER_"):
            key = PREFIX + variable.removeprefix("APISERVER_").lower()
            merged[key] = value_of(name, value)
    return merged


def value_of(name: str, value: str) -> str:
    """Return the value of a variable: its own, or what is in the file it names."""
    if not name.endswith("_FILE"):
        return value
    try:
        return Path(value).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name} can't be read: {error}") from error


def add_setting(
    config: Configurator, name: str, parse: Parser, default: str | None = ""
) -> None:
    """Declare ``apiserver.<name>``; its parsed value replaces the text.

    A default of None makes the setting required.
    """
    settings = config.registry.settings
    key = PREFIX + name
    value = settings.get(key, default)
    if value is None:
        raise ConfigurationError(f"The setting {key} is missing.")
    if key not in config.registry.known_settings:
        config.registry.known_settings.add(key)
        try:
            settings[key] = parse(value)
        except ValueError as error:
            raise ConfigurationError(f"The setting {key} {error}.") from error


def refuse_unknown(names: Iterable[str], known: set[str]) -> None:
    """Raise for an ``apiserver.*`` setting that nothing has declared."""
    unknown = sorted(n for n in names if n.startswith(PREFIX) and n not in known)
    if unknown:
        raise ConfigurationError(
            f"Unknown settings: {', '.join(unknown)}. Known are: "
            f"{', '.join(sorted(known))}."
        )


def includeme(config: Configurator) -> None:
    config.registry.known_settings = set()
    config.add_directive("add_setting", add_setting)
    config.action(
        "apiserver.settings",
        lambda: refuse_unknown(
            config.registry.settings, config.registry.known_settings
        ),
        order=9999,
    )
