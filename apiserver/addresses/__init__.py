"""Verified addresses: who signs up confirms the address, by a link that is mailed."""

from pyramid.config import Configurator

from apiserver.addresses.models import SignUp
from apiserver.addresses.resources import SignUps
from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.users.resources import UserCollection

MAILS = "apiserver.addresses:mails"


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.require_feature("mail")
    config.add_setting("sign_up_lifetime", settings.seconds, "86400")
    config.add_node("sign-ups", SignUps, below=UserCollection)
    config.add_expiring(SignUp, SignUp.expires < NOW)
    config.add_mail("sign_up", MAILS)
    config.add_mail("sign_up_again", MAILS)
    add_pages(config)
    for module in (".views", ".pages", ".jobs"):
        config.scan(module)


def add_pages(config: Configurator) -> None:
    config.add_page("sign_up", "/account/sign-up", is_target=False)
    config.add_page("confirm_sign_up", "/account/confirm", is_target=False)
    values = config.registry.settings
    # The page shows no captcha.
    if values["apiserver.signup"] != "closed" and values["apiserver.captcha"] == "off":
        config.add_login_link("sign_up", "Sign up")
