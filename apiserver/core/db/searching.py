"""Search for words in columns, with an index on PostgreSQL.

SQLite scans all rows. Words are separated by spaces and ASCII punctuation:
``example.com`` has two. PostgreSQL's own parser would read it as one, a host name.
"""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Index,
    String,
    TextClause,
    func,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

# The separators of words.
WORD = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
PUNCTUATION = "[!-/:-@[-`{-~]+"

# The key in an index's info: Alembic compares such an index only by name.
COMPARED_BY_NAME = "compared by name"
# And the key for the feature whose migrations have it, if the table is another's.
OF_HISTORY = "of history"

NO_OPERATION = "SELECT 1"


class WordBeginnings(TypeDecorator[Sequence[str]]):
    """The type of the words to search for."""

    impl = String
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[str] | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return " & ".join(f"'{word}':*" for word in value)
        return orjson.dumps([f"%{word}%" for word in value]).decode()


def written(constant: str) -> TextClause:
    """Return a literal in the statement, as an index requires."""
    return text(f"'{constant}'")


def text_of(columns: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    """Return the texts of the columns, concatenated."""
    texts = [func.coalesce(column, written("")) for column in columns]
    return reduce(lambda text, each: text.concat(written(" ")).concat(each), texts)


def words_of(columns: Sequence[ColumnElement[str]]) -> ColumnElement[object]:
    """Return the words of the columns as PostgreSQL indexes them, in lower case."""
    how = [written(each) for each in (PUNCTUATION, " ", "g")]
    return func.to_tsvector(
        written("simple"), func.regexp_replace(text_of(columns), *how)
    )


def has_words(
    beginnings: ColumnElement[Sequence[str]], columns: Sequence[ColumnElement[str]]
) -> ColumnElement[bool]:
    """Return the condition for rows with words that begin with the given ones.

    The columns are of one table. On SQLite its texts may have the words anywhere.
    """
    return one_condition(indexed(beginnings, columns), scanned(beginnings, columns))


class one_condition(FunctionElement[bool]):  # noqa: N801 (as SQLAlchemy's own elements)
    """The first condition on PostgreSQL, the second elsewhere."""

    inherit_cache = True


@compiles(one_condition)
def compile_condition(
    element: one_condition, compiler: SQLCompiler, **kw: object
) -> str:
    on_postgresql, elsewhere = element.clauses
    is_on_postgresql = compiler.dialect.name == "postgresql"
    return compiler.process(on_postgresql if is_on_postgresql else elsewhere, **kw)


def indexed(
    beginnings: ColumnElement[Sequence[str]], columns: Sequence[ColumnElement[str]]
) -> ColumnElement[bool]:
    """Return the condition for PostgreSQL, which uses the index.

    The subquery finds the keys of the rows first. Otherwise the planner, which assumes
    that any prefix is frequent, would scan a list in its order for a rare word.
    """
    table = columns[0].table
    other = table.alias()
    [key] = table.primary_key
    words = words_of([other.c[column.key] for column in columns])
    query = func.to_tsquery(written("simple"), beginnings)
    keys = select(other.c[key.key]).where(words.op("@@")(query))
    found: ColumnElement[bool] = key == func.any(func.array(keys.scalar_subquery()))
    return found


def scanned(
    beginnings: ColumnElement[Sequence[str]], columns: Sequence[ColumnElement[str]]
) -> ColumnElement[bool]:
    """Return the condition for SQLite: the text matches all patterns."""
    pattern = func.json_each(beginnings).table_valued("value").c.value
    return ~select(pattern).where(text_of(columns).not_like(pattern)).exists()


def search_index(name: str, *columns: Any) -> Index:
    """Return the PostgreSQL index for a search in these columns.

    ::

        __table_args__ = (search_index("ix_note_words", title, text),)
    """
    # Alembic can't compare expressions, so it compares only the name.
    info = {COMPARED_BY_NAME: True}
    return Index(name, words_of(columns), postgresql_using="gin", info=info)


def is_for_postgresql(index: Index) -> bool:
    """Whether the index is of a kind that SQLite doesn't have."""
    return bool(index.dialect_options["postgresql"]["using"])


@compiles(CreateIndex, "sqlite")
def create_index(element: CreateIndex, compiler: DDLCompiler, **kw: object) -> str:
    """Skip indexes of kinds that SQLite doesn't have, and NULLS LAST in others.

    In a descending index NULL is last anyway, and an ascending one serves both.
    """
    if is_for_postgresql(element.element):
        return NO_OPERATION
    visit: Callable[..., str] = compiler.visit_create_index
    return visit(element, **kw).replace(" NULLS LAST", "")


@compiles(DropIndex, "sqlite")
def drop_index(element: DropIndex, compiler: DDLCompiler, **kw: object) -> str:
    if is_for_postgresql(element.element):
        return NO_OPERATION
    visit: Callable[..., str] = compiler.visit_drop_index
    return visit(element, **kw)
