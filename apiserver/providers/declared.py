"""The providers in the settings."""

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings
from apiserver.core.settings import urls

OIDC = "oidc"
GITHUB = "github"
GITHUB_ISSUER = "https://github.com"

_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")


class Provider(NamedTuple):
    """A provider: its name in the settings, and their values.

    ``issuer`` is that of OpenID Connect; for GitHub it is the URL of the website.
    """

    name: str
    kind: str
    title: str
    issuer: str
    client_id: str
    client_secret: str


def names(value: str) -> tuple[str, ...]:
    """Names of providers, separated as words."""
    found = settings.words(value)
    wrong = [name for name in found if not _NAME.fullmatch(name)]
    if wrong:
        raise ValueError(
            f"contains {wrong[0]}: names are of up to 20 lowercase letters and digits"
        )
    if found and find_spec("authlib") is None:
        raise ValueError("needs Authlib: pip install 'apiserver[providers]'")
    return found


def issuer(value: str) -> str:
    """An issuer as the provider spells it, with or without a final slash; or nothing.

    At most as long as its column, by which accounts are found.
    """
    value = value.strip()
    if value:
        urls.issuer(value.removesuffix("/"))
    if len(value) > 200:
        raise ValueError("must be at most 200 characters long")
    return value


def declare(config: Configurator, name: str) -> Provider:
    """Declare the settings of a provider; raise ConfigurationError if some are missing.

    ::

        apiserver.provider_google_issuer = https://accounts.google.com
        apiserver.provider_google_client_id = 7041.apps.googleusercontent.com
    """
    prefix = f"provider_{name}"
    config.add_setting(f"{prefix}_kind", settings.one_of(OIDC, GITHUB), OIDC)
    config.add_setting(f"{prefix}_title", settings.name, name.capitalize())
    config.add_setting(f"{prefix}_issuer", issuer)
    config.add_setting(f"{prefix}_client_id", settings.word)
    config.add_setting(f"{prefix}_client_secret", settings.word)
    values = config.registry.settings
    found = {
        field: values[f"{settings.PREFIX}{prefix}_{field}"]
        for field in Provider._fields
        if field != "name"
    }
    if found["kind"] == GITHUB:
        found["issuer"] = found["issuer"] or GITHUB_ISSUER
    missing = [f"{settings.PREFIX}{prefix}_{f}" for f in found if not found[f]]
    if missing:
        raise ConfigurationError(
            f"apiserver.providers names {name}, but {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing: set what the provider "
            f"has given you, or take {name} out."
        )
    return Provider(name, **found)


def declare_all(config: Configurator) -> Iterator[Provider]:
    """Declare the settings, and yield the providers in the order of their names there.

    Raises ConfigurationError.
    """
    config.add_setting("providers", names)
    values: Mapping[str, Any] = config.registry.settings
    for name in values["apiserver.providers"]:
        yield declare(config, name)
