"""create users teams and oauth2

Revision: a3cf5f3e5442, after .
"""

import sqlalchemy as sa
from alembic import op

revision = "a3cf5f3e5442"
down_revision = None
branch_labels = ("central",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.String(length=50), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index("ix_team_title_id", "team", ["title", "id"])
    op.create_index("ix_team_created_id", "team", ["created", "id"])
    op.create_table(
        "user",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("canonical_username", sa.String(length=400), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("canonical_email", sa.String(length=400), nullable=False),
        sa.Column("first_name", sa.String(length=30), nullable=False),
        sa.Column("middle_name", sa.String(length=30), nullable=False),
        sa.Column("last_name", sa.String(length=30), nullable=False),
        sa.Column("password_digest", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_regular_user", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column(
            "epoch",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("canonical_email", name=op.f("uq_user_canonical_email")),
        sa.UniqueConstraint(
            "canonical_username", name=op.f("uq_user_canonical_username")
        ),
    )
    op.create_index("ix_user_created_id", "user", ["created", "id"])
    op.create_table(
        "browser_session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "user_epoch",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absolute_expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_browser_session_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_browser_session")),
    )
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_browser_session_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "oauth2_client",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("previous_secret_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("previous_secret_expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_endpoint_auth_method", sa.String(length=40), nullable=True),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("client_type", sa.String(length=20), nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("default_scopes", sa.Text(), nullable=False),
        sa.Column("grant_types", sa.Text(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column(
            "epoch",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_oauth2_client_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth2_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oauth2_client_client_id")),
    )
    with op.batch_alter_table("oauth2_client", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth2_client_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "team_member",
        sa.Column(
            "team_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["team.id"],
            name=op.f("fk_team_member_team_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_team_member_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_team_member_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "oauth2_consent",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_digest"],
            ["browser_session.digest"],
            name=op.f("fk_oauth2_consent_session_digest"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth2_consent")),
    )
    with op.batch_alter_table("oauth2_consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth2_consent_session_digest"),
            ["session_digest"],
            unique=False,
        )

    op.create_table(
        "oauth2_grant",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "client_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("grant_type", sa.String(length=40), nullable=False),
        sa.Column("granted_scopes", sa.Text(), nullable=False),
        sa.Column(
            "user_epoch",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "client_epoch",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absolute_expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth2_client.id"],
            name=op.f("fk_oauth2_grant_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_oauth2_grant_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth2_grant")),
    )
    with op.batch_alter_table("oauth2_grant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth2_grant_absolute_expires"),
            ["absolute_expires"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_oauth2_grant_client_id"), ["client_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_oauth2_grant_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "oauth2_code",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "grant_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("redirect_uri", sa.String(length=2000), nullable=True),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["oauth2_grant.id"],
            name=op.f("fk_oauth2_code_grant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth2_code")),
    )
    with op.batch_alter_table("oauth2_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth2_code_grant_id"), ["grant_id"], unique=False
        )

    op.create_table(
        "oauth2_token",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "grant_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parent_digest", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["oauth2_grant.id"],
            name=op.f("fk_oauth2_token_grant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth2_token")),
    )
    with op.batch_alter_table("oauth2_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth2_token_expires"), ["expires"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_oauth2_token_grant_id"), ["grant_id"], unique=False
        )

    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "tries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "audit_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column(
            "actor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("client_id", sa.String(length=80), nullable=True),
        sa.Column(
            "grant_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )


def downgrade() -> None:
    op.drop_table("audit_event")
    op.drop_table("throttle")
    with op.batch_alter_table("oauth2_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth2_token_grant_id"))
        batch_op.drop_index(batch_op.f("ix_oauth2_token_expires"))

    op.drop_table("oauth2_token")
    with op.batch_alter_table("oauth2_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth2_code_grant_id"))

    op.drop_table("oauth2_code")
    with op.batch_alter_table("oauth2_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth2_grant_user_id"))
        batch_op.drop_index(batch_op.f("ix_oauth2_grant_client_id"))
        batch_op.drop_index(batch_op.f("ix_oauth2_grant_absolute_expires"))

    op.drop_table("oauth2_grant")
    with op.batch_alter_table("oauth2_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth2_consent_session_digest"))

    op.drop_table("oauth2_consent")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_member_user_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("oauth2_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth2_client_user_id"))

    op.drop_table("oauth2_client")
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_browser_session_user_id"))

    op.drop_table("browser_session")
    op.drop_table("user")
    op.drop_table("team")
