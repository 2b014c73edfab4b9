"""Create the table of sign-ups whose address isn't confirmed yet.

Revision: 5d0c8e3b7a14, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c8e3b7a14"
down_revision = None
branch_labels = ("addresses",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", BIG, nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("first_name", sa.String(length=30), nullable=False),
        sa.Column("middle_name", sa.String(length=30), nullable=False),
        sa.Column("last_name", sa.String(length=30), nullable=False),
        sa.Column("password_digest", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_up_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_up_expires"), "sign_up", ["expires"])


def downgrade() -> None:
    op.drop_table("sign_up")
