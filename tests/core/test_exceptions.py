"""Errors: whatever is raised is answered as a problem document (RFC 9457)."""

import logging
import re

import pytest
from pyramid.httpexceptions import (
    HTTPBadRequest,
    HTTPForbidden,
    HTTPFound,
    HTTPNoContent,
    HTTPNotFound,
    HTTPServerError,
)
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apiserver.core import http as errors
from apiserver.core.tree.policy import InsufficientScope, InvalidToken
from tests.core.notes import NoteClient, notes
from tests.problems import conflict, invalid, problem

rfc = pytest.mark.rfc

SECRET = "select secret from /home/of/the/server.py"

BEARER = 'Bearer realm="apiserver"'

STATUSES = {
    errors.BadRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.ServiceUnavailable: 503,
}

MISTAKE = "An internal error occurred."
AWAY = "The database is currently unavailable."
CAUSE = (SECRET, {}, Exception(SECRET))
OTHERS = [
    (HTTPBadRequest(SECRET), 400, HTTPBadRequest.explanation),
    (HTTPForbidden(SECRET), 403, "You are not allowed to do this."),
    (HTTPNotFound(SECRET), 404, "There is nothing at this URL."),
    (HTTPServerError(SECRET), 500, HTTPServerError.explanation),
    (IntegrityError(*CAUSE), 409, "This conflicts with a concurrent change."),
    (OperationalError(*CAUSE), 503, AWAY),
    (PoolTimeout(SECRET), 503, AWAY),
    (DataError(*CAUSE), 500, MISTAKE),
    *((kind(SECRET), 500, MISTAKE) for kind in (RuntimeError, RecursionError)),
    (KeyError(SECRET), 500, MISTAKE),
]
HEADERS = [
    (
        InvalidToken(),
        "WWW-Authenticate",
        f'{BEARER}, error="invalid_token", '
        'error_description="The access token is invalid."',
    ),
    (
        InsufficientScope("notes:read"),
        "WWW-Authenticate",
        f'{BEARER}, error="insufficient_scope", scope="notes:read"',
    ),
    (errors.MethodNotAllowed(["POST", "GET"]), "Allow", "GET, POST"),
    (errors.UnsupportedMediaType("POST", ["a/b", "c/d"]), "Accept-Post", "a/b, c/d"),
    (errors.UnsupportedMediaType("PATCH", ["a/b"]), "Accept-Patch", "a/b"),
    (errors.ServiceUnavailable("No."), "Retry-After", "5"),
]


@pytest.fixture(scope="module")
def app(make_core_app):
    return make_core_app(notes)


@pytest.fixture
def answer_to(app):
    """A function that raises an error in a view, and returns the response."""

    def call(error, method="POST"):
        def act(request):
            raise error

        app.registry.act = act
        return NoteClient(app).call(method, "/api/v1/notes/")

    return call


class TestApiError:
    @rfc("9457", "3", "MUST", "the media type is application/problem+json")
    @rfc("9457", "3.1.2", "MUST", "status is the one of the answer")
    @rfc("9457", "4.2.1", "SHOULD", "the title of about:blank is the status in words")
    @pytest.mark.parametrize(("error", "status"), STATUSES.items())
    def test_is_answered_with_its_status(self, answer_to, error, status):
        response = answer_to(error("No."))
        assert response.status_int == status
        assert response.content_type == "application/problem+json"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.json == problem(status, "No.")
        assert response.json["request_id"] == response.headers["X-Request-Id"]

    @pytest.mark.parametrize(("error", "header", "value"), HEADERS)
    def test_has_the_header_that_belongs_to_it(self, answer_to, error, header, value):
        response = answer_to(error)
        assert response.headers[header] == value
        assert response.json == problem(error.status, error.detail)

    @rfc("9457", "3.2", "MAY", "errors names each value that is to blame")
    def test_names_the_fields_that_are_wrong(self, answer_to):
        wrong = ("body", "a.0", "Bad."), ("body", "b", "Worse.")
        response = answer_to(errors.ValidationFailed(*wrong))
        assert response.json == invalid(**{"a.0": "Bad.", "b": "Worse."})

        class NameTaken(errors.Conflict):
            name = "name"

        assert answer_to(NameTaken("Taken.")).json == conflict("Taken.", "name")

    def test_stands_in_the_tree_of_the_docstring(self):
        tree = re.findall(r"── (\w+) +(\d*)", errors.__doc__)
        statuses = {
            name: str(value.status)
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, errors.ApiError)
        }
        del statuses["ApiError"]
        assert dict(tree) == statuses


class TestAnyError:
    @rfc("9457", "5", "SHOULD", "details don't tell how the server is made")
    @rfc("ASVS", "16.5.1", "L2", "errors tell no internals")
    @pytest.mark.parametrize(("error", "status", "detail"), OTHERS)
    def test_tells_nothing_of_the_inside(self, answer_to, error, status, detail):
        for method in ("POST", "GET"):
            response = answer_to(error, method)
            assert response.status_int == status
            assert response.content_type == "application/problem+json"
            assert response.json == problem(status, detail)
            assert SECRET not in str(response)

    def test_lets_what_is_none_pass(self, answer_to):
        response = answer_to(HTTPFound(location="/elsewhere"))
        assert (response.status_int, response.location) == (302, "/elsewhere")
        assert answer_to(HTTPNoContent()).status_int == 204

    def test_is_logged_with_the_id_of_the_request(self, answer_to, caplog):
        response = answer_to(RuntimeError(SECRET))
        (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
        assert record.getMessage() == f"Request {response.json['request_id']} failed"
        assert str(record.exc_info[1]) == SECRET

    @pytest.mark.parametrize("error", [errors.Conflict("No."), HTTPFound("/")])
    def test_that_is_no_mistake_is_not_logged_as_one(self, answer_to, caplog, error):
        answer_to(error)
        assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
