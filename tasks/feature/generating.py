"""Write a feature into the project, and say what to do next."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from alembic.util import CommandError

from tasks import console
from tasks.feature import collisions, places, reading, writing
from tasks.feature.names import BadName, Names, another, check_name
from tasks.feature.shape import Shape

NEXT = """
The singular is {word}. Enable the feature in {ini},
and in the other ini files when it is ready:

    apiserver.features = {features}

Then make run migrates the database and serves it, and make test runs its tests.
"""


class Asked(NamedTuple):
    """The options that describe a feature."""

    plural: str
    singular: str = ""
    below: str = ""
    fields: str = ""


def generate(ini: str, asked: Asked) -> None:
    """Write all of a feature or nothing; print its files."""
    try:
        with writing.explained(), console.application(ini) as registry:
            features = registry.settings["apiserver.features"]
            with writing.explained():
                shape, files = prepared(asked, registry)
                written = write(ini, shape, files)
    except (BadName, writing.NotWritten, CommandError) as error:
        console.fail(error)
    for path in written:
        sys.stdout.write(f"{path}\n")
    line = " ".join([*features, asked.plural])
    word = shape.names.singular
    sys.stdout.write(NEXT.format(word=word, ini=ini, features=line))


def prepared(asked: Asked, registry: Any) -> tuple[Shape, dict[Path, str]]:
    """Return the shape and the files of a valid feature. Raises BadName."""
    check_name(asked.plural, another(asked.plural))
    collisions.check_folders(console.ROOT, asked.plural)
    names = Names.of(asked.plural, asked.singular)
    shape = shape_of(names, asked, registry)
    files = writing.render(shape)
    collisions.check(console.ROOT, shape, files, registry)
    return shape, files


def shape_of(names: Names, asked: Asked, registry: Any) -> Shape:
    """Return the shape that the options describe. Raises BadName."""
    if not (asked.below or asked.fields):
        return Shape(names)
    known = places.places(registry)
    below = places.below(asked.below, known)
    given = asked.fields or "title:text"
    shape = Shape(names, reading.read(given, names, known, below), below)
    shape.check()
    return shape


def write(ini: str, shape: Shape, files: dict[Path, str]) -> list[Path]:
    """Write all of the feature or nothing; return the paths in the project."""
    with TemporaryDirectory() as folder:
        made = writing.make(console.ROOT, Path(folder), ini, shape, files)
        writing.copy(Path(folder), console.ROOT, made)
    return made
