"""Makes a database ready: migrations, and the demo data of development."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from apiserver import demo

# Where they are in a checkout.
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def migrate(ini: str | Path, connection: Connection, revision: str = "head") -> None:
    """Bring the schema to the revision, by the migrations that the ini file names."""
    config = Config(str(ini))
    if not config.file_config.has_section(config.config_ini_section):
        # An ini file that only changes another one, by `use = config:development.ini`.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def prepare_database(ini: str | Path, registry: Any) -> None:
    """Migrate; fill in the demo data when there are no users; update its client."""
    engine: Engine = registry.write_sessions.kw["bind"]
    with engine.begin() as connection:
        migrate(ini, connection)
    with Session(engine) as db, db.begin():
        if demo.is_empty(db):
            demo.create(db, scopes=registry.scopes)
        demo.update_client(db, scopes=registry.scopes)
