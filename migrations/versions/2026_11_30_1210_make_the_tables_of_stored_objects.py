"""make the tables of stored objects

Revision: 3e8a51c9d7f4, after 01218ebe7599.
"""

import sqlalchemy as sa
from alembic import op

revision = "3e8a51c9d7f4"
down_revision = "01218ebe7599"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_object",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stored_object")),
    )
    op.create_table(
        "loose_object",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_doomed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_loose_object")),
    )
    op.create_index(
        op.f("ix_loose_object_since"), "loose_object", ["since"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_loose_object_since"), table_name="loose_object")
    op.drop_table("loose_object")
    op.drop_table("stored_object")
