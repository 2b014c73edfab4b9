"""A line of log for each request, without secrets."""

import io
import json
import logging
from unittest.mock import ANY

import pytest
from pythonjsonlogger.json import JsonFormatter

from tests.networks import from_address


@pytest.fixture
def lines():
    """What production's log holds, parsed."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("%(levelname)s %(name)s %(message)s"))
    log = logging.getLogger("apiserver.access")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


@pytest.fixture
def caller(api, make_pure_app, database_url, make_user):
    """A function that gives the client of a user from an address."""
    user = make_user()
    app = make_pure_app(database_url, access_log="true")

    def make():
        client = api(user, app=app)
        client.app = from_address(client.app, "192.0.2.1")
        return client, user

    return make


class TestAccessLog:
    def test_says_who_called_what(self, caller, lines):
        client, user = caller()
        response = client.get("/users/me?secret=hush")
        assert lines() == [
            {
                "levelname": "INFO",
                "name": "apiserver.access",
                "message": ANY,
                "request_id": response.headers["X-Request-Id"],
                "method": "GET",
                "path": "/api/v1/users/me",
                "route": "/api/v1/users/me",
                "status": 422,
                "address": "192.0.2.1",
                "user_id": user.id,
                "client_id": ANY,
                "duration_ms": ANY,
            }
        ]
        assert lines()[0]["message"].startswith("GET /api/v1/users/me 422 ")

    def test_has_the_requests_that_fail(self, caller, lines):
        client, _ = caller()
        client.call("GET", "/nowhere", headers={"Authorization": "Bearer hush"})
        client.call("GET", "/%ff")
        wanted = ("status", "route", "user_id")
        assert [[line[name] for name in wanted] for line in lines()] == [
            [404, None, None],
            [400, None, None],
        ]
        assert "hush" not in str(lines())

    def test_is_off_unless_it_is_asked_for(self, api, lines):
        api().get("/users/signup-form")
        assert lines() == []
