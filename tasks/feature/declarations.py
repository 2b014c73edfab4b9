"""Names declared in source files that must be unique in the application."""

import ast
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple


class Declaration(NamedTuple):
    """A name, and the kind of thing that it names."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


# Calls that declare something; their first argument is the name.
CALLS = {
    "ApiService": "route",
    "add_route": "route",
    "add_scope": "scope",
    "add_node": "node",
    "Role": "role",
    "Table": "table",
}
METHODS = {"get", "post", "put", "patch", "delete"}


# Cached, since the feature's files are searched for both.
@lru_cache(maxsize=32)
def parsed(text: str, where: Path) -> ast.Module:
    return ast.parse(text, where)


@cache
def declared_in(text: str, where: Path) -> frozenset[Declaration]:
    """Return what a module declares. Raises SyntaxError, which says where."""
    return frozenset(
        Declaration(kind, name)
        for node in ast.walk(parsed(text, where))
        for kind, name in declared_by(node)
    )


def declared_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.ClassDef(name=name):
            yield "class", name
        case ast.Call(func=func, args=[ast.Constant(value=str(value)), *_]):
            if kind := CALLS.get(last_name(func)):
                yield kind, value
        case ast.Assign(targets=[ast.Name(id="__tablename__")], value=value):
            yield from constant("table", value)
        case ast.Assign(value=ast.Tuple(elts=[label, ast.Constant(), ast.Constant()])):
            yield from constant("permission", label)
        case ast.FunctionDef(name=name, decorator_list=[ast.Call(func=func), *_]):
            if isinstance(func, ast.Attribute) and func.attr in METHODS:
                yield "operation", name


def constant(kind: str, value: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield kind, value.value


def last_name(function: ast.expr) -> str:
    """Return the name of a called function, without what precedes the last dot."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@cache
def tables_in_migration(text: str, where: Path) -> frozenset[tuple[str, str]]:
    """Return the tables that a migration creates and drops: (create_table, post)."""
    upgrades = [
        statement
        for statement in ast.parse(text, where).body
        if isinstance(statement, ast.FunctionDef) and statement.name == "upgrade"
    ]
    return frozenset(
        (last_name(node.func), node.args[0].value)
        for upgrade in upgrades
        for node in ast.walk(upgrade)
        if isinstance(node, ast.Call) and node.args
        if isinstance(node.args[0], ast.Constant)
        if isinstance(node.args[0].value, str)
    )


def bound_in(text: str, where: Path) -> Iterator[str]:
    """Yield the names that the statements of a module bind."""
    for statement in parsed(text, where).body:
        match statement:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=[*targets]):
                yield from (t.id for t in targets if isinstance(t, ast.Name))
