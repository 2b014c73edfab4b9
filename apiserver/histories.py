"""The histories of migrations: the central one, and those of features.

``migrations/versions`` is the history ``central``. An optional feature has its own
beside its code, such as ``apiserver/mail/migrations``: a branch whose label is the
feature's name.
"""

import os
import re
from argparse import Namespace
from collections.abc import Collection, Mapping
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from pyramid.exceptions import ConfigurationError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from apiserver.core.db import make_engines
from apiserver.core.settings import databases
from apiserver.core.settings.environment import from_environment
from apiserver.core.settings.ini import APPS, loader
from apiserver.features import histories, switched_off

CENTRAL = "central"
# In a checkout.
MIGRATIONS = Path(__file__).parent.parent / "migrations"

_REVISION = re.compile(r"^revision\b[^=]*= *[\"'](\w+)[\"']", re.MULTILINE)


def settings_of(config: Config) -> dict[str, str] | None:
    """Return the settings of the application, if the ini file has one."""
    kinds = {name.partition(":")[0] for name in config.file_config.sections()}
    if kinds.isdisjoint(APPS):
        return None
    return from_environment(
        loader(config.config_file_name or "").get_wsgi_app_settings()
    )


def add_histories(config: Config, connection: Connection | None = None) -> None:
    """Add the migrations of the enabled features to Alembic's.

    Also those of a disabled feature with tables in the database (of the connection, or
    of the ini file): these stay, and are migrated with all others.
    """
    values = settings_of(config)
    if values is None:
        return
    found, off = histories(values), switched_off(values)
    used = {name: folder for name, folder in found.items() if name not in off}
    if used.keys() != found.keys():
        revisions = applied(values, connection)
        for name in sorted(off & found.keys()):
            if revisions & revisions_in(found[name]):
                used[name] = found[name]
    config.attributes["histories"] = used
    locate(config, used.values())


def locate(config: Config, folders: Collection[Path]) -> None:
    """Add folders with migrations to Alembic's."""
    if folders:
        scripts = Path(config.get_main_option("script_location") or MIGRATIONS)
        locations = os.pathsep.join(map(str, [scripts / "versions", *folders]))
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", locations.replace("%", "%%"))


def applied(values: Mapping[str, str], connection: Connection | None) -> set[str]:
    """Return the revisions of a database, or none if it is unreachable.

    Later code reports that error.
    """
    if connection is not None:
        begun = connection.in_transaction()
        heads = MigrationContext.configure(connection).get_current_heads()
        if not begun:
            connection.rollback()
        return set(heads)
    try:
        url = databases.parse(values.get("sqlalchemy.url", ""))
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return set()
        writing, engine = make_engines(url)
        try:
            with engine.connect() as reading:
                return set(MigrationContext.configure(reading).get_current_heads())
        finally:
            writing.dispose()
            engine.dispose()
    except (ConfigurationError, DBAPIError):
        return set()


def revisions_in(folder: Path) -> set[str]:
    """Return the revisions in the files of a folder, without executing them."""
    texts = [path.read_text("utf-8") for path in folder.glob("*.py")]
    return {revision for text in texts for revision in _REVISION.findall(text)}


def add_every_history(config: Config) -> set[str]:
    """Add the migrations of all features to Alembic's, enabled or not.

    Returns the revisions of those that aren't enabled.
    """
    values = settings_of(config)
    if values is None:
        return set()
    found = histories(values)
    locate(config, found.values())
    off = [found[name] for name in switched_off(values) & found.keys()]
    return {revision for folder in off for revision in revisions_in(folder)}


def refuse_ambiguous(config: Config, revision: str | None) -> None:
    """Raise CommandError for steps without a history: ``-1``."""
    used: dict[str, Path] = config.attributes.get("histories", {})
    if used and re.fullmatch(r"[+-]\d+", revision or ""):
        known = ", ".join(f"{name}@{revision}" for name in (CENTRAL, *used))
        raise CommandError(f"Name the history that is meant: {known}")


def direct(config: Config, head: str) -> dict[str, str]:
    """Return how ``alembic revision`` adds to a history: ``mail@head``, or ``head``.

    Then only the tables of that history are compared. An empty history begins after the
    newest revision of the central one. Raises CommandError for an unknown history.
    """
    name = CENTRAL if head == "head" else head.removesuffix("@head")
    used: dict[str, Path] = config.attributes.get("histories", {})
    config.attributes["history"] = name
    if name == CENTRAL:
        return {"head": f"{CENTRAL}@head"}
    if name not in used:
        known = ", ".join([CENTRAL, *used])
        raise CommandError(
            f"There is no history {name} among those that are used: {known}. A feature "
            "that apiserver.features names has one once it has a folder migrations."
        )
    if revisions_in(used[name]):
        return {"head": f"{name}@head"}
    return {
        "head": "base",
        "branch_label": name.rpartition(".")[2],
        "version_path": str(used[name]),
        "depends_on": f"{CENTRAL}@head",
    }


def direct_options(config: Config, options: Namespace) -> None:
    """Add the history to the options of Alembic's command line."""
    head = options.head or "head"
    if re.fullmatch(r"head|[\w.]+@head", head) and not options.version_path:
        vars(options).update(direct(config, head))
