"""Requests at the same time: locks, and what is tried again after a lost race."""

from types import SimpleNamespace
from wsgiref.util import setup_testing_defaults

import pytest
from pyramid_retry import IRetryableError, RetryableException
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from apiserver.core.db.engines import retry_when_others_won
from tests.conftest import SERVER
from tests.core.notes import NoteClient, notes, words, write
from tests.networks import from_address
from tests.problems import problem

on_postgresql = pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")
on_sqlite = pytest.mark.skipif(SERVER is not None, reason="is about SQLite")

UNAVAILABLE = problem(503, "The database is currently unavailable.")

# Raises an error with the SQLSTATE, as the server itself would.
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{}'; END $$"


@on_sqlite
class TestSqlite:
    @pytest.mark.parametrize(
        ("method", "sent"),
        [("POST", ["BEGIN IMMEDIATE", "SELECT 1", "COMMIT"]), ("GET", ["SELECT 1"])],
    )
    def test_is_locked_at_once_by_what_writes(self, note_app, call, method, sent):
        statements = []

        def trace(connection, *_about):
            connection.set_trace_callback(statements.append)

        def forget(connection, *_about):
            connection.set_trace_callback(None)

        engines = [note_app.registry.write_sessions, note_app.registry.read_sessions]
        for engine in (sessions.kw["bind"].engine for sessions in engines):
            event.listen(engine, "checkout", trace)
            event.listen(engine, "checkin", forget)
        call(lambda request: request.db.execute(text("SELECT 1")), method)
        for engine in (sessions.kw["bind"].engine for sessions in engines):
            event.remove(engine, "checkout", trace)
            event.remove(engine, "checkin", forget)
        assert statements == sent

    def test_that_stays_locked_is_unavailable_for_a_moment(self, note_app, call):
        engine = note_app.registry.engine
        with engine.connect() as other:
            with engine.connect() as idle:
                idle.exec_driver_sql("PRAGMA busy_timeout = 1")
                idle.rollback()
            with other.begin():
                response = call(lambda request: request.db.execute(text("SELECT 1")))
        engine.dispose()
        assert (response.headers["Retry-After"], response.json) == ("5", UNAVAILABLE)


@on_postgresql
class TestRetry:
    @pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
    def test_follows_a_request_that_lost_to_another(self, note_app, call, sqlstate):
        bodies = []

        def act(request):
            attempt = request.environ["retry.attempt"]
            bodies.append(request.json_body)
            write(request, f"attempt {attempt}")
            if attempt < 2:
                request.db.execute(text(RAISE.format(sqlstate)))

        assert call(act, json={"a": 1}).status_int == 200
        assert words(note_app) == ["attempt 2"]
        assert bodies == [{"a": 1}] * 3

    def test_ends_after_three_attempts(self, note_app, call):
        attempts = []

        def act(request):
            attempts.append(request.environ["retry.attempt"])
            write(request)
            request.db.execute(text(RAISE.format("40001")))

        response = call(act)
        assert attempts == [0, 1, 2]
        assert (response.headers["Retry-After"], response.json) == ("5", UNAVAILABLE)
        assert words(note_app) == []

    @pytest.mark.parametrize("sqlstate", ["23505", "22001", "P0001"])
    def test_does_not_follow_any_other_error(self, call, sqlstate):
        attempts = []

        def act(request):
            attempts.append(request.environ["retry.attempt"])
            request.db.execute(text(RAISE.format(sqlstate)))

        assert call(act).status_int == {"23505": 409}.get(sqlstate, 500)
        assert attempts == [0]


class TestRetryWhenOthersWon:
    @pytest.mark.parametrize(
        ("sqlstate", "marked"),
        [("40001", True), ("40P01", True), ("23505", False), (None, False)],
    )
    def test_marks_lost_races_alone(self, sqlstate, marked):
        error = OperationalError("", {}, Exception())
        context = SimpleNamespace(
            original_exception=SimpleNamespace(sqlstate=sqlstate),
            sqlalchemy_exception=error,
        )
        retry_when_others_won(context)
        assert IRetryableError.providedBy(error) is marked


def test_is_still_the_request_that_the_proxy_has_sent(make_core_app):
    """Its headers have changed the environ, which the second try begins with."""
    trusted = {"apiserver.trusted_proxies": "10.0.0.0/8"}
    app = make_core_app(notes, "apiserver.ops.proxies", **trusted)
    number, seen = "0123456789abcdef" * 2, []
    sent = {
        "X-Forwarded-For": "10.0.0.7",
        "X-Forwarded-Prefix": "/svc",
        "X-Request-Id": number,
    }

    def act(request):
        seen.append((request.script_name, request.address, request.request_id))
        if len(seen) < 3:
            raise RetryableException

    app.registry.act = act
    client = NoteClient(from_address(app, "10.0.0.1"))
    response = client.post("/notes/", headers=sent)
    assert response.status_int == 200
    assert seen == [("/svc", "10.0.0.7", number)] * 3
    assert response.headers["X-Request-Id"] == number


class TestBody:
    def test_that_ends_too_early_is_refused(self, note_app):
        """As of a client that has gone away; nothing is tried again."""
        environ = {"PATH_INFO": "/api/v1/notes/", "REQUEST_METHOD": "POST"}
        setup_testing_defaults(environ)
        environ["CONTENT_LENGTH"] = "10"
        answers = []
        note_app.registry.act = lambda request: request.body
        body = b"".join(note_app(environ, lambda *answer: answers.append(answer)))
        assert answers[0][0] == "400 Bad Request"
        assert b"The body is shorter than Content-Length." in body
