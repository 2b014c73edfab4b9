"""Without a database: what is answered, and what is logged."""

import pytest
from sqlalchemy import text

from apiserver.auth.tokens import ACCESS, make_token
from tests.client import Client
from tests.core.notes import notes
from tests.problems import problem

UNAVAILABLE = "The database is currently unavailable."
SECRET = "a digest of a password"


@pytest.fixture(scope="module")
def client(make_pure_app):
    """A caller of an application whose database is not there."""
    return Client(make_pure_app("sqlite:////nowhere/at/all.db"), make_token(ACCESS))


class TestDatabaseThatIsAway:
    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize("path", ["/teams/1", "/teams/nonsense"])
    def test_is_unavailable_for_a_moment(self, client, method, path):
        response = client.call(method, client.prefix + path)
        assert response.status_int == 503
        assert response.headers["Retry-After"] == "5"
        assert response.json == problem(503, "The database is currently unavailable.")
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_leaves_what_needs_none(self, client):
        anonymous = Client(client.app)
        assert anonymous.get("/users/signup-form").status_int == 200
        assert anonymous.get("/teams/nonsense").status_int == 401
        assert anonymous.get("/nonsense").status_int == 404


class TestLog:
    def test_of_an_error_of_the_database_has_no_values(self, make_core_app, caplog):
        app = make_core_app(notes)

        def act(request):
            request.db.execute(text("SELECT :value FROM nowhere"), {"value": SECRET})

        app.registry.act = act
        assert Client(app).get("/notes/").status_int == 503
        assert "nowhere" in caplog.text
        assert SECRET not in caplog.text
