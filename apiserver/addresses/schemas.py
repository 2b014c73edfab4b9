"""Confirmations of addresses as JSON."""

from apiserver.auth.tokens import LINK
from apiserver.core.schemas import Object, Opaque
from apiserver.users.schemas import email

# An example with a wrong checksum, so that it can't be anybody's token.
EXAMPLE = LINK + "Zk3vXcQe1r9tLw0bYm7sHn5dGf2jPa8uKi6oTxCq4V00000000"


class LinkToken(Object):
    """The token of a link."""

    token = Opaque(
        1, 80, example=EXAMPLE, description="What the link of the mail ends with."
    )


class AddressChangeCreate(Object):
    """The address to change to."""

    email = email()
