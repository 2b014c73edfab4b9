"""The pages of second factors: at sign-in, and on the account."""

from pyramid.config import Configurator

from apiserver.auth.browser import MAX_LOGIN_QUERY
from apiserver.factors.pages.sign_in import ask_for_factor


def includeme(config: Configurator) -> None:
    config.add_page("second_factor", "/auth/second-factor", is_target=False)
    config.add_page("enrol_factor", "/auth/enrol-factor", is_target=False)
    longest = {"most_query": MAX_LOGIN_QUERY}
    config.add_page("passkey", "/auth/passkey", is_target=False, **longest)
    config.add_page("account_factors", "/account/factors")
    config.add_page("account_totp", "/account/factors/totp")
    config.add_page("account_passkey", "/account/factors/passkey")
    config.add_account_page(
        "account_factors",
        "Sign-in security",
        "Passkeys, authenticator apps and recovery codes.",
        order=40,
    )
    config.add_sign_in_way("passkey", "Sign in with a passkey")
    config.add_sign_in_step(ask_for_factor)
    config.add_asset_folder("passkeys", "apiserver.factors:static")
    config.scan("apiserver.factors.pages")
