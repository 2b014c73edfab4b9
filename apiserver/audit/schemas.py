"""Events of the audit log as JSON."""

from apiserver.core.audit import DENIED, FAILURE, SUCCESS
from apiserver.core.schemas import Choice, Id, Moment, Object, Opaque

KEY = "3f2a7d0c9b5e4f1886a1c0d2e4b6f8a0"
RESULTS = (SUCCESS, FAILURE, DENIED)


class AuditEventDetail(Object):
    """Something that was done, or tried."""

    id = Id()
    created = Moment(description="When it was done.")
    action = Opaque(1, 40, example="user_changed", description="What was done.")
    result = Choice(*RESULTS, example=SUCCESS, description="How it ended.")
    actor_id = Id(nullable=True, description="The user who did it.")
    client_id = Opaque(
        1, 80, nullable=True, example="documentation", description="By which client."
    )
    grant_id = Id(
        nullable=True, description="The grant that was issued, used or revoked."
    )
    target = Opaque(
        0,
        10_000,
        nullable=True,
        example="user:7 email,epoch",
        description="To which object, then the names of the fields that changed.",
    )
    request_id = Opaque(1, 80, example=KEY, description="The request that did it.")
    address = Opaque(
        0,
        80,
        example="192.0.2.7",
        description="From where; `command`, or `job:` and its name, if no request did "
        "it.",
    )
