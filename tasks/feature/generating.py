"""Writes a feature into the project, and says what to do with it."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.util import CommandError

from tasks import console
from tasks.feature import collisions, writing
from tasks.feature.names import BadName, Names, another, check_name

NEXT = """
One of them is called {word}. A line in {ini} switches it on,
and in the other settings, when it is ready for them:

    apiserver.features = {features}

Then make run migrates and serves it. make test runs its tests, too.
"""


def generate(ini: str, plural: str, singular: str) -> None:
    """Write a feature, whole or not at all; print its files."""
    try:
        with writing.explained(), console.application(ini) as registry:
            features = registry.settings["apiserver.features"]
            with writing.explained():
                names, files = prepared(plural, singular, registry)
                written = write(ini, names, files)
    except (BadName, writing.NotWritten, CommandError) as error:
        console.fail(error)
    for path in written:
        sys.stdout.write(f"{path}\n")
    line = " ".join([*features, plural])
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
