"""Create the tables of mail.

Revision: 263e03340d67, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "263e03340d67"
down_revision = None
branch_labels = ("mail",)
depends_on = "3e8a51c9d7f4"


def upgrade() -> None:
    op.create_table(
        "mail_counter",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "tries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mail_counter")),
    )
    op.create_table(
        "shown_mail",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_mail")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("shown_mail")
    op.drop_table("mail_counter")
