"""The audit log, for administrators: who did what, and who tried to.

Core owns and writes the rows; this feature adds the indexes that listing them needs.
"""

from pyramid.config import Configurator

from apiserver.audit.resources import AuditLog


def includeme(config: Configurator) -> None:
    config.add_scope("audit:read", "Read the audit log.")
    config.add_node("audit", AuditLog)
    config.scan(".views")
