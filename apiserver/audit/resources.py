"""The audit log on the tree: ``/audit/``. Only administrators come here."""

from apiserver.core.tree import Resource


class AuditLog(Resource):
    """All events of the audit log."""
