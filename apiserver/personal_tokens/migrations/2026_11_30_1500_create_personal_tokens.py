"""Create the table of personal access tokens.

Revision: 9e42c7f0a816, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "9e42c7f0a816"
down_revision = None
branch_labels = ("personal_tokens",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "personal_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_epoch", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=True),
        sa.Column("last_used", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f("fk_personal_token_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_personal_token_digest")),
        sqlite_autoincrement=True,
    )
    for column in ("expires", "user_id"):
        name = op.f(f"ix_personal_token_{column}")
        op.create_index(name, "personal_token", [column])


def downgrade() -> None:
    op.drop_table("personal_token")
