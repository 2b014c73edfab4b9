"""The pages of addresses: sign-up, changes, and those that mailed links lead to."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.add_page("sign_up", "/account/sign-up", is_target=False)
    config.add_page("confirm_sign_up", "/account/confirm", is_target=False)
    config.add_page("account_address", "/account/address")
    config.add_page("confirm_address", "/account/confirm-address", is_target=False)
    config.add_page("take_address_back", "/account/take-back-address", is_target=False)
    config.add_account_page(
        "account_address", "Email address", "Where mails of this account go.", order=20
    )
    values = config.registry.settings
    # The page shows no captcha.
    if values["apiserver.signup"] != "closed" and values["apiserver.captcha"] == "off":
        config.add_login_link("sign_up", "Sign up")
    config.scan("apiserver.addresses.pages")
