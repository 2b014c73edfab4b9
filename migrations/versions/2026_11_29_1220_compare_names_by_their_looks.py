"""compare names by their looks, and domains as DNS does

Revision: c47e0d5a8b19, after 9b1f7a3c2d64.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from apiserver.users.names import canonical, canonical_address, skeleton

revision = "c47e0d5a8b19"
down_revision = "9b1f7a3c2d64"
branch_labels = None
depends_on = None

USER = sa.table(
    "user",
    *map(
        sa.column, ("id", "username", "username_skeleton", "email", "canonical_email")
    ),
)
CHUNK = 1000


def upgrade() -> None:
    """Fill in what today's code compares. Where SQL is only printed, new rows have it.

    Of accounts that are the same by now the oldest has the new form; others keep what
    they have, and go on.
    """
    if not op.get_context().as_sql:
        compute("username_skeleton", "username", skeleton)
        compute("canonical_email", "email", canonical_address)
    op.create_index(
        op.f("ix_user_username_skeleton"), "user", ["username_skeleton"], unique=True
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_user_username_skeleton"), table_name="user")
    if not op.get_context().as_sql:
        compute("canonical_email", "email", canonical)


def compute(form: str, source: str, function: Callable[[str], str]) -> None:
    """Store the form of each row's text, unless another row has it."""
    connection = op.get_bind()
    columns = (USER.c.id, USER.c[source], USER.c[form])
    rows = connection.execute(sa.select(*columns).order_by(USER.c.id)).all()
    taken = {current for _, _, current in rows}
    changes = []
    for key, text, current in rows:
        new = function(text)
        if new != current and new not in taken:
            taken.add(new)
            changes.append({"key": key, "new": new})
    statement = (
        sa.update(USER)
        .where(USER.c.id == sa.bindparam("key"))
        .values({form: sa.bindparam("new")})
    )
    for start in range(0, len(changes), CHUNK):
        connection.execute(statement, changes[start : start + CHUNK])
