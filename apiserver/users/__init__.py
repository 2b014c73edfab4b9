"""Accounts: sign-up, profiles, passwords, roles."""

from types import SimpleNamespace

from pyramid.config import Configurator

from apiserver.core import settings
from apiserver.users.resources import UserCollection


def includeme(config: Configurator) -> None:
    config.add_setting("signup", settings.one_of("open", "approval", "closed"), "open")
    config.add_setting(
        "captcha",
        settings.one_of("off", "static", "recaptcha", "hcaptcha", "turnstile"),
        "off",
    )
    config.add_setting("captcha_site_key", settings.text)
    config.add_setting("captcha_secret", settings.text)
    config.add_setting("captcha_url", settings.text)

    config.include(".throttle")
    config.include(".hashing")
    config.add_scope("users:read", "See users and their details.")
    config.add_scope("users:write", "Change users' details and roles.")
    config.add_node("users", UserCollection)
    config.registry.signup_form = SimpleNamespace(
        captcha=config.registry.settings["apiserver.captcha"],
        recaptcha_server_key=config.registry.settings["apiserver.captcha_site_key"]
        or None,
    )
    config.scan(".views")
