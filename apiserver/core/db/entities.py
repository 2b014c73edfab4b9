"""Locks an entity, and writes its columns, with prepared statements.

The ORM would take three times as long to load an entity, and to flush it. It still does
so if an entity is more than the columns of one row (inheritance), or if something
listens to its events.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, bindparam, inspect, select, update
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from apiserver.core.db.records import Statement
from apiserver.core.typing import Row, Selection

Model = TypeVar("Model")

# A parameter whose name no column has.
ROW_ID = "_id_of_row"


class Plain(NamedTuple):
    """The attributes that are columns, the one that is the id, and statements."""

    mapper: Mapper[object]
    names: tuple[str, ...]
    key: str
    lock: Selection
    change: Statement


@cache
def plain(model: type) -> Plain | None:
    """Return the statements of a model; None if its entities are more than one row."""
    mapper: Mapper[object] = inspect(model)
    is_one_of_many = mapper.inherits is not None or mapper.polymorphic_on is not None
    if is_one_of_many or mapper.version_id_col is not None or mapper.primary_key[1:]:
        return None
    columns = {
        each.key: each.columns[0]
        for each in mapper.column_attrs
        if isinstance(each.columns[0], Column) and not each.deferred
    }
    [key] = mapper.primary_key
    is_row = key == bindparam(ROW_ID)
    return Plain(
        mapper,
        tuple(columns),
        mapper.get_property_by_column(key).key,
        # Foreign keys that refer to the row don't wait for this lock.
        select(*columns.values()).where(is_row).with_for_update(key_share=True),
        update(model).where(is_row).returning(*columns.values()),
    )


def plainly_loaded(model: type) -> Plain | None:
    """Return the statements, unless something listens to loading."""
    own = plain(model)
    if own is None:
        return None
    heard = own.mapper.class_manager.dispatch
    return None if heard.load or heard.refresh else own


def plainly_written(
    session: Session, model: type, names: Iterable[str]
) -> Plain | None:
    """Return the statements, unless a flush does more than write these columns."""
    own = plain(model)
    if own is None:
        return None
    mapper, heard = own.mapper, own.mapper.dispatch
    if heard.before_update or heard.after_update:
        return None
    is_plain = not session.dispatch.before_flush and all(
        name in own.names
        and mapper.columns[name].key == name
        and not getattr(model, name).dispatch.set
        for name in names
    )
    return own if is_plain else None


def loaded(session: Session, own: Plain, row: Row) -> Any:
    """Return the entity of a row, as if the ORM had just loaded it."""
    row_id = row[own.names.index(own.key)]
    identity = own.mapper.identity_key_from_primary_key((row_id,))
    known = session.identity_map.get(identity)
    if known is not None:
        session.expire(known)
        return taking(known, own, row)
    entity = own.mapper.class_manager.new_instance()
    vars(entity).update(zip(own.names, row, strict=True))
    # From here on this is the loaded state, without changes.
    make_transient_to_detached(entity)
    session.add(entity)
    return entity


def taking(entity: Model, own: Plain, row: Row) -> Model:
    """Return the entity with the values of the row, not marked as changes."""
    for name, value in zip(own.names, row, strict=True):
        set_committed_value(entity, name, value)
    return entity
