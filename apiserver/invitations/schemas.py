"""Invitations as JSON."""

from apiserver.auth.tokens import LINK
from apiserver.core.schemas import Flag, Id, Moment, Object, Opaque
from apiserver.users import schemas as users

# An example with a wrong checksum, so that it can't be anybody's token.
EXAMPLE = LINK + "Zk3vXcQe1r9tLw0bYm7sHn5dGf2jPa8uKi6oTxCq4V00000000"
LONGEST_TOKEN = 80


def is_leader(**kw: object) -> Flag:
    return Flag(
        example=False, description="Whether they will be a leader of the team.", **kw
    )


class InvitationFields(Object):
    """Whom to invite."""

    email = users.email(description="Whom to invite; the mail goes there.")
    is_leader = is_leader(missing=False)


class InvitationDetail(Object):
    """An invitation to a team."""

    id = Id()
    email = users.email(description="Who is invited.")
    is_leader = is_leader()
    invited_by_id = Id(
        nullable=True, example=2, description="The user who invites; null: is gone."
    )
    created = Moment()
    expires = Moment(description="From then on it can't be accepted, but resent.")


def token() -> Opaque:
    return Opaque(
        1,
        LONGEST_TOKEN,
        example=EXAMPLE,
        description="What the link in the mail has as its `token`.",
    )


class Acceptance(Object):
    """The token of an invitation that the caller accepts."""

    token = token()


class SignUp(Object):
    """The account of an invited person; its address is that of the invitation."""

    token = token()
    username = users.username()
    password = users.password()
    first_name = users.name("Ada", missing="")
    middle_name = users.name("King", missing="")
    last_name = users.name("Lovelace", missing="")
