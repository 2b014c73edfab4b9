"""never use an id again

Revision: 5d0c6b4e8f21, after a3cf5f3e5442.
"""

from alembic import op

revision = "5d0c6b4e8f21"
down_revision = "a3cf5f3e5442"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.never_reuse_ids()


def downgrade() -> None:
    """Leave the tables as they are: the code before it takes these as well."""
