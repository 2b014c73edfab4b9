"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = "${up_revision}"
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

# The servers' old code runs on beside this. Expand: add what new code needs, nullable
# or with a default. Migrate: fill it in, in batches. Contract: take away in a later
# release what no code uses any more. docs/migrations.md has an example, and says what to
# write for enums, data and big tables.
# A renamed column or table is found as one that is dropped and another that is added:
# write op.alter_column(…, new_column_name=…) or op.rename_table, or its rows are lost.
# A new column that is NOT NULL needs a server_default where there are rows.


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
