"""The account as JSON."""

from apiserver.core.audit import DENIED, FAILURE, SUCCESS
from apiserver.core.schemas import Choice, Flag, Id, Moment, Object, Opaque


class DeletionDetail(Object):
    """When an account will be deleted; null if it won't."""

    created = Moment(nullable=True, description="When that was requested.")
    due = Moment(nullable=True, description="Until when it can be cancelled.")


class EventDetail(Object):
    """Something that an account did, or that was done to it."""

    id = Id()
    created = Moment(description="When it was done.")
    action = Opaque(1, 40, example="sign_in", description="What was done.")
    result = Choice(SUCCESS, FAILURE, DENIED, example=SUCCESS)
    is_own = Flag(description="Whether the account did it, or somebody else.")
    target = Opaque(
        0,
        10_000,
        nullable=True,
        example="user:2 first_name",
        description="To which object, then the names of the fields that changed.",
    )
    client_id = Opaque(
        1, 80, nullable=True, example="documentation", description="By which client."
    )
    address = Opaque(
        0,
        80,
        nullable=True,
        example="192.0.2.7",
        description="From where; null of what somebody else did.",
    )


class AccountPayload(Object):
    """Which account a job is about."""

    user_id = Id(example=2)
