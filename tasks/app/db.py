"""The database: Alembic's commands, and the demo data."""

import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from invoke.collection import Collection
from invoke.context import Context

from apiserver.core.settings import ini as file
from tasks import console
from tasks.declaring import task

DEVELOPMENT = console.DEVELOPMENT
INI = {"ini": console.INI}
SQL = {"sql": "Print the statements without executing them."}
VERBOSE = {"verbose": "Show more about each revision."}
MESSAGE = {"message": "What the revision does, for example: add team member is leader."}
FEATURE = {"feature": "The feature, if it has migrations of its own, such as mail."}
CENTRAL = "central"
NEWEST = f"{CENTRAL}@head"
SHIFT = "The revision, or how many from here, as in"


def alembic(
    ini: str,
    name: str,
    *arguments: Any,
    directed: Callable[[Any], dict[str, Any]] = lambda config: {},
    **options: Any,
) -> None:
    """Run an Alembic command on the database of an ini file.

    ``directed`` returns options that depend on the existing migrations.
    """
    file.check(ini)
    config = console.load("apiserver.prepare:configuration")(ini)
    config.stdout = sys.stdout
    # migrations/env.py reads this.
    config.cmd_opts = Namespace(**options)
    more = directed(config)
    console.load(f"alembic.command:{name}")(config, *arguments, **options, **more)


def migrate_to_head(ini: str) -> None:
    """Upgrade the database to the newest revision."""
    alembic(ini, "upgrade", "heads")


@task(help={"revision": f"{SHIFT} +1; by default the newest.", **SQL, **INI})
def upgrade(
    context: Context, revision: str = "heads", sql: bool = False, ini: str = DEVELOPMENT
) -> None:
    """Upgrade the database to a revision."""
    alembic(ini, "upgrade", revision, sql=sql)


@task(
    help={
        "revision": f"{SHIFT} {CENTRAL}@-2; by default {CENTRAL}@-1, or base for all.",
        **SQL,
        **INI,
    }
)
def downgrade(
    context: Context,
    revision: str = f"{CENTRAL}@-1",
    sql: bool = False,
    ini: str = DEVELOPMENT,
) -> None:
    """Downgrade the database, by default by one revision."""
    alembic(ini, "downgrade", revision, sql=sql)


def add_revision(ini: str, feature: str, **options: Any) -> None:
    """Write a revision of the central history, or of a feature's."""
    direct = console.load("apiserver.histories:direct")
    head = f"{feature}@head" if feature else "head"
    alembic(ini, "revision", directed=lambda config: direct(config, head), **options)


@task(help={**MESSAGE, **FEATURE, **INI})
def migrate(
    context: Context, message: str, feature: str = "", ini: str = DEVELOPMENT
) -> None:
    """Generate a revision from the changes to the models."""
    add_revision(ini, feature, message=message, autogenerate=True)


@task(help={**MESSAGE, **FEATURE, **INI})
def revision(
    context: Context, message: str, feature: str = "", ini: str = DEVELOPMENT
) -> None:
    """Write an empty revision to fill in by hand."""
    add_revision(ini, feature, message=message, autogenerate=False)


@task(
    help={
        **MESSAGE,
        "revisions": "The revisions, separated by commas; by default the newest.",
        **INI,
    }
)
def merge(
    context: Context,
    message: str,
    revisions: str = f"{CENTRAL}@heads",
    ini: str = DEVELOPMENT,
) -> None:
    """Write a revision that merges branches of the revisions."""
    alembic(ini, "merge", revisions.split(","), message=message)


@task(help={"revision": "The revision; the newest by default.", **INI})
def edit(context: Context, revision: str = NEWEST, ini: str = DEVELOPMENT) -> None:
    """Open a revision in $EDITOR."""
    alembic(ini, "edit", revision)


@task(help={"revision": "The revision; the newest by default.", **INI})
def show(context: Context, revision: str = NEWEST, ini: str = DEVELOPMENT) -> None:
    """Show a revision."""
    alembic(ini, "show", revision)


@task(help={"rev_range": "The range, such as base:head.", **VERBOSE, **INI})
def history(
    context: Context,
    rev_range: str = "base:heads",
    verbose: bool = False,
    ini: str = DEVELOPMENT,
) -> None:
    """List the revisions, newest first."""
    alembic(ini, "history", rev_range=rev_range, verbose=verbose)


@task(help={**VERBOSE, **INI})
def heads(context: Context, verbose: bool = False, ini: str = DEVELOPMENT) -> None:
    """Show the newest revisions: one, unless branches must be merged."""
    alembic(ini, "heads", verbose=verbose)


@task(help={**VERBOSE, **INI})
def branches(context: Context, verbose: bool = False, ini: str = DEVELOPMENT) -> None:
    """Show where the revisions branch."""
    alembic(ini, "branches", verbose=verbose)


@task(help={**VERBOSE, **INI})
def current(context: Context, verbose: bool = False, ini: str = DEVELOPMENT) -> None:
    """Show the revision of the database."""
    alembic(ini, "current", verbose=verbose)


@task(help={"revision": "The revision; the newest by default.", **SQL, **INI})
def stamp(
    context: Context, revision: str = "heads", sql: bool = False, ini: str = DEVELOPMENT
) -> None:
    """Mark the database as being at a revision, without migrating it."""
    alembic(ini, "stamp", revision, sql=sql)


@task(help=INI)
def check(context: Context, ini: str = DEVELOPMENT) -> None:
    """Fail if the models have changed since the newest revision."""
    alembic(ini, "check")


@task(help={"skip_on_failure": "Do nothing if the database has users.", **INI})
def init_development_data(
    context: Context, skip_on_failure: bool = False, ini: str = DEVELOPMENT
) -> None:
    """Migrate the database, and load the demo data if there are no users."""
    demo_data = console.load("apiserver.commands.demo_data")
    with console.application(ini) as registry:
        try:
            done = demo_data.init_development_data(registry)
        except demo_data.demo.NotEmpty as error:
            if not skip_on_failure:
                console.fail(error)
            done = f"{error} Nothing was changed."
    sys.stdout.write(f"{done}\n")


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection(
        "db",
        upgrade,
        downgrade,
        migrate,
        revision,
        merge,
        edit,
        show,
        history,
        heads,
        branches,
        current,
        stamp,
        check,
        init_development_data,
    )
