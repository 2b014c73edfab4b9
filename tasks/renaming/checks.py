"""Names that the project can't have, since something else already has them."""

import ast
import builtins
import keyword
import os
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from tasks.renaming.names import BadName, Name
from tasks.renaming.places import first_line

_PIN = re.compile(r"(?m)^([\w.-]+)(?:\[[\w,-]+\])?==")


def check(root: Path, texts: Mapping[Path, str | None], old: Name, new: Name) -> None:
    """Raise BadName if the name is taken. The texts are all files of the project."""
    check_python(new)
    check_paths([*(path.relative_to(root) for path in root.iterdir()), *texts], new)
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


def check_paths(paths: Iterable[Path], new: Name) -> None:
    """Raise BadName if a folder or module has the name, or would hide the package."""
    for path in paths:
        for place in (path, *path.parents):
            if place.name.removesuffix(".py") in (new.plain, new.hyphen):
                raise BadName(f"{place} already exists.")


def check_places(texts: Mapping[Path, str | None], new: Name) -> None:
    """Raise BadName if files use the name for something else, indistinguishably."""
    for path, text in texts.items():
        line = first_line(text, new) if text else 0
        if line:
            raise BadName(f"{new.plain} already means something else: {path}:{line}.")


def check_variables(texts: Mapping[Path, str | None], old: Name, new: Name) -> None:
    """Raise BadName if a module that imports the package has a variable of the name."""
    imports = re.compile(rf"(?m)^ *import {old.plain}\b")
    for path, text in texts.items():
        if path.suffix == ".py" and text and imports.search(text):
            for node in ast.walk(ast.parse(text)):
                if new.plain in (getattr(node, "id", ""), getattr(node, "arg", "")):
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
