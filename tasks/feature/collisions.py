"""What a new feature must not collide with: files, classes, tables, routes."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyramid.interfaces import IRoutesMapper

from apiserver.core.resources import Item
from tasks.feature.names import BadName, Names

# The attributes of a node, beside which it has that of its object.
OF_NODES = {*dir(Item), "request", "noun", "model", "statement"}

_TABLE = re.compile(r'__tablename__ = "(\w+)"')


def check(root: Path, names: Names, files: Mapping[Path, str], registry: Any) -> None:
    """Raise BadName if something of the feature is there already."""
    for collision in (
        *in_sources(root, names, files),
        *in_application(names, registry),
        *in_itself(names, files),
    ):
        raise BadName(collision)


def check_folders(root: Path, plural: str) -> None:
    """Raise BadName if there is a package, a module or a folder of tests already."""
    package = root / "apiserver" / plural
    for path in (package, package.with_suffix(".py"), root / "tests" / plural):
        if path.exists():
            raise BadName(f"There is {path.relative_to(root)} already.")


def in_sources(root: Path, names: Names, files: Mapping[Path, str]) -> Iterator[str]:
    """Look through all features, those too that are switched off."""
    new = {name for text in files.values() for name in classes(text)}
    for path in sorted(root.glob("apiserver/**/*.py")):
        text = path.read_text("utf-8")
        where = path.relative_to(root)
        for name in sorted(new & classes(text)):
            yield f"There is a class {name} already, in {where}."
        if names.singular in _TABLE.findall(text):
            yield f"There is a table {names.singular} already, in {where}."


def classes(text: str) -> set[str]:
    """Return the names of the classes of a module."""
    return {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)}


def in_application(names: Names, registry: Any) -> Iterator[str]:
    routes = registry.getUtility(IRoutesMapper).get_routes()
    for name in {names.singular, names.plural} & {route.name for route in routes}:
        yield f"There is a route {name} already."
    if names.plural in registry.tree:
        yield f"Something is at /{names.plural} already."


def in_itself(names: Names, files: Mapping[Path, str]) -> Iterator[str]:
    """Find names that would hide another one in the feature's own modules."""
    if names.singular in OF_NODES:
        yield f"A node has an attribute {names.singular} already."
    for path, text in files.items():
        for name, count in Counter(bound(ast.parse(text))).items():
            if count > 1:
                yield f"{name} would have two meanings in {path}."


def bound(module: ast.Module) -> Iterator[str]:
    """Yield the names that the statements of a module bind."""
    for statement in module.body:
        match statement:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=[*targets]):
                yield from (t.id for t in targets if isinstance(t, ast.Name))
