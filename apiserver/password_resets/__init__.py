"""Lost passwords: a mailed link sets a new password, once.

Whoever controls the mailbox regains the account, but no more than a password gives: a
second factor is still required, and an inactive account stays inactive.
"""

from pyramid.config import Configurator

from apiserver.auth.resources import AuthResource
from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.password_resets.jobs import send_link, tell_of_change
from apiserver.password_resets.models import PasswordReset
from apiserver.password_resets.resources import PasswordResets, UserPasswordResets
from apiserver.users.events import PasswordChanged
from apiserver.users.resources import UserResource

MAILS = "apiserver.password_resets:mails"


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.require_feature("mail")
    config.add_setting("password_reset_lifetime", settings.seconds, "3600")
    config.add_node("password-resets", PasswordResets, below=AuthResource)
    config.add_node("password-resets", UserPasswordResets, below=UserResource)
    config.add_expiring(PasswordReset, PasswordReset.expires < NOW)
    config.add_mail("password_reset", MAILS)
    config.add_mail("password_changed", MAILS, is_bounded=False)
    config.add_subscriber(tell_of_change, PasswordChanged)
    config.add_page("lost_password", "/account/lost-password", is_target=False)
    config.add_page("new_password", "/account/new-password", is_target=False)
    config.add_login_link("lost_password", "Forgot your password?")
    config.add_user_act("password_reset", "Send a link for a new password", send_link)
    config.scan(".jobs")
    config.scan(".views")
    config.scan(".pages")
