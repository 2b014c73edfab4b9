"""How Alembic reaches the database: by the settings of the application's ini file."""

import warnings
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from alembic import context
from alembic.script import ScriptDirectory
from pyramid.settings import asbool
from sqlalchemy import Connection, event

import apiserver
import apiserver.core.files
import apiserver.core.jobs
import apiserver.rebuilding
from apiserver import altering
from apiserver.core.db import COMPARED_BY_NAME, OF_HISTORY, Base, make_engines
from apiserver.core.settings import databases, ini
from apiserver.core.settings.environment import from_environment
from apiserver.features import histories, outside, package_of
from apiserver.histories import CENTRAL
from apiserver.numbering import Sequences
from apiserver.prepare import refuse_unknown_revision

# The index of a search, which SQLite doesn't have.
warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression")

config = context.config
loader = ini.loader(config.config_file_name)
values = from_environment(loader.get_wsgi_app_settings())

# The models of all features, those too that are switched off: their tables stay.
# And of those in other packages that are switched on.
packages = iter_modules(apiserver.__path__, "apiserver.")
for name in [*(each.name for each in packages if each.ispkg), *outside(values)]:
    if find_spec(f"{name}.models"):
        import_module(f"{name}.models")


# The folders of those features whose own history is used, and which one is added to.
found = histories(values)
used = config.attributes.get("histories", {})
added_to = config.attributes.get("history")


def history_of(module):
    """Return the history that has the tables of a module; None where none is used."""
    for name in found:
        if module.startswith(f"{package_of(name)}."):
            return name if name in used else None
    return CENTRAL if module.startswith((f"{apiserver.__name__}.", *own)) else None


def is_compared(item, name, kind, reflected, compare_to):
    """Whether what the models and the database have is looked at further."""
    if kind == "table":
        history = histories_of_tables.get(name, CENTRAL)
        if history is None or added_to not in {None, history}:
            return False
    # The index of a feature, at a table that is there without it.
    if compare_to is None and item.info.get(OF_HISTORY, CENTRAL) not in {
        CENTRAL,
        *used,
    }:
        return False
    return compare_to is None or not item.info.get(COMPARED_BY_NAME)


# A table of packages that are imported, but no features here, has none.
own = tuple(outside(values))
histories_of_tables = {
    mapper.local_table.name: history_of(mapper.class_.__module__)
    for mapper in Base.registry.mappers
}


def drop_empty(migration_context, revision, directives):
    """Write no revision where autogenerate has found no change."""
    if getattr(config.cmd_opts, "autogenerate", False) and (
        directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


def run(connection: Connection) -> None:
    """Migrate; SQLite can't alter tables, so they are copied ("batch")."""
    with altering.prepared(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=altering.render_item,
            include_object=is_compared,
            process_revision_directives=drop_empty,
            compare_server_default=True,
            # One that fails is undone with all that it has done; those before it stay.
            # What one has locked is free again before the next begins.
            transactional_ddl=True,
            transaction_per_migration=True,
            on_version_apply=Sequences(connection).keep,
        )
        with context.begin_transaction():
            context.run_migrations()


def check(connection: Connection) -> None:
    """Refuse a database of other code, unless that is what the command mends."""
    if not getattr(config.cmd_opts, "purge", False):
        prepared = values.get("apiserver.prepare_database", "")
        refuse_unknown_revision(
            connection,
            ScriptDirectory.from_config(config),
            is_development=asbool(prepared),
        )


def check_and_run(connection: Connection) -> None:
    """Migrate, each revision in its transaction, unless the caller has one for all."""
    began = connection.in_transaction()
    check(connection)
    if not began:
        connection.rollback()
    run(connection)


if context.is_offline_mode():
    url = databases.parse(values.get("sqlalchemy.url", ""))
    context.configure(url=url, literal_binds=True, transactional_ddl=True)
    with altering.printed(context.get_context()), context.begin_transaction():
        context.run_migrations()
elif "connection" in config.attributes:
    check_and_run(config.attributes["connection"])
else:
    loader.setup_logging()
    databases.check(values)
    engine, _ = make_engines(values["sqlalchemy.url"])
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                event.listen(connection, "begin", altering.give_up_locks)
            check_and_run(connection)
    finally:
        engine.dispose()
