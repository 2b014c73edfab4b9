"""Second factors: passkeys, apps that show codes, recovery codes."""

from datetime import timedelta

from pyramid.config import Configurator
from sqlalchemy import select

from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.factors.models import Factor, FactorChallenge, SignInAttempt
from apiserver.factors.resources import DETAIL, FactorCollection
from apiserver.factors.sealing import fernet_keys
from apiserver.factors.standing import (
    ADMINISTRATORS,
    EVERYBODY,
    MULTI,
    NOBODY,
    SINGLE,
    Required,
    is_strong,
    name_factors,
)
from apiserver.users.personal_data import USER
from apiserver.users.resources import UserResource

MAILS = "apiserver.factors:mails"
NOTICES = (
    "factor_added",
    "factor_removed",
    "factors_removed",
    "recovery_codes_replaced",
)
# After that an unconfirmed app is deleted, with its secret.
UNCONFIRMED = timedelta(days=1)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.add_setting("factors_key", fernet_keys)
    required = settings.one_of(NOBODY, ADMINISTRATORS, EVERYBODY)
    config.add_setting("factors_required", required, NOBODY)
    config.add_scope("factors:read", "See second factors.")
    config.add_scope("factors:write", "Change second factors.")
    config.add_node("factors", FactorCollection, below=UserResource)
    config.add_expiring(FactorChallenge, FactorChallenge.expires < NOW)
    config.add_expiring(SignInAttempt, SignInAttempt.expires < NOW)
    config.add_expiring(
        Factor,
        Factor.confirmed.is_(None) & (Factor.created < NOW),
        after=UNCONFIRMED,
    )
    config.add_acr_value(SINGLE, bool)
    config.add_acr_value(MULTI, is_strong)
    config.set_strength(Required(config.registry.settings))
    config.add_user_fact("Second factors", name_factors)
    own = select(*DETAIL).where(Factor.user_id == USER)
    config.add_personal_data("factors", own, by=Factor.id)
    add_notices(config)
    config.scan(".views")
    config.include(".pages")


def add_notices(config: Configurator) -> None:
    """Declare what users are told by mail, where there is mail."""
    if config.uses_feature("mail"):
        for name in NOTICES:
            config.add_mail(name, MAILS, is_bounded=False)
