"""Declared settings: each has a parser, and unknown ones are rejected."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool, falsey, truthy

from apiserver.core.settings import urls

PREFIX = "apiserver."

# The first path segments that the server uses outside of the API.
OWN_PATHS = {
    ".well-known",
    "documentation",
    "healthz",
    "mail",
    "metrics",
    "readyz",
    "swagger-ui",
}
# Python refuses to parse longer numbers.
MOST_DIGITS = 100

Parser = Callable[[str], Any]


def boolean(value: str) -> bool:
    """True or false; anything else is an error."""
    if value.strip().lower() not in {*truthy, *falsey}:
        raise ValueError("must be true or false")
    return bool(asbool(value))


def text(value: str) -> str:
    """A line of text, stripped."""
    value = value.strip()
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value


def name(value: str) -> str:
    """A line of text that isn't empty."""
    if not text(value):
        raise ValueError("must not be empty")
    return text(value)


def word(value: str) -> str:
    """Printable ASCII characters without spaces, or nothing."""
    if not re.fullmatch(r"[!-~]*", value.strip()):
        raise ValueError("must be one word of ASCII characters")
    return value.strip()


def words(value: str) -> tuple[str, ...]:
    """Words separated by whitespace or commas, without duplicates."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", value)))


def origins(value: str) -> tuple[str, ...]:
    """Origins of pages, separated as words."""
    return tuple(map(urls.origin, words(value)))


def number_up_to(most: int, unit: str = "") -> Parser:
    """Make a parser that takes a positive whole number."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"0*[1-9][0-9]*", value.strip(), re.ASCII):
            raise ValueError(f"must be a positive number{unit}")
        if len(value) > MOST_DIGITS or int(value) > most:
            raise ValueError(f"must be at most {most}")
        return int(value)

    return parse


def seconds_up_to(most: int) -> Parser:
    """Make a parser that takes a positive whole number of seconds."""
    return number_up_to(most, " of seconds")


# A hundred years.
seconds = seconds_up_to(3_155_760_000)
count_up_to = number_up_to
count = count_up_to(1_000_000_000)


def path(value: str) -> str:
    """A path of segments, such as ``/api/v2``, without a slash at its end."""
    value = value.strip()
    if not re.fullmatch(r"(/(?!\.{1,2}(/|$))[\w.-]+)+", value, re.ASCII):
        raise ValueError("must be a path, such as /api/v2")
    if value.split("/")[1] in OWN_PATHS:
        raise ValueError(
            f"must not begin with /{value.split('/')[1]}, which is reserved"
        )
    return value


def one_of(*choices: str) -> Parser:
    """Make a parser that takes one of the given words."""

    def parse(value: str) -> str:
        if value.strip() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value.strip()

    return parse


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
    """Raise ConfigurationError for an undeclared ``apiserver.*`` setting."""
    unknown = sorted(n for n in names if n.startswith(PREFIX) and n not in known)
    if unknown:
        raise ConfigurationError(
            f"Unknown settings: {', '.join(unknown)}. Known settings: "
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
