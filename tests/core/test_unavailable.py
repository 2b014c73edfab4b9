"""Without a database: what is answered, and what is logged."""

import pytest
from sqlalchemy import text

from apiserver.auth.tokens import ACCESS, make_token
from tests.client import Client
from tests.problems import problem

UNAVAILABLE = "The database is currently unavailable."
SECRET = "a digest of a password"


@pytest.fixture(scope="module")
def client(make_pure_app):
    """A caller of an application whose database is not there."""
    return Client(make_pure_app("sqlite:////nowhere/at/all.db"), make_token(ACCESS))


class TestDatabaseThatIsAway:
    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "OPTIONS"])
    def test_is_unavailable_for_a_moment(self, client, method):
        for path in ("/teams/1", "/teams/nonsense"):
            response = client.call(method, client.prefix + path)
            assert response.json == problem(503, UNAVAILABLE)
            assert response.headers["Retry-After"] == "5"
            assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_leaves_what_needs_none(self, client):
        anonymous = Client(client.app)
        for path, status in (
            ("/users/signup-form", 200),
            ("/teams/nonsense", 401),
            ("/nonsense", 404),
        ):
            assert anonymous.get(path).status_int == status


def test_log_of_an_error_of_the_database_has_no_values(call, caplog):
    def act(request):
        request.db.execute(text("SELECT :value FROM nowhere"), {"value": SECRET})

    assert call(act).status_int == 503
    assert "nowhere" in caplog.text
    assert SECRET not in caplog.text
