"""Permissions for the audit log, which can only be read."""

from apiserver.core.tree import Permission


class AuditPermission(Permission):
    """What may be done with the audit log."""

    LIST = ("audit_event:list", "audit:read", "Read the audit log.")
