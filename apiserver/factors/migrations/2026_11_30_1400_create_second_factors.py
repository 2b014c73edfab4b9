"""Create the tables of second factors.

Revision: 7c1d90b2e5a4, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "7c1d90b2e5a4"
down_revision = None
branch_labels = ("factors",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def of_user(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id")
    return sa.ForeignKeyConstraint(["user_id"], ["user.id"], name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "factor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("confirmed", MOMENT, nullable=True),
        sa.Column("last_used", MOMENT, nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("last_step", BIG, nullable=True),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", BIG, nullable=True),
        of_user("factor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_factor_credential_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_factor_user_id"), "factor", ["user_id"])
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("used", MOMENT, nullable=True),
        of_user("recovery_code"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    op.create_table(
        "factor_challenge",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        of_user("factor_challenge"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_factor_challenge")),
    )
    for column in ("expires", "user_id"):
        name = op.f(f"ix_factor_challenge_{column}")
        op.create_index(name, "factor_challenge", [column])
    op.create_table(
        "sign_in_attempt",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_epoch", BIG, nullable=False),
        sa.Column("methods", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        of_user("sign_in_attempt"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_attempt")),
    )
    for column in ("expires", "user_id"):
        op.create_index(
            op.f(f"ix_sign_in_attempt_{column}"), "sign_in_attempt", [column]
        )


def downgrade() -> None:
    for table in ("sign_in_attempt", "factor_challenge", "recovery_code", "factor"):
        op.drop_table(table)
