"""The endpoint of ``/audit``."""

from sqlalchemy import select

from apiserver.audit.models import LONGEST_NAME, ROW_NAME
from apiserver.audit.permissions import AuditPermission
from apiserver.audit.schemas import RESULTS, AuditEventDetail
from apiserver.core.audit import AuditEvent
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.lists import ListFilter, Listing, at_least, below, equals
from apiserver.core.schemas import Choice, Id, Opaque

FILTERS = {
    "action": equals(AuditEvent.action),
    "result": equals(
        AuditEvent.result,
        Choice(*RESULTS, description="Only events that ended like this."),
    ),
    "actor_id": equals(AuditEvent.actor_id, Id(description="Only what this user did.")),
    "client_id": equals(AuditEvent.client_id),
    "target": ListFilter(
        Opaque(
            1,
            LONGEST_NAME,
            example="user:7",
            description="Only what was done to this object, such as `user:7`.",
        ),
        ROW_NAME.type,
        lambda name: name == ROW_NAME,
    ),
}


def list_of_events(**bounds: ListFilter) -> Listing:
    """Return a listing of the events, newest first, with filters by time."""
    return Listing(
        select(*AuditEvent.__table__.columns),
        by=AuditEvent.id,
        sort=(AuditEvent.created,),
        order="-created",
        filters={**FILTERS, **bounds},
    )


EVENTS = list_of_events(
    created_from=at_least(AuditEvent.created), created_until=below(AuditEvent.created)
)

audit = ApiService("audit", "/audit/")


@audit.get(permission=AuditPermission.LIST, lists=EVENTS, returns=AuditEventDetail)
def list_audit_events(request: Request) -> object:
    """Read the audit log, newest events first.

    Reading it records no event. In a long log, `Prefer: count=none` avoids counting.
    """
    return EVENTS.page_of(request)
