"""A shell inside the application."""

from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.app import db
from tasks.declaring import task


@task(
    help={
        "ini": console.INI,
        "upgrade_db": "Migrate the database first; yes, unless --no-upgrade-db.",
    }
)
def enter(
    context: Context, ini: str = console.DEVELOPMENT, upgrade_db: bool = True
) -> None:
    """Open IPython with request, db (a session; db.commit() keeps) and the models."""
    if upgrade_db:
        db.migrate_to_head(ini)
    with console.application(ini):
        pass  # Errors in the settings are reported before the shell starts.
    options = ("--setup", "apiserver.shell.setup", "--python-shell", "ipython")
    console.become("pshell", ini, *options)


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("env", enter)
