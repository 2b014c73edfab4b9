"""Lost passwords as JSON, in requests and in jobs."""

from apiserver.auth.tokens import LINK
from apiserver.core.schemas import Id, Object, Opaque
from apiserver.users.schemas import email, password

LONGEST_EMAIL = 120
# An example with a wrong checksum, so that it can't be anybody's token.
EXAMPLE = LINK + "Zk3vXcQe1r9tLw0bYm7sHn5dGf2jPa8uKi6oTxCq4V00000000"


class PasswordResetCreate(Object):
    """Who has lost a password."""

    email = email(description="The email address of the account.")


class PasswordResetConfirm(Object):
    """A new password, and the token that was mailed."""

    token = Opaque(1, 80, example=EXAMPLE, description="The token of the link.")
    password = password()


class Address(Object):
    """The address for which somebody has asked."""

    email = Opaque(1, LONGEST_EMAIL)


class Account(Object):
    """The account that an administrator helps."""

    user_id = Id()
