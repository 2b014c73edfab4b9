"""The audit log, for administrators: who did what, and who tried to.

The rows are those of core, which writes them; the feature brings the indexes that lists
of them need.
"""

from pyramid.config import Configurator

from apiserver.audit.resources import AuditLog


def includeme(config: Configurator) -> None:
    config.add_scope("audit:read", "Read the audit log.")
    config.add_node("audit", AuditLog)
    config.scan(".views")
