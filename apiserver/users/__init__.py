"""Accounts: sign-up, profiles, passwords, roles."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings
from apiserver.core.settings import urls
from apiserver.users.preparing import VERIFIED
from apiserver.users.resources import UserCollection


def refuse_captcha_without_secret(values: Mapping[str, object]) -> None:
    """Raise ConfigurationError for a captcha that nobody can solve."""
    captcha = values["apiserver.captcha"]
    if captcha != "off" and not values["apiserver.captcha_secret"]:
        raise ConfigurationError(
            f"apiserver.captcha = {captcha}, but apiserver.captcha_secret is missing: "
            "set it, or APISERVER_CAPTCHA_SECRET_FILE to a file that holds it."
        )


def refuse_unverified(values: Mapping[str, Any]) -> None:
    """Raise ConfigurationError where addresses are to be verified, and nothing does."""
    features = values.get("apiserver.features", ())
    if values["apiserver.signup"] == VERIFIED and "addresses" not in features:
        raise ConfigurationError(
            f"apiserver.signup = {VERIFIED}, but apiserver.features doesn't name "
            "addresses, which verifies them: add it, or set apiserver.signup to open, "
            "approval or closed."
        )


def includeme(config: Configurator) -> None:
    kinds = settings.one_of("open", VERIFIED, "approval", "closed")
    config.add_setting("signup", kinds, "open")
    config.add_setting(
        "captcha",
        settings.one_of("off", "static", "recaptcha", "hcaptcha", "turnstile"),
        "off",
    )
    config.add_setting("captcha_site_key", settings.word)
    config.add_setting("captcha_secret", settings.text)
    config.add_setting("captcha_url", urls.http_url)
    refuse_captcha_without_secret(config.registry.settings)
    refuse_unverified(config.registry.settings)

    for module in (".throttle", ".hashing", ".personal_data"):
        config.include(module)
    config.add_scope("users:read", "See users and their details.")
    config.add_scope("users:write", "Change users' details and roles.")
    config.add_node("users", UserCollection)
    config.registry.signup_form = SimpleNamespace(
        captcha=config.registry.settings["apiserver.captcha"],
        recaptcha_server_key=config.registry.settings["apiserver.captcha_site_key"]
        or None,
    )
    config.scan(".views")
