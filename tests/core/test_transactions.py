"""One transaction a request: what is committed, and what is undone."""

import pytest

from apiserver.core.http import Conflict, Response
from tests.conftest import SERVER
from tests.core.notes import NOTE, words, write
from tests.problems import problem


def in_transaction(request):
    """Whether the driver says that a transaction has begun."""
    driver = request.db.connection().connection.driver_connection
    if SERVER is None:
        return driver.in_transaction
    return driver.info.transaction_status.name != "IDLE"


class TestCommit:
    def test_follows_an_answer(self, note_app, call):
        assert call(write).status_int == 200
        assert words(note_app) == ["x"]

    def test_follows_an_error_that_asks_for_it(self, note_app, call):
        def act(request):
            write(request)
            request.must_commit = True
            raise Conflict("Written all the same.")

        assert call(act).status_int == 409
        assert words(note_app) == ["x"]

    def test_that_fails_is_answered_as_any_error(self, note_app, call):
        response = call(lambda request: write(request, about=99))
        detail = "This conflicts with a concurrent change."
        assert response.status_int == 409
        assert response.json == problem(409, detail)
        assert response.headers["X-Request-Id"] == response.json["request_id"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert words(note_app) == []


class TestRollback:
    def test_follows_an_error(self, note_app, call):
        def act(request):
            write(request)
            raise Conflict("No.")

        assert call(act).status_int == 409
        assert words(note_app) == []

    def test_follows_an_answer_that_says_so(self, note_app, call):
        def act(request):
            write(request)
            return Response(status=422)

        assert call(act).status_int == 422
        assert words(note_app) == []

    def test_follows_a_mistake_of_the_server(self, note_app, call):
        def act(request):
            write(request)
            raise ZeroDivisionError

        assert call(act).status_int == 500
        assert words(note_app) == []

    def test_leaves_nothing_for_the_next_request(self, note_app, call):
        def act(request):
            write(request, "undone")
            raise Conflict("No.")

        call(act)
        call(lambda request: write(request, "done"))
        assert words(note_app) == ["done"]


class TestSafeRequest:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_has_no_transaction(self, call, method):
        seen = []
        call(lambda request: seen.append("tm.active" in request.environ), method)
        assert seen == [False]

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_begins_none_in_the_database(self, call, method):
        seen = []

        def act(request):
            request.db.execute(NOTE.select())
            seen.append(in_transaction(request))

        call(act, method)
        call(act, "POST")
        assert seen == [False, True]

    def test_is_tried_once(self, call):
        seen = []
        call(lambda request: seen.append(request.environ["retry.attempts"]), "GET")
        call(lambda request: seen.append(request.environ["retry.attempts"]), "POST")
        assert seen == [1, 3]

    def test_gives_its_connection_back(self, note_app, call):
        engine = note_app.registry.read_sessions.kw["bind"]
        for _ in range(30):
            assert (
                call(lambda request: request.db.connection(), "GET").status_int == 200
            )
        assert engine.pool.checkedout() == 0
