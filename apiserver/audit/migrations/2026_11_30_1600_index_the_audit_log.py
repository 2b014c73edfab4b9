"""Create the indexes for reading the audit log.

Revision: 4c7d1b90e2a8, the first of a history of its own. They are created while events
are written, so this may be interrupted: run it again then.
"""

import sqlalchemy as sa
from alembic import op

revision = "4c7d1b90e2a8"
down_revision = None
branch_labels = ("audit",)
depends_on = "6b0f2d9a41e7"

TABLE = "audit_event"
FILTERS = ("action", "actor_id", "client_id", "result")
NEWEST = ("created", "id")
INDEXES: dict[str, tuple[str, ...]] = {
    "ix_audit_event_created_id": NEWEST,
    **{f"ix_audit_event_{name}_created_id": (name, *NEWEST) for name in FILTERS},
}
ROW_NAME = sa.text("\"left\"(split_part(target, ' ', 1), 200)")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, columns in INDEXES.items():
            op.create_index(name, TABLE, columns)
        return
    with op.get_context().autocommit_block():
        for name, columns in INDEXES.items():
            create(name, *columns)
        create("ix_audit_event_row_name", ROW_NAME, *NEWEST)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in INDEXES:
            op.drop_index(name, TABLE)
        return
    with op.get_context().autocommit_block():
        for name in (*INDEXES, "ix_audit_event_row_name"):
            drop(name)


def create(name: str, *columns: str | sa.TextClause) -> None:
    """Create an index, dropping the invalid one that an interruption may have left."""
    drop(name)
    op.create_index(name, TABLE, columns, postgresql_concurrently=True)


def drop(name: str) -> None:
    op.drop_index(name, TABLE, if_exists=True, postgresql_concurrently=True)
