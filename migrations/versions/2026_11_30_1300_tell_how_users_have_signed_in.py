"""tell when, how and where users have signed in

Revision: 6b0f2d9a41e7, after 3e8a51c9d7f4.
"""

import sqlalchemy as sa
from alembic import op

revision = "6b0f2d9a41e7"
down_revision = "3e8a51c9d7f4"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = ("digest", "user_id", "user_epoch", "created", "idle_expires")
OLD = ", ".join((*KEPT, "absolute_expires"))

# PostgreSQL needs what is unique for the foreign key of another table.
NUMBER = """
    ALTER TABLE oauth2_consent DROP CONSTRAINT fk_oauth2_consent_session_digest;
    ALTER TABLE browser_session
        DROP CONSTRAINT pk_browser_session,
        ADD COLUMN id BIGSERIAL,
        ADD CONSTRAINT pk_browser_session PRIMARY KEY (id),
        ADD CONSTRAINT uq_browser_session_digest UNIQUE (digest);
"""
NUMBER_NO_MORE = """
    ALTER TABLE oauth2_consent DROP CONSTRAINT fk_oauth2_consent_session_digest;
    ALTER TABLE browser_session
        DROP CONSTRAINT pk_browser_session,
        DROP CONSTRAINT uq_browser_session_digest,
        DROP COLUMN id,
        ADD CONSTRAINT pk_browser_session PRIMARY KEY (digest);
"""
REFER = """
    ALTER TABLE oauth2_consent ADD CONSTRAINT fk_oauth2_consent_session_digest
        FOREIGN KEY (session_digest) REFERENCES browser_session (digest)
        ON DELETE CASCADE
"""


def upgrade() -> None:
    """Number the sessions, whose key was the digest, and add what is told of them."""
    if op.get_bind().dialect.name == "sqlite":
        key = sa.Column("id", BIG, nullable=False)
        rebuild(key, "id", sa.UniqueConstraint("digest", name=UNIQUE))
    else:
        execute(NUMBER + REFER)
    for column in (
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amr", sa.Text(), server_default="pwd", nullable=False),
        sa.Column("user_agent", sa.String(200), server_default="", nullable=False),
        sa.Column("address", sa.String(80), server_default="", nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("browser_session", column)
    op.add_column(
        "oauth2_grant",
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("oauth2_grant", sa.Column("amr", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("amr", "auth_time"):
        op.drop_column("oauth2_grant", name)
    if op.get_bind().dialect.name == "sqlite":
        rebuild(None, "digest")
        return
    for name in ("last_seen", "address", "user_agent", "amr", "auth_time"):
        op.drop_column("browser_session", name)
    execute(NUMBER_NO_MORE + REFER)


UNIQUE = "uq_browser_session_digest"


def execute(statements: str) -> None:
    for statement in statements.split(";"):
        op.execute(statement)


def rebuild(first: sa.Column | None, key: str, *more: sa.UniqueConstraint) -> None:
    """Copy SQLite's table into one with another key."""
    op.drop_index("ix_browser_session_user_id", "browser_session")
    op.create_table(
        "browser_session_copy",
        *([first] if first is not None else []),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_epoch", BIG, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absolute_expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="fk_browser_session_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(key, name="pk_browser_session"),
        *more,
    )
    op.execute(
        f"INSERT INTO browser_session_copy ({OLD}) "  # noqa: S608 (constants)
        f"SELECT {OLD} FROM browser_session ORDER BY created"
    )
    op.drop_table("browser_session")
    op.rename_table("browser_session_copy", "browser_session")
    op.create_index("ix_browser_session_user_id", "browser_session", ["user_id"])
