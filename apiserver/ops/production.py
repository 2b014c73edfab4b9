"""Rejects unsafe settings in production, and explains what to do."""

from collections.abc import Iterator, Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings
from apiserver.core.registry import Registry
from apiserver.core.settings import databases
from apiserver.ops.demo_data import refuse_demo_data

# Secret keys of real providers are longer.
SHORTEST_SECRET = 20

DEBUG_TOOLS = (
    "pyramid.reload_templates",
    "pyramid.reload_assets",
    "pyramid.debug_all",
    "pyramid.debug_authorization",
    "pyramid.debug_notfound",
    "pyramid.debug_routematch",
    "pyramid.debug_templates",
)
DEMONSTRATIONS = ("oauth2_query_parameters", "oauth2_multipart", "prepare_database")


Settings = Mapping[str, Any]


def refuse_unsafe(registry: Registry) -> None:
    """Raise ConfigurationError with all unsafe settings, and their remedies."""
    values = registry.settings
    if not values["apiserver.production"]:
        return
    unsafe = [
        *unsafe_storage(values),
        *unsafe_access(values),
        *unsafe_mail(values),
        *unsafe_factors(values),
        *unsafe_providers(values),
        *left_on(values),
    ]
    if unsafe:
        listed = "\n".join(f"* {sentence}" for sentence in unsafe)
        raise ConfigurationError(
            "These settings are unsafe in production (apiserver.production = false "
            f"allows them for development):\n{listed}"
        )
    # A command may be the one that removes it.
    if not registry.is_command:
        refuse_demo_data(registry)


def unsafe_storage(values: Settings) -> Iterator[str]:
    if databases.parse(values["sqlalchemy.url"]).get_backend_name() == "sqlite":
        yield (
            "sqlalchemy.url is an SQLite database, which serves only one machine: set "
            "DATABASE_URL to a PostgreSQL URL."
        )


def unsafe_access(values: Settings) -> Iterator[str]:
    if values.get("apiserver.issuer", "").startswith("http:"):
        yield "apiserver.issuer is an http URL: give the https URL that clients use."
    if not values.get("apiserver.secure_cookies", True):
        yield "apiserver.secure_cookies allows cookies over HTTP: set it to true."
    # A sandboxed page of any site has the origin null.
    if {"*", "null"} & set(values["apiserver.cors_origins"]):
        yield "apiserver.cors_origins allows every website: list the origins."
    captcha = values.get("apiserver.captcha", "off")
    if captcha == "static":
        yield (
            "apiserver.captcha = static can be solved by anyone who has seen its "
            "answer: set it to a provider (recaptcha, hcaptcha, turnstile), or to off."
        )
    elif captcha != "off" and len(values["apiserver.captcha_secret"]) < SHORTEST_SECRET:
        yield (
            "apiserver.captcha_secret is missing or too short: set "
            "APISERVER_CAPTCHA_SECRET to the provider's secret key, or "
            "APISERVER_CAPTCHA_SECRET_FILE to a file that holds it."
        )


def unsafe_mail(values: Settings) -> Iterator[str]:
    if not values.get("apiserver.smtp_host", "none needed"):
        yield (
            "apiserver.smtp_host is missing: set it, and apiserver.mail_from, or take "
            "mail out of apiserver.features."
        )
    elif values.get("apiserver.smtp_password") and (
        values["apiserver.smtp_security"] == "none"
    ):
        yield (
            "apiserver.smtp_security = none sends apiserver.smtp_password in clear: "
            "set it to starttls or tls."
        )


def unsafe_factors(values: Settings) -> Iterator[str]:
    if values.get("apiserver.factors_key") == ():
        yield (
            "apiserver.factors_key is missing, by which second factors are encrypted: "
            "set APISERVER_FACTORS_KEY, or APISERVER_FACTORS_KEY_FILE to a file that "
            "holds it (head -c 32 /dev/urandom | base64 | tr +/ -_ makes one), or take "
            "factors out of apiserver.features."
        )


def unsafe_providers(values: Settings) -> Iterator[str]:
    for name in values.get("apiserver.providers", ()):
        issuer = f"apiserver.provider_{name}_issuer"
        if values[issuer].startswith("http:"):
            yield f"{issuer} is an http URL: give the https URL of the provider."


def left_on(values: Settings) -> Iterator[str]:
    """Yield settings that are only for demonstrations or debugging."""
    for name in DEMONSTRATIONS:
        if values.get(f"apiserver.{name}"):
            yield f"apiserver.{name} is only for demonstrations: remove it."
    for name in DEBUG_TOOLS:
        if values.get(name):
            yield f"{name} is only for debugging: remove it."
    if "debugtoolbar" in str(values.get("pyramid.includes", "")):
        yield "pyramid.includes has the debug toolbar: remove it."


def includeme(config: Configurator) -> None:
    config.add_setting("production", settings.boolean, "true")
