"""Makes a database ready: migrations, and the demo data of development."""

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
    """Return what Alembic needs to know, of an ini file or of what is here.

    With a connection, about its database instead of the one that the file names.
    """
    config = without_histories(ini)
    if connection is not None:
        config.attributes["connection"] = connection
    add_histories(config, connection)
    return config


def without_histories(ini: str | Path | None) -> Config:
    """Return the same, for the central history alone."""
    config = Config(None if ini is None else str(ini))
    escape_place(config)
    if not config.file_config.has_section(config.config_ini_section):
        # An ini file that only changes another one, by `use = config:development.ini`.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def escape_place(config: Config) -> None:
    """Take the folder of the file literally, though its name may hold a ``%``."""
    parser = config.file_config
    parser.set("DEFAULT", "here", escaped(config.config_args["here"]))


def migrate(ini: str | Path, connection: Connection, revision: str = "heads") -> None:
    """Bring the schema to the revision, by the migrations that the ini file names.

    Each has a transaction of its own; the connection has none yet.
    """
    config = configuration(ini, connection)
    command.upgrade(config, revision)


def refuse_unknown_revision(
    connection: Connection, scripts: ScriptDirectory, *, is_development: bool
) -> None:
    """Raise ConfigurationError for a database that other code has migrated."""
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        cure = ", or delete the development database: make reset"
        raise ConfigurationError(
            f"The database is at revision {min(unknown)}, which this code doesn't "
            f"have: use the code that has it{cure if is_development else ''}."
        )


def prepare_database(ini: str | Path, registry: Registry) -> None:
    """Migrate; fill in the demo data when there are no users; update its client.

    The pages for people may tell how to sign in.
    """
    engine: Engine = registry.engine
    with engine.connect() as connection:
        migrate(ini, connection)
    with Session(engine) as db, db.begin():
        if demo.is_empty(db):
            demo.create(db, scopes=registry.scopes)
        demo.update_client(db, scopes=registry.scopes)
    registry.demo_login = demo.LOGIN
