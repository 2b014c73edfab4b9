"""What may be done with the audit log: it is only read."""

from apiserver.core.tree import Permission


class AuditPermission(Permission):
    """What may be done with the audit log."""

    LIST = ("audit_event:list", "audit:read", "Read the audit log.")
