"""Names that the project can't have, since something else already has them.

A word that means something else in prose, or in a module deep inside, is a good name:
shop, orders, blog. Refused is only what Python, a program or a machine would confuse.
"""

import ast
import builtins
import keyword
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from tasks.renaming.names import BadName, Name
from tasks.renaming.places import first_line

_PIN = re.compile(r"(?m)^([\w.-]+)(?:\[[\w,-]+\])?==")
# Files in which a word that means something else does no harm; the others are settings.
_MEANT_FOR_READERS = {
    ".css",
    ".html",
    ".jinja2",
    ".js",
    ".json",
    ".md",
    ".mustache",
    ".py",
    ".svg",
}
# Attributes of syntax trees that hold what is bound or used.
_NAMED = ("id", "arg", "name", "asname")
# Of Debian's base-passwd: deploy/systemd makes a user of the project's name.
_USERS = {
    "backup",
    "bin",
    "daemon",
    "games",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "news",
    "nobody",
    "proxy",
    "root",
    "sync",
    "sys",
    "uucp",
}


def check(root: Path, texts: Mapping[Path, str | None], old: Name, new: Name) -> None:
    """Raise BadName if the name is taken. The texts are all files of the project."""
    check_python(new)
    check_users(new)
    check_top(root, new)
    check_paths(texts, old, new)
    check_packages(root, old, new)
    check_places(texts, new)
    check_variables(texts, old, new)
    check_environment(new)


def check_python(new: Name) -> None:
    """Raise BadName if Python itself has the name."""
    name = new.plain
    if name in {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}:
        raise BadName(f"{name} is a Python keyword.")
    if name in sys.stdlib_module_names:
        raise BadName(f"{name} is a module of Python's standard library.")


def check_users(new: Name) -> None:
    """Raise BadName if a machine has a user of the name anyway."""
    if new.plain in _USERS:
        raise BadName(f"Debian has a user {new.hyphen} of its own.")


def check_packages(root: Path, old: Name, new: Name) -> None:
    """Raise BadName if an installed or pinned package has the name."""
    pinned = {
        normal(pin)
        for path in root.glob("requirements/*.txt")
        for pin in _PIN.findall(path.read_text("utf-8"))
    }
    own = {old.hyphen, new.hyphen}
    imported = {
        module
        for module, owners in metadata.packages_distributions().items()
        if not own.issuperset(normal(owner) for owner in owners)
    }
    if new.hyphen in pinned or new.plain in imported:
        raise BadName(f"{new.plain} is the name of a package that the project uses.")


def normal(distribution: str) -> str:
    """Normalize a distribution's name as package indexes do."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def check_top(root: Path, new: Name) -> None:
    """Raise BadName if something at the top of the project has the name."""
    for path in root.iterdir():
        if path.name.removesuffix(".py") in (new.plain, new.hyphen):
            raise BadName(f"{path.name} already exists.")


def check_paths(texts: Mapping[Path, str | None], old: Name, new: Name) -> None:
    """Raise BadName if a part of the package has the name, or a script's neighbour.

    Python looks beside a script that it runs first, and would find that.
    """
    scripts = {path.parent for path, text in texts.items() if is_script(path, text)}
    for path in texts:
        for place in (path, *path.parents):
            if place.name.removesuffix(".py") == new.plain and place.parent in {
                Path(old.plain),
                *scripts,
            }:
                raise BadName(f"{place} already exists.")


def is_script(path: Path, text: str | None) -> bool:
    """Whether the file is run by its path, and not as a module."""
    main = 'if __name__ == "__main__":'
    as_module = path.parts[0] in ("tests", "tasks")
    return path.suffix == ".py" and not as_module and main in (text or "")


def check_places(texts: Mapping[Path, str | None], new: Name) -> None:
    """Raise BadName if settings use the name for something else, indistinguishably."""
    for path, line in meant_elsewhere(texts, new):
        if path.suffix not in _MEANT_FOR_READERS:
            raise BadName(f"{new.plain} already means something else: {path}:{line}.")


def meant_elsewhere(
    texts: Mapping[Path, str | None], new: Name
) -> Iterator[tuple[Path, int]]:
    """Yield each file in which the name would mean two things, and its first line."""
    for path, text in texts.items():
        line = first_line(text, new) if text else 0
        if line:
            yield path, line


def check_variables(texts: Mapping[Path, str | None], old: Name, new: Name) -> None:
    """Raise BadName if a module that imports the package has the name otherwise."""
    imports = re.compile(rf"(?m)^ *import {old.plain}\b")
    for path, text in texts.items():
        if path.suffix == ".py" and text and imports.search(text):
            for node in ast.walk(ast.parse(text)):
                named = {getattr(node, each, "") for each in _NAMED}
                if new.plain in named:
                    where = f"{path}:{getattr(node, 'lineno', 0)}"
                    raise BadName(f"{new.plain} is already a variable: {where}.")


def check_environment(new: Name) -> None:
    """Raise BadName if an environment variable would be taken for a setting."""
    for variable in sorted(os.environ):
        if variable.startswith(f"{new.variable}_"):
            raise BadName(
                f"The environment has {variable}, which would be read as a setting of "
                f"{new.plain}."
            )
