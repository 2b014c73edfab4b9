"""Code to begin with: a whole feature."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.util import CommandError
from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.declaring import task
from tasks.feature import collisions, writing
from tasks.feature.names import BadName, Names, another, check_name

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
    try:
        with writing.explained(), console.application(ini) as registry:
            features = registry.settings["apiserver.features"]
            with writing.explained():
                names, files = prepared(module_name, module_name_singular, registry)
                written = write(ini, names, files)
    except (BadName, writing.NotWritten, CommandError) as error:
        console.fail(error)
    for path in written:
        sys.stdout.write(f"{path}\n")
    line = " ".join([*features, module_name])
    sys.stdout.write(NEXT.format(word=names.singular, ini=ini, features=line))


def prepared(
    plural: str, singular: str, registry: Any
) -> tuple[Names, dict[Path, str]]:
    """Return the names and the files of a feature that can be. Raises BadName."""
    check_name(plural, another(plural))
    collisions.check_folders(console.ROOT, plural)
    names = Names.of(plural, singular)
    files = writing.render(names)
    collisions.check(console.ROOT, names, files, registry)
    return names, files


def write(ini: str, names: Names, files: dict[Path, str]) -> list[Path]:
    """Write the feature, whole or not at all; return the paths in the project."""
    with TemporaryDirectory() as folder:
        made = writing.make(console.ROOT, Path(folder), ini, names, files)
        writing.copy(Path(folder), console.ROOT, made)
    return made


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("boilerplates", crud_module)
