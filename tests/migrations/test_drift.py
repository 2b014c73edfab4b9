"""The check sees where a database has another schema than the models."""

import pytest

ALIKE = "No new upgrade operations detected.\n"
DEFAULT = """
with op.batch_alter_table("user") as batch_op:
    batch_op.alter_column("{}", existing_type=sa.{}, server_default=sa.text("{}"))
"""


class TestServerDefault:
    @pytest.mark.parametrize(
        ("column", "kind", "default"),
        [
            ("first_name", "String(30)", "'Ada'"),
            ("middle_name", "String(30)", "''"),
            ("is_active", "Boolean()", "true"),
            ("epoch", "BigInteger()", "7"),
            ("created", "DateTime(timezone=True)", "CURRENT_TIMESTAMP"),
        ],
    )
    def test_that_drifted_is_found(self, write, task, well, column, kind, default):
        assert well("check") == ALIKE
        write(
            DEFAULT.format(column, kind, default), DEFAULT.format(column, kind, "NULL")
        )
        well("upgrade")
        status, _, error = task("check")
        assert status == 1
        assert error.startswith("New upgrade operations detected: [[('modify_default',")
        assert f"'{column}'" in error
