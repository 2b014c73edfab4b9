"""Personal access tokens, for users' own scripts.

They survive a new password that the user sets; whatever else ends everything granted in
the user's name ends them, too.
"""

from pyramid.config import Configurator
from sqlalchemy import select

from apiserver.auth.tokens import PERSONAL
from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.personal_tokens.actions import count_tokens
from apiserver.personal_tokens.callers import KIND
from apiserver.personal_tokens.models import PersonalToken
from apiserver.personal_tokens.resources import (
    DETAIL,
    PersonalTokenCollection,
    keep_tokens,
)
from apiserver.users.events import PasswordChanged
from apiserver.users.personal_data import USER
from apiserver.users.resources import UserResource

# A hundred years.
MOST_DAYS = 36_500


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.add_setting("personal_token_days", settings.count_up_to(MOST_DAYS), "366")
    config.add_setting("personal_token_forever", settings.boolean, "false")
    config.add_scope("personal_tokens:read", "See your personal access tokens.")
    config.add_scope("personal_tokens:write", "Create and revoke such tokens.")
    config.add_node("personal-tokens", PersonalTokenCollection, below=UserResource)
    config.add_token_kind(PERSONAL, KIND)
    config.add_subscriber(keep_tokens, PasswordChanged)
    config.add_expiring(PersonalToken, PersonalToken.expires < NOW)
    config.add_page("account_tokens", "/account/tokens")
    config.add_account_page(
        "account_tokens",
        "Tokens",
        "Personal access tokens, for your own scripts.",
        order=80,
    )
    config.add_user_fact("Personal access tokens", count_tokens)
    own = select(*DETAIL).where(PersonalToken.user_id == USER)
    config.add_personal_data("personal_tokens", own, by=PersonalToken.id)
    config.scan(".views")
    config.scan(".pages")
