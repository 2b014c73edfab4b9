"""Each way to write a row is an event by itself: which row, and which columns."""

import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base, Bookkeeping
from apiserver.core.http import Conflict
from tests.core.notes import NOTE
from tests.core.tables import empty

INSERT = insert(NOTE)
INSERT_RETURNING = insert(NOTE).returning(NOTE.c.id)
UPDATE = (
    update(NOTE).where(NOTE.c.id == bindparam("note_id")).values(word=bindparam("new"))
)
BY_PARAMETERS = update(NOTE).where(NOTE.c.id == bindparam("note_id"))
UPDATE_ALL = update(NOTE).values(word="x", about=None)
DELETE = delete(NOTE).where(NOTE.c.id == bindparam("note_id"), NOTE.c.word == "old")
NAME = "note_of_a_test"
# Which no database will have counted to.
OLD = 1_000_000


@pytest.fixture
def told(note_app, call):
    """A function that returns what is told of what a request does to the note OLD."""
    empty(note_app, NOTE, AuditEvent)
    with note_app.registry.engine.begin() as connection:
        connection.execute(INSERT, {"id": OLD, "word": "old"})

    def read(act, status=200):
        assert call(act).status_int == status
        statement = select(AuditEvent.action, AuditEvent.target).order_by(AuditEvent.id)
        with note_app.registry.read_sessions() as db:
            return db.rows(statement)

    return read


def update_old(db):
    return db.run(UPDATE, {"note_id": OLD, "new": "new"})


def delete_note(number):
    return lambda db: db.run(DELETE, {"note_id": number})


def insert_seven(db):
    return db.run(INSERT, {"id": 7, "word": "old"})


CREATED, CHANGED = (f"{NAME}_created", f"{NAME}:7"), f"{NAME}_changed"
OLD_WORD = (CHANGED, f"{NAME}:{OLD} word")
WAYS = {
    "insert": ([insert_seven], [CREATED]),
    "insert several": (
        [lambda db: db.run(INSERT, [{"id": n, "word": "a"} for n in (7, 8)])],
        [CREATED, (f"{NAME}_created", f"{NAME}:8")],
    ),
    "update": ([update_old], [OLD_WORD]),
    "update by parameters": (
        [lambda db: db.run(BY_PARAMETERS, {"note_id": OLD, "word": "new"})],
        [OLD_WORD],
    ),
    "update by execute": (
        [lambda db: db.execute(UPDATE, {"note_id": OLD, "new": "new"})],
        [OLD_WORD],
    ),
    "update twice": (
        [
            update_old,
            lambda db: db.run(update(NOTE).where(NOTE.c.id == OLD).values(about=OLD)),
        ],
        [(CHANGED, f"{NAME}:{OLD} about,word")],
    ),
    "update all": (
        [insert_seven, lambda db: db.execute(UPDATE_ALL)],
        [CREATED, (CHANGED, f"{NAME} rows=2 about,word")],
    ),
    "update none": ([lambda db: db.run(UPDATE, {"note_id": 99, "new": "new"})], []),
    "delete": ([delete_note(OLD)], [(f"{NAME}_deleted", f"{NAME}:{OLD}")]),
    "insert and delete": ([insert_seven, delete_note(7)], []),
    "delete and insert": (
        [
            delete_note(OLD),
            lambda db: db.run(INSERT, {"id": OLD, "word": "new"}),
        ],
        [(CHANGED, f"{NAME}:{OLD}")],
    ),
    "select": ([lambda db: db.rows(select(NOTE.c.id))], []),
}


@pytest.mark.parametrize("way", WAYS)
def test_is_told(told, way):
    writes, expected = WAYS[way]

    def act(request):
        for write in writes:
            write(request.db)

    assert told(act) == expected


def test_key_that_is_returned_is_told(told):
    returned = []

    def act(request):
        returned.append(request.db.row(INSERT_RETURNING, {"word": "new"}).id)

    assert told(act) == [(f"{NAME}_created", f"{NAME}:{returned[0]}")]


def test_is_not_told_of_what_is_undone(told):
    def act(request):
        request.db.run(INSERT, {"id": 7, "word": "new"})
        raise Conflict("No.")

    assert told(act, 409) == []


def test_bookkeeping_has_its_reason():
    declared = [mapper.class_.__audit__ for mapper in Base.registry.mappers]
    reasons = [each.reason for each in declared if isinstance(each, Bookkeeping)]
    assert reasons
    assert all(reason.endswith(".") for reason in reasons)
