"""add the skeletons of user names

Revision: 9b1f7a3c2d64, after 5d0c6b4e8f21.
"""

import sqlalchemy as sa
from alembic import op

revision = "9b1f7a3c2d64"
down_revision = "5d0c6b4e8f21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "user", sa.Column("username_skeleton", sa.String(length=400), nullable=True)
    )


def downgrade() -> None:
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("username_skeleton")
