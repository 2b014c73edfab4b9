"""What a new feature must not collide with: files, names in sources, the application.

Names are looked up instead of listed here: in what sources declare, including those of
disabled features, and in what the application has registered.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pyramid.interfaces import IRoutesMapper

from apiserver.core.db import Base
from apiserver.core.endpoints import Request
from apiserver.core.openapi import GLOBAL_ROLES, own_document
from apiserver.core.tree import Item, Resource
from tasks.feature.declarations import (
    Declaration,
    bound_in,
    declared_in,
    tables_in_migration,
)
from tasks.feature.names import BadName, Names, another
from tasks.feature.shape import Shape

# The attributes of a node, which the attribute with its object must not hide.
OF_NODES = {*dir(Item), *Item.__annotations__, *vars(Resource(Request.blank("/")))}
# Alembic's table for the database's revision.
OF_ALEMBIC = "alembic_version"


def check(root: Path, shape: Shape, files: Mapping[Path, str], registry: Any) -> None:
    """Raise BadName if something of the feature already exists."""
    names = shape.names
    for reason in (
        *in_itself(names, files),
        *in_sources(root, files),
        *in_database(root, shape),
        *in_application(shape, files, registry),
    ):
        raise BadName(reason, names.cure)


def check_folders(root: Path, plural: str) -> None:
    """Raise BadName if a package or a folder of tests can't have the name."""
    for reason in on_disk(root, plural):
        raise BadName(reason, another(plural))


def on_disk(root: Path, plural: str) -> Iterator[str]:
    for parent in (root / "apiserver", root / "tests"):
        for path in sorted(parent.iterdir()):
            # Also if events.py exists: a package hides the module of the same name.
            if path.name.partition(".")[0].lower() == plural and holds_files(path):
                yield f"{path.relative_to(root)} already exists"
        package = parent / "__init__.py"
        if plural in bound_in(package.read_text("utf-8"), package):
            yield f"{package.relative_to(root)} uses the name {plural}"
    for pattern in passed_over(root):
        if fnmatch(plural, pattern):
            yield f"pytest skips folders named {pattern}"


def holds_files(path: Path) -> bool:
    """Whether a folder holds more than what Python leaves of a removed package."""
    found = path.rglob("*") if path.is_dir() else [path]
    return any(p.is_file() and "__pycache__" not in p.parts for p in found)


def passed_over(root: Path) -> list[str]:
    """Return the patterns of folders that pytest ignores."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    pytest = settings.get("tool", {}).get("pytest", {}).get("ini_options", {})
    patterns: list[str] = pytest.get("norecursedirs", [])
    return patterns


def in_itself(names: Names, files: Mapping[Path, str]) -> Iterator[str]:
    """Yield complaints about names that hide others in the feature's own modules."""
    if names.singular in OF_NODES:
        yield f"Every node of the tree already has an attribute {names.singular}"
    for path, text in files.items():
        for name, count in Counter(bound_in(text, path)).items():
            if count > 1:
                yield f"{name} would have two meanings in {path}"
    for declaration in declarations(files):
        if declaration.kind == "role" and declaration.name.startswith(GLOBAL_ROLES):
            yield f"The {declaration} would apply to the whole server"


def declarations(files: Mapping[Path, str]) -> set[Declaration]:
    """Return what the feature itself declares."""
    return {
        declaration
        for path, text in files.items()
        if path.parts[0] == "apiserver"
        for declaration in declared_in(text, path)
    }


def in_sources(root: Path, files: Mapping[Path, str]) -> Iterator[str]:
    """Search all sources, including those of disabled features."""
    new = {unified(each): each for each in declarations(files)}
    features = {path.parent for path in root.glob("apiserver/*/views.py")}
    for path in sorted(root.glob("apiserver/**/*.py")):
        found = declared_in(path.read_text("utf-8"), path.relative_to(root))
        there = {unified(each): each for each in found}
        for key in sorted(new.keys() & there.keys()):
            # Only features have classes with public names: schemas, models.
            if there[key].kind != "class" or features & {*path.parents}:
                yield f"{path.relative_to(root)} already has a {there[key]}"


def unified(declaration: Declaration) -> Declaration:
    """Return the declaration with its name normalized as on disks and in clients."""
    return declaration._replace(name=declaration.name.lower())


def in_database(root: Path, shape: Shape) -> Iterator[str]:
    """Search the tables of the models and the migrations, and their indexes.

    In PostgreSQL both are relations, whose names are unique.
    """
    taken = {OF_ALEMBIC, f"{OF_ALEMBIC}_pkc"}
    for table in Base.metadata.tables.values():
        taken |= {f"{table.name}_id_seq", table.name, f"pk_{table.name}"}
        taken |= {str(index.name) for index in table.indexes}
        taken |= {str(constraint.name) for constraint in table.constraints}
    for relation in sorted({*shape.identifiers} & taken):
        yield f"A table or index {relation} already exists"
    calls = {
        call
        for path in (
            *root.glob("migrations/versions/*.py"),
            *root.glob("*/*/migrations/*.py"),
        )
        for call in tables_in_migration(path.read_text("utf-8"), path.relative_to(root))
    }
    made, dropped = (
        {name for call, name in calls if call == which}
        for which in ("create_table", "drop_table")
    )
    if shape.names.singular in made - dropped:
        yield f"A migration already creates a table {shape.names.singular}"


def in_application(
    shape: Shape, files: Mapping[Path, str], registry: Any
) -> Iterator[str]:
    """Search what the application has registered, however it was declared."""
    new = declarations(files)
    for taken in sorted(registered(registry) & new):
        yield f"A {taken} already exists"
    prefix = f"{registry.api_prefix}{shape.path.rstrip('/')}"
    for route in registry.getUtility(IRoutesMapper).get_routes():
        if route.pattern == prefix or route.pattern.startswith(f"{prefix}/"):
            yield f"A route at {prefix} already exists"


def registered(registry: Any) -> set[Declaration]:
    """Return what an application has registered, as declarations."""
    document = own_document(registry)
    kinds = {
        "route": [r.name for r in registry.getUtility(IRoutesMapper).get_routes()],
        "scope": registry.scopes,
        "node": {name for node in registry.tree.hung.values() for name in node},
        "role": document["x-roles"],
        "permission": document["x-permissions"],
        "class": document["definitions"],
        "operation": [
            operation["operationId"]
            for methods in document["paths"].values()
            for operation in methods.values()
            if "operationId" in operation
        ],
    }
    return {Declaration(kind, name) for kind, found in kinds.items() for name in found}
