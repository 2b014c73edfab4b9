"""Create the table of invitations.

Revision: 2c81d5be90f3, the first of a history of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "2c81d5be90f3"
down_revision = None
branch_labels = ("invitations",)
depends_on = "3e8a51c9d7f4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("canonical_email", sa.String(length=400), nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.Column("invited_by_id", BIG, nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], op.f("fk_invitation_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["user.id"],
            op.f("fk_invitation_invited_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint(
            "team_id",
            "canonical_email",
            name=op.f("uq_invitation_team_id_canonical_email"),
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_invitation_digest")),
        sqlite_autoincrement=True,
    )
    for column in ("expires", "invited_by_id"):
        name = op.f(f"ix_invitation_{column}")
        op.create_index(name, "invitation", [column])


def downgrade() -> None:
    op.drop_table("invitation")
