"""Create projects, a history of migrations of its own.

Revision: 9d7b863c878f.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "9d7b863c878f"
down_revision = None
branch_labels = ("projects",)
depends_on = "3e8a51c9d7f4"


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "team_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned", "active", "done", name="status", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "budget",
            sa.Numeric(precision=12, scale=2).with_variant(sa.BigInteger(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "tags",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "archived_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["team.id"],
            name=op.f("fk_project_team_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_team_id_id"), ["team_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_team_id_title"),
            ["team_id", "title"],
            unique=True,
            sqlite_where=sa.text("archived IS NULL"),
            postgresql_where=sa.text("archived IS NULL"),
        )

    op.create_table(
        "project_assignee",
        sa.Column(
            "project_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "team_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_assignee_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "user_id"],
            ["team_member.team_id", "team_member.user_id"],
            name=op.f("fk_project_assignee_team_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "project_id", "user_id", name=op.f("pk_project_assignee")
        ),
    )
    with op.batch_alter_table("project_assignee", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_assignee_team_id_user_id"),
            ["team_id", "user_id"],
            unique=False,
        )

    op.create_table(
        "project_attachment",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "project_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("object_key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column(
            "size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_key"],
            ["stored_object.key"],
            name=op.f("fk_project_attachment_object_key"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_attachment_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_attachment")),
        sa.UniqueConstraint(
            "object_key", name=op.f("uq_project_attachment_object_key")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("project_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_attachment_project_id"), ["project_id"], unique=False
        )

    op.create_table(
        "project_change",
        sa.Column(
            "row_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("client_id", sa.String(length=80), nullable=True),
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["row_id"],
            ["project.id"],
            name=op.f("fk_project_change_row_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_change")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("project_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_change_created"), ["created"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_change_row_id_id"), ["row_id", "id"], unique=False
        )

    op.create_table(
        "project_reminder",
        sa.Column(
            "project_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_reminder_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_project_reminder_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "project_id", "user_id", name=op.f("pk_project_reminder")
        ),
    )
    with op.batch_alter_table("project_reminder", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_reminder_user_id"), ["user_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("project_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_reminder_user_id"))

    op.drop_table("project_reminder")
    with op.batch_alter_table("project_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_change_row_id_id"))
        batch_op.drop_index(batch_op.f("ix_project_change_created"))

    op.drop_table("project_change")
    with op.batch_alter_table("project_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_attachment_project_id"))

    op.drop_table("project_attachment")
    with op.batch_alter_table("project_assignee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_assignee_team_id_user_id"))

    op.drop_table("project_assignee")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_project_team_id_title"),
            sqlite_where=sa.text("archived IS NULL"),
            postgresql_where=sa.text("archived IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_project_team_id_id"))

    op.drop_table("project")
