"""Sessions as JSON."""

from apiserver.core.schemas import Flag, Id, Moment, Object, Opaque


class SessionDetail(Object):
    """A browser in which a user is signed in."""

    id = Id()
    browser = Opaque(
        1,
        80,
        example="Firefox on Linux",
        description="A short name for what the browser says it is.",
    )
    user_agent = Opaque(
        0,
        200,
        example="Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Firefox/150.0",
        description="What the browser says it is, shortened to 200 characters.",
    )
    address = Opaque(
        0, 80, example="192.0.2.7", description="From where the user has signed in."
    )
    created = Moment(description="When the user has signed in.")
    last_seen = Moment(description="When the browser was last used here.")
    is_current = Flag(
        example=False, description="Whether the access token comes of this session."
    )
