"""Identities as JSON, and the form of a new account."""

from apiserver.core.schemas import Id, Moment, Object, Text
from apiserver.providers.models import LONGEST_NAME, LONGEST_SUBJECT
from apiserver.users import schemas


class IdentityDetail(Object):
    """An account at a provider with which a user signs in."""

    id = Id()
    issuer = Text(
        1, 200, example="https://accounts.google.com", description="The provider."
    )
    subject = Text(
        1,
        LONGEST_SUBJECT,
        example="110169484474386276334",
        description="The account's id at the provider, which never changes.",
    )
    name = Text(
        1,
        LONGEST_NAME,
        example="ada@example.com",
        description="How the provider called the account when it was linked.",
    )
    created = Moment(description="When it was linked.")
    last_used = Moment(
        nullable=True, description="When its user signed in with it last; null: never."
    )


class NewAccount(Object):
    """A new account for somebody who has signed in with a provider."""

    username = schemas.username()
    email = schemas.email()
