"""Code to begin with: a whole feature."""

import sys
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import task

from tasks import console
from tasks.feature import collisions, writing
from tasks.feature.names import BadName, Names, check_name

NEXT = """
One of them is called {word}. A line in {ini} switches it on,
and in the other settings, when it is ready for them:

    apiserver.features = {features}

Then make run migrates and serves it. make test runs its tests, too.
"""


@task(
    help={
        "module_name": "The plural, of small letters and underscores: blog_posts.",
        "module_name_singular": "The singular, where it is not found: person.",
        "ini": console.INI,
    }
)
def crud_module(
    context: Context,
    module_name: str,
    module_name_singular: str = "",
    ini: str = console.DEVELOPMENT,
) -> None:
    """Write a feature: model, permissions, endpoints, migration, tests."""
    with console.application(ini) as registry:
        features = registry.settings["apiserver.features"]
        try:
            check_name(module_name)
            collisions.check_folders(console.ROOT, module_name)
            names = Names.of(module_name, module_name_singular)
            written = write(names, ini, registry)
        except (BadName, CommandError) as error:
            console.fail(error)
    for path in written:
        sys.stdout.write(f"{path}\n")
    line = " ".join([*features, module_name])
    sys.stdout.write(NEXT.format(word=names.singular, ini=ini, features=line))


def write(names: Names, ini: str, registry: Any) -> list[Path]:
    """Write the feature, after it was checked; return the paths in the project."""
    files = writing.render(names)
    collisions.check(console.ROOT, names, files, registry)
    migration = writing.write_migration(ini, names)
    writing.write(console.ROOT, files)
    return [*files, migration.relative_to(console.ROOT)]


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("boilerplates", crud_module)
