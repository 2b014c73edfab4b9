"""Each way to write a row is an event by itself: which row, and which columns."""

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session as AnySession

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base, Bookkeeping
from apiserver.core.http import Conflict
from tests.core.notes import NOTE

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
    engine = note_app.registry.engine
    with engine.begin() as connection:
        connection.execute(delete(NOTE))
        connection.execute(delete(AuditEvent))
        connection.execute(INSERT, {"id": OLD, "word": "old"})

    def read(act, status=200):
        assert call(act).status_int == status
        statement = select(AuditEvent.action, AuditEvent.target).order_by(AuditEvent.id)
        with AnySession(engine) as db:
            return [tuple(row) for row in db.execute(statement)]

    return read


def change(number, words):
    return (f"{NAME}_changed", f"{NAME}{number} {words}".strip())


WAYS = {
    "insert": (
        lambda db: db.run(INSERT, {"id": 7, "word": "new"}),
        [(f"{NAME}_created", f"{NAME}:7")],
    ),
    "insert several": (
        lambda db: db.run(INSERT, [{"id": 7, "word": "a"}, {"id": 8, "word": "b"}]),
        [(f"{NAME}_created", f"{NAME}:7"), (f"{NAME}_created", f"{NAME}:8")],
    ),
    "update": (
        lambda db: db.run(UPDATE, {"note_id": OLD, "new": "new"}),
        [change(f":{OLD}", "word")],
    ),
    "update by parameters": (
        lambda db: db.run(BY_PARAMETERS, {"note_id": OLD, "word": "new"}),
        [change(f":{OLD}", "word")],
    ),
    "update by execute": (
        lambda db: db.execute(UPDATE, {"note_id": OLD, "new": "new"}),
        [change(f":{OLD}", "word")],
    ),
    "update twice": (
        lambda db: (
            db.run(UPDATE, {"note_id": OLD, "new": "new"}),
            db.run(update(NOTE).where(NOTE.c.id == OLD).values(about=OLD)),
        ),
        [change(f":{OLD}", "about,word")],
    ),
    "update all": (
        lambda db: (
            db.run(INSERT, {"id": 7, "word": "new"}),
            db.execute(UPDATE_ALL),
        ),
        [(f"{NAME}_created", f"{NAME}:7"), change("", "rows=2 about,word")],
    ),
    "update none": (lambda db: db.run(UPDATE, {"note_id": 99, "new": "new"}), []),
    "delete": (
        lambda db: db.run(DELETE, {"note_id": OLD}),
        [(f"{NAME}_deleted", f"{NAME}:{OLD}")],
    ),
    "insert and delete": (
        lambda db: (
            db.run(INSERT, {"id": 7, "word": "old"}),
            db.run(DELETE, {"note_id": 7}),
        ),
        [],
    ),
    "delete and insert": (
        lambda db: (
            db.run(DELETE, {"note_id": OLD}),
            db.run(INSERT, {"id": OLD, "word": "new"}),
        ),
        [change(f":{OLD}", "")],
    ),
    "select": (lambda db: db.rows(select(NOTE.c.id)), []),
}


def act(request, write):
    """Write; what it returns is no answer."""
    write(request.db)


@pytest.mark.parametrize("way", WAYS)
def test_is_told(told, way):
    write, expected = WAYS[way]
    assert told(lambda request: act(request, write)) == expected


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
