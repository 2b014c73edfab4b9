"""The audit log: when an event is stored and told, and what is in it."""

import logging
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.core.audit import DENIED, FAILURE, AuditEvent, record
from apiserver.core.http import Conflict, Forbidden
from tests.core.notes import words, write
from tests.core.tables import empty

EVENT = {
    "actor_id": 7,
    "client_id": "a client",
    "grant_id": 8,
    "target": "note:9",
}


@pytest.fixture
def stored(note_app):
    """A function that returns action and result of the events that are stored."""
    empty(note_app, AuditEvent)

    def read(*columns):
        columns = columns or (AuditEvent.action, AuditEvent.result)
        with note_app.registry.read_sessions() as session:
            return session.rows(select(*columns))

    return read


@pytest.fixture
def told(caplog):
    """A function that returns the records of the audit log's logger."""
    with caplog.at_level(logging.INFO, "apiserver.audit"):
        yield lambda: [r for r in caplog.records if r.name == "apiserver.audit"]


class TestEvent:
    def test_says_who_did_what_to_what(self, call, stored, told):
        response = call(lambda request: record(request, "write", **EVENT))
        request_id = response.headers["X-Request-Id"]
        columns = [c for c in AuditEvent.__table__.columns if c.name != "id"]
        (event,) = stored(*columns)
        assert dict(zip([c.name for c in columns], event, strict=True)) == {
            "created": ANY,
            "action": "write",
            "result": "success",
            **EVENT,
            "request_id": request_id,
            "address": "",
        }
        (line,) = told()
        assert line.getMessage() == (
            "action=write result=success actor_id=7 client_id=a client grant_id=8 "
            f"target=note:9 request_id={request_id} address="
        )
        assert line.levelname == "INFO"
        assert (line.actor_id, line.target) == (7, "note:9")

    @pytest.mark.parametrize(
        ("seen", "spelled"),
        [("192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1")],
    )
    def test_has_the_address_that_the_server_has_seen(
        self, call, stored, seen, spelled
    ):
        """What a client can write itself is none; limits alone count by networks."""

        def act(request):
            request.environ["REMOTE_ADDR"] = seen
            record(request, "write")

        call(act, headers={"X-Forwarded-For": "192.0.2.99"})
        assert stored(AuditEvent.address) == [(spelled,)]


class TestSuccess:
    def test_is_undone_with_what_was_done(self, call, note_app, stored, told):
        def act(request):
            write(request)
            record(request, "write")
            raise Conflict("No.")

        assert call(act).status_int == 409
        assert (words(note_app), stored(), told()) == ([], [], [])

    def test_is_not_told_where_the_commit_fails(self, call, stored, told):
        def act(request):
            record(request, "write")
            write(request, about=99)

        assert call(act).status_int == 409
        assert (stored(), told()) == ([], [])


class TestFailure:
    def test_survives_the_error_that_is_committed(self, call, stored, told):
        def act(request):
            record(request, "read", FAILURE)
            request.must_commit = True
            raise Forbidden("No.")

        assert call(act).status_int == 403
        assert stored() == [("read", "failure")]
        assert len(told()) == 1

    @pytest.mark.parametrize(
        ("result", "error", "status"),
        [
            (FAILURE, Forbidden("No."), 403),
            (FAILURE, ZeroDivisionError(), 500),
            (DENIED, Conflict("No."), 409),
        ],
    )
    def test_decides_nothing_itself(
        self, call, note_app, stored, told, result, error, status
    ):
        def act(request):
            write(request)
            record(request, "read", result)
            raise error

        assert call(act).status_int == status
        assert (words(note_app), stored()) == ([], [])
        assert told() == [] or result == DENIED


class TestDenial:
    def test_is_stored_with_its_answer(self, call, stored):
        assert call(lambda r: record(r, "ask", DENIED)).status_int == 200
        assert stored() == [("ask", "denied")]


class TestSavepoint:
    def test_that_is_undone_takes_its_own_events_along(self, call, stored):
        def act(request):
            write(request)
            record(request, "before")
            savepoint = request.db.begin_nested()
            write(request)
            record(request, "within")
            savepoint.rollback()
            record(request, "after")

        assert call(act).status_int == 200
        assert [action for action, _ in stored()] == [
            "before",
            "after",
            "note_of_a_test_created",
        ]
