"""Makes a database ready: migrations, and the demo data of development."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from apiserver import demo

# Where they are in a checkout.
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def configuration(ini: str | Path | None) -> Config:
    """Return what Alembic needs to know, of an ini file or of what is here."""
    config = Config(None if ini is None else str(ini))
    if not config.file_config.has_section(config.config_ini_section):
        # An ini file that only changes another one, by `use = config:development.ini`.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def script_directory(ini: str | Path | None) -> ScriptDirectory:
    """Return the migrations; raise CommandError where there are none."""
    return ScriptDirectory.from_config(configuration(ini))


def migrate(ini: str | Path, connection: Connection, revision: str = "head") -> None:
    """Bring the schema to the revision, by the migrations that the ini file names."""
    config = configuration(ini)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def prepare_database(ini: str | Path, registry: Any) -> None:
    """Migrate; fill in the demo data when there are no users; update its client.

    The pages for people may tell how to sign in.
    """
    engine: Engine = registry.write_sessions.kw["bind"]
    with engine.begin() as connection:
        migrate(ini, connection)
    with Session(engine) as db, db.begin():
        if demo.is_empty(db):
            demo.create(db, scopes=registry.scopes)
        demo.update_client(db, scopes=registry.scopes)
    registry.demo_login = demo.LOGIN
