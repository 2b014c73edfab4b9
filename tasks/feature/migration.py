"""The migration of a feature, made by Alembic from the generated model."""

import ast
import logging
from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import ModuleType
from typing import Literal, NamedTuple

from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import (
    CreateIndexOp,
    CreateTableOp,
    DowngradeOps,
    MigrateOperation,
    ModifyTableOps,
    UpgradeOps,
)
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Index, MetaData, Table
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import DeclarativeBase

from apiserver.altering import render_item
from apiserver.core.db import Base, never_reuse_ids


class Bodies(NamedTuple):
    """The bodies of a migration's two functions, and the imports that they need."""

    upgrade: str
    downgrade: str
    imports: Set[str]


def bodies(models: str) -> Bodies:
    """Return the bodies of a migration that creates the tables of a module."""
    upgrades = UpgradeOps([op for table in tables(models) for op in making(table)])
    imports: set[str] = set()

    def noting(
        kind: str, item: object, context: AutogenContext
    ) -> str | Literal[False]:
        rendered = render_item(kind, item, context)
        imports.update(context.imports)
        return rendered

    with quiet():
        context = MigrationContext.configure(dialect=DefaultDialect())
    up, down = (
        render_python_code(
            ops,
            render_as_batch=True,
            render_item=noting,
            migration_context=context,
        )
        for ops in (upgrades, upgrades.reverse_into(DowngradeOps([])))
    )
    return Bodies(without_comments(up), without_comments(down), imports)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Alembic's log of how it migrates: there is no database."""
    logger = logging.getLogger("alembic.runtime.migration")
    before = logger.disabled
    logger.disabled = True
    yield
    logger.disabled = before


def without_comments(body: str) -> str:
    """Return the body without Alembic's reminder to adjust it."""
    return "\n".join(line for line in body.splitlines() if "# ###" not in line).strip()


def making(table: Table) -> list[MigrateOperation]:
    indexes = [CreateIndexOp.from_index(index) for index in ordered(table)]
    return [CreateTableOp.from_table(table), ModifyTableOps(table.name, indexes)]


def ordered(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def tables(models: str) -> list[Table]:
    """Return the tables that a models module declares, given its source.

    They have a base of their own, so that the rest of the process never sees them.
    """
    statements = ast.parse(models).body
    module = ModuleType("models")

    class Own(DeclarativeBase):
        metadata = MetaData(naming_convention=Base.metadata.naming_convention)
        type_annotation_map = Base.type_annotation_map

    for kind in (True, False):
        part = [each for each in statements if is_import(each) is kind]
        code = compile(ast.Module(part, []), "models.py", "exec")
        exec(code, vars(module))  # noqa: S102 (the project's own template)
        vars(module)["Base"] = Own
    for table in Own.metadata.sorted_tables:
        never_reuse_ids(table)
    return Own.metadata.sorted_tables


def is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)
