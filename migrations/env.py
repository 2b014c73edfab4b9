"""How Alembic reaches the database: by the settings of the application's ini file."""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from alembic import context
from pyramid.paster import get_appsettings, setup_logging
from sqlalchemy import Connection, types

import apiserver
from apiserver.core import settings
from apiserver.core.db import Base
from apiserver.core.engines import make_engines

config = context.config

# The models of all features, those too that are switched off: their tables stay.
for package in iter_modules(apiserver.__path__, "apiserver."):
    if package.ispkg and find_spec(f"{package.name}.models"):
        import_module(f"{package.name}.models")


def render_item(kind, item, autogen_context):
    """Write the plain types of columns: a migration must not change with the code."""
    if kind == "type" and isinstance(item, types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def drop_empty(migration_context, revision, directives):
    """Write no revision where autogenerate has found no change."""
    if getattr(config.cmd_opts, "autogenerate", False) and (
        directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


def run(connection: Connection) -> None:
    """Migrate; SQLite can't alter tables, so they are copied ("batch")."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        process_revision_directives=drop_empty,
        # What one has locked is free again before the next begins.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def database_url() -> str:
    ini = get_appsettings(config.config_file_name)
    return settings.from_environment(ini)["sqlalchemy.url"]


if context.is_offline_mode():
    context.configure(url=database_url(), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif "connection" in config.attributes:
    run(config.attributes["connection"])
else:
    setup_logging(config.config_file_name)
    engine, _ = make_engines(database_url())
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # All requests queue behind an ALTER TABLE that waits: let it rather fail.
            connection.exec_driver_sql("SET lock_timeout = '5s'")
            connection.commit()
        run(connection)
