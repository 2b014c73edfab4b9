"""The check sees where a database has another schema than the models."""

ALIKE = "No new upgrade operations detected.\n"
DEFAULT = """
with op.batch_alter_table("user") as batch_op:
    batch_op.alter_column("{}", existing_type=sa.{}, server_default=sa.text("{}"))
"""


# Of each column the type, and a default that its model doesn't have.
DEFAULTS = {
    "first_name": ("String(30)", "'Ada'"),
    "middle_name": ("String(30)", "''"),
    "is_active": ("Boolean()", "true"),
    "epoch": ("BigInteger()", "7"),
    "created": ("DateTime(timezone=True)", "CURRENT_TIMESTAMP"),
}


class TestServerDefault:
    def test_that_drifted_is_found(self, write, task, well):
        assert well("check") == ALIKE
        write("".join(DEFAULT.format(name, *of) for name, of in DEFAULTS.items()))
        well("upgrade")
        status, _, error = task("check")
        assert status == 1
        assert error.startswith("New upgrade operations detected: [[('modify_default',")
        assert error.count("modify_default") == len(DEFAULTS)
        assert [name for name in DEFAULTS if f"'{name}'" not in error] == []
