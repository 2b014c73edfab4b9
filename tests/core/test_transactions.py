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
    @pytest.mark.parametrize(
        ("end", "status"),
        [
            (Conflict("No."), 409),
            # A mistake of the server.
            (ZeroDivisionError(), 500),
            (Response(status=422), 422),
        ],
    )
    def test_follows_an_error(self, note_app, call, end, status):
        def act(request):
            write(request, "undone")
            if isinstance(end, Exception):
                raise end
            return end

        assert call(act).status_int == status
        assert words(note_app) == []
        call(lambda request: write(request, "done"))
        assert words(note_app) == ["done"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
class TestSafeRequest:
    def test_has_no_transaction_and_is_tried_once(self, call, method):
        seen = []

        def act(request):
            request.db.execute(NOTE.select())
            is_begun = in_transaction(request)
            environ = request.environ
            seen.append(("tm.active" in environ, is_begun, environ["retry.attempts"]))

        call(act, method)
        call(act, "POST")
        assert seen == [(False, False, 1), (True, True, 3)]

    def test_gives_its_connection_back(self, note_app, call, method):
        engine = note_app.registry.read_sessions.kw["bind"]
        for _ in range(30):
            answer = call(lambda request: request.db.connection(), method)
            assert answer.status_int == 200
        assert engine.pool.checkedout() == 0
