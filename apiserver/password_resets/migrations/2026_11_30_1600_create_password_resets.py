"""Create the table of links that set passwords.

Revision: 5b7e20d4c961, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "5b7e20d4c961"
down_revision = None
branch_labels = ("password_resets",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "password_reset",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_epoch", BIG, nullable=False),
        sa.Column("canonical_email", sa.String(length=400), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f("fk_password_reset_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("digest", name=op.f("uq_password_reset_digest")),
    )
    op.create_index(op.f("ix_password_reset_expires"), "password_reset", ["expires"])


def downgrade() -> None:
    op.drop_table("password_reset")
