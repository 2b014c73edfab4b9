"""Personal access tokens as JSON."""

from apiserver.auth.tokens import PERSONAL
from apiserver.core.schemas import Id, List, Moment, Object, Set, Text, Whole

# An example with a wrong checksum, so that it can't be anybody's token.
EXAMPLE = PERSONAL + "Zk3vXcQe1r9tLw0bYm7sHn5dGf2jPa8uKi6oTxCq4V00000000"


class PersonalTokenDetail(Object):
    """A personal access token, without the token itself."""

    id = Id()
    name = Text(1, 80, example="backup script")
    scopes = List(Text(1, 80, example="teams:read"))
    created = Moment()
    expires = Moment(nullable=True, description="null: it doesn't expire.")
    last_used = Moment(
        nullable=True, description="When it was used last, to the hour; null: never."
    )


class PersonalTokenCreated(PersonalTokenDetail):
    """A new personal access token."""

    token = Text(1, 80, example=EXAMPLE, description="Shown only once.")


class PersonalTokenCreate(Object):
    """The fields of a new personal access token."""

    name = Text(
        1, 80, blank=False, example="backup script", description="What it is for."
    )
    scopes = Set(
        Text(1, 80, example="teams:read"),
        longest=500,
        description="What it may do, of what the calling token may.",
    )
    days = Whole(
        1,
        36_500,
        nullable=True,
        missing=30,
        example=30,
        description="In how many days it expires, as far as the server allows it; "
        "null: it doesn't, where the server allows that.",
    )
