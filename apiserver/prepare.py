"""Makes a database ready: migrations, and the demo data of development."""

import os
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
from apiserver.core.settings.environment import from_environment
from apiserver.core.settings.ini import APPS, escaped, loader
from apiserver.features import migration_folders

# Where they are in a checkout.
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def configuration(ini: str | Path | None) -> Config:
    """Return what Alembic needs to know, of an ini file or of what is here."""
    config = Config(None if ini is None else str(ini))
    escape_place(config)
    add_migrations_of_features(config)
    if not config.file_config.has_section(config.config_ini_section):
        # An ini file that only changes another one, by `use = config:development.ini`.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def escape_place(config: Config) -> None:
    """Take the folder of the file literally, though its name may hold a ``%``."""
    parser = config.file_config
    parser.set("DEFAULT", "here", escaped(config.config_args["here"]))


def add_migrations_of_features(config: Config) -> None:
    """Add the folders of features outside of this package, which the ini file names.

    Each is a history of its own, so that there are several heads.
    """
    kinds = {name.partition(":")[0] for name in config.file_config.sections()}
    if kinds.isdisjoint(APPS):
        return
    app = loader(config.config_file_name or "").get_wsgi_app_settings()
    folders = migration_folders(from_environment(app))
    if folders:
        scripts = Path(config.get_main_option("script_location") or MIGRATIONS)
        locations = os.pathsep.join(map(str, [scripts / "versions", *folders]))
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", locations.replace("%", "%%"))


def script_directory(ini: str | Path | None) -> ScriptDirectory:
    """Return the migrations; raise CommandError where there are none."""
    return ScriptDirectory.from_config(configuration(ini))


def migrate(ini: str | Path, connection: Connection, revision: str = "heads") -> None:
    """Bring the schema to the revision, by the migrations that the ini file names.

    Each has a transaction of its own; the connection has none yet.
    """
    config = configuration(ini)
    config.attributes["connection"] = connection
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
