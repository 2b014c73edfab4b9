"""Prepares a database: migrations, and the demo data for development."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pyramid.exceptions import ConfigurationError
from sqlalchemy import Connection, Engine

from apiserver import demo
from apiserver.core.db import Session
from apiserver.core.registry import Registry
from apiserver.core.settings.ini import escaped
from apiserver.histories import MIGRATIONS, add_histories


def configuration(
    ini: str | Path | None, connection: Connection | None = None
) -> Config:
    """Return Alembic's configuration, from an ini file or the defaults.

    With a connection, its database replaces that of the file.
    """
    config = without_histories(ini)
    if connection is not None:
        config.attributes["connection"] = connection
    add_histories(config, connection)
    return config


def without_histories(ini: str | Path | None) -> Config:
    """Return the same configuration, with only the central history."""
    config = Config(None if ini is None else str(ini))
    escape_place(config)
    if not config.file_config.has_section(config.config_ini_section):
        # An ini file based on another one, by `use = config:development.ini`.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def escape_place(config: Config) -> None:
    """Escape a ``%`` in the path of the file's folder."""
    parser = config.file_config
    parser.set("DEFAULT", "here", escaped(config.config_args["here"]))


def migrate(ini: str | Path, connection: Connection, revision: str = "heads") -> None:
    """Upgrade the schema to the revision, with the migrations of the ini file.

    Each has its own transaction; the connection must not have one.
    """
    config = configuration(ini, connection)
    command.upgrade(config, revision)


def refuse_unknown_revision(
    connection: Connection, scripts: ScriptDirectory, *, is_development: bool
) -> None:
    """Raise ConfigurationError for a database with an unknown revision."""
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        cure = ", or delete the development database: make reset"
        raise ConfigurationError(
            f"The database is at revision {min(unknown)}, which this code doesn't "
            f"have: use the code that has it{cure if is_development else ''}."
        )


def prepare_database(ini: str | Path, registry: Registry) -> None:
    """Migrate; load the demo data if there are no users; update the demo client.

    Then pages show how to sign in.
    """
    engine: Engine = registry.engine
    with engine.connect() as connection:
        migrate(ini, connection)
    with Session(engine) as db, db.begin():
        if demo.is_empty(db):
            demo.create(db, scopes=registry.scopes)
        demo.update_client(db, scopes=registry.scopes)
    registry.demo_login = demo.LOGIN
