"""Create the tables of changes of addresses, and of the links that take them back.

Revision: a71f4c25d9e8, after 5d0c8e3b7a14.
"""

import sqlalchemy as sa
from alembic import op

revision = "a71f4c25d9e8"
down_revision = "5d0c8e3b7a14"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create("address_change", sa.Column("user_epoch", BIG, nullable=False))
    create("address_take_back")


def create(table: str, *columns: "sa.Column[int]") -> None:
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        *columns,
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            op.f(f"fk_{table}_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("digest", name=op.f(f"uq_{table}_digest")),
        sqlite_autoincrement=True,
    )
    for column in ("expires", "user_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    op.drop_table("address_take_back")
    op.drop_table("address_change")
