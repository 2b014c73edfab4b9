"""The command that fills a database with the demo data.

It is a module of its own, since it is the only command that needs Alembic.
"""

from apiserver import demo
from apiserver.commands.running import Command, CommandError, transaction
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object
from apiserver.prepare import migrate


def init_development_data(registry: Registry) -> str:
    """Migrate the database and fill in the demo data; raise NotEmpty for users."""
    with registry.engine.connect() as connection:
        migrate(registry.ini, connection)
    with transaction(registry) as db:
        demo.create(db, scopes=registry.scopes)
    return "The demo data is loaded."


def fill_in(registry: Registry) -> str:
    try:
        return init_development_data(registry)
    except demo.NotEmpty as error:
        raise CommandError(str(error)) from error


DEMO_DATA = Command(Object, fill_in)
