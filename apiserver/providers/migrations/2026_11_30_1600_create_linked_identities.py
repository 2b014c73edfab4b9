"""Create the tables for signing in with providers.

Revision: 4c81d6e25b90, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "4c81d6e25b90"
down_revision = None
branch_labels = ("providers",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "linked_identity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("last_used", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f("fk_linked_identity_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
        sqlite_autoincrement=True,
    )
    for columns in (["issuer", "subject"], ["user_id", "issuer"]):
        name = op.f(f"ix_linked_identity_{'_'.join(columns)}")
        op.create_index(name, "linked_identity", columns, unique=True)
    op.create_table(
        "provider_sign_in",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("user_epoch", BIG, nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f("fk_provider_sign_in_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_provider_sign_in")),
    )
    op.create_table(
        "unlinked_identity",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_unlinked_identity")),
    )
    for table, column in (
        ("provider_sign_in", "user_id"),
        ("provider_sign_in", "expires"),
        ("unlinked_identity", "expires"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    op.drop_table("unlinked_identity")
    op.drop_table("provider_sign_in")
    op.drop_table("linked_identity")
