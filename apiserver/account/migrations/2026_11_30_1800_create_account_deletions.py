"""Create the table of accounts to be deleted, and index the audit log by accounts.

Revision: 5c1d83e07b92, the first of a history of its own. The index is made while
events are written, so it can be interrupted: then it begins again.
"""

import sqlalchemy as sa
from alembic import op

revision = "5c1d83e07b92"
down_revision = None
branch_labels = ("account",)
depends_on = "6b0f2d9a41e7"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
INDEX = "ix_audit_event_account"
ACCOUNT = sa.text(
    "coalesce(substring(target from '(?\\:^user|_of| of)\\:([0-9]+)'), "
    "CAST(actor_id AS TEXT))"
)


def upgrade() -> None:
    op.create_table(
        "account_deletion",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f("fk_account_deletion_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_account_deletion")),
    )
    op.create_index(op.f("ix_account_deletion_due"), "account_deletion", ["due"])
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            drop_index()
            op.create_index(
                INDEX, "audit_event", [ACCOUNT, "id"], postgresql_concurrently=True
            )


def drop_index() -> None:
    """Drop the index, or what an interruption has left of it."""
    op.drop_index(INDEX, "audit_event", if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            drop_index()
    op.drop_table("account_deletion")
