"""Settings in the environment, which override those of the ini file."""

import os
from collections.abc import Mapping
from pathlib import Path

from pyramid.exceptions import ConfigurationError

from apiserver.core.settings.declared import PREFIX

DATABASES = {
    "DATABASE_URL": "sqlalchemy.url",
    "DATABASE_REPLICA_URL": "sqlalchemy.replica_url",
}


def from_environment(
    settings: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the settings, overridden by the environment.

    That is by ``DATABASE_URL``, ``DATABASE_REPLICA_URL`` and ``APISERVER_<NAME>``; the
    same with the suffix ``_FILE`` names a file with the value. Raises
    ConfigurationError for a file that can't be read, and for a setting that is given
    twice.
    """
    merged, variables = dict(settings), dict[str, str]()
    for name, value in environ.items():
        key = key_of(name)
        # Empty is a valid setting, but neither a database nor a file.
        if key is None or not (value.strip() or name.startswith("APISERVER_")):
            continue
        if name.endswith("_FILE") and not value.strip():
            continue
        if key in variables:
            twice = " and ".join(sorted((name, variables[key])))
            raise ConfigurationError(f"{twice} are both set: keep only one.")
        variables[key] = name
        merged[key] = value_of(name, value)
    return merged


def key_of(name: str) -> str | None:
    """Return the name of the setting that a variable overrides."""
    name = name.removesuffix("_FILE")
    if name.startswith("APISERVER_"):
        return PREFIX + name.removeprefix("APISERVER_").lower()
    return DATABASES.get(name)


def value_of(name: str, value: str) -> str:
    """Return the value of a variable, or the content of the file that it names."""
    value = value.strip()
    if not name.endswith("_FILE"):
        return value
    try:
        return Path(value).read_text("utf-8-sig").strip()
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except OSError as error:
        reason = error.strerror or str(error)
    raise ConfigurationError(f"{name} names {value}, which can't be read: {reason}.")
