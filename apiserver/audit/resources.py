"""The audit log in the tree: ``/audit/``, for administrators only."""

from apiserver.core.tree import Resource


class AuditLog(Resource):
    """All events of the audit log."""
