"""``/healthz`` and ``/readyz``: what load balancers and orchestrators ask."""

import pytest
from sqlalchemy import text

from apiserver.ops.schema import Schema
from tests.conftest import INI
from tests.problems import problem

OLDER = "a3cf5f3e5442"


def not_ready(detail):
    return problem(503, detail)


@pytest.fixture
def set_revision(connection):
    """A function that says of the database that it is at a revision, and no other."""

    def say(revision):
        connection.execute(text("DELETE FROM alembic_version"))
        about = {"revision": revision}
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:revision)"), about
        )

    return say


@pytest.fixture
def needed(app):
    """What the code needs, as it is said."""
    return " and ".join(sorted(app.registry.schema().heads))


class TestHealthz:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_answers_without_the_database(self, api, statements, method):
        with statements() as executed:
            response = api().call(method, "/healthz")
        assert response.status_int == 200
        assert response.body == (b'{"status":"ok"}' if method == "GET" else b"")
        assert response.headers["Cache-Control"] == "no-store"
        assert executed == []

    def test_takes_no_other_method(self, api):
        response = api().call("POST", "/healthz")
        assert response.status_int in {404, 405}


class TestReadyz:
    def test_is_ready(self, api, statements):
        with statements() as executed:
            response = api().call("GET", "/readyz")
        assert (response.status_int, response.json) == (200, {"status": "ready"})
        assert len(executed) == 1

    def test_is_not_where_a_migration_is_missing(self, api, app, set_revision, needed):
        app.registry.schema().known.add("0123456789ab")
        set_revision("0123456789ab")
        response = api().call("GET", "/readyz")
        assert response.json == not_ready(
            f"The database is at revision 0123456789ab, but the code needs {needed}: "
            "migrate it (alembic upgrade head)."
        )
        assert response.headers["Retry-After"] == "5"

    def test_is_where_the_schema_is_newer_than_the_code(self, api, set_revision):
        """Migrations come first; the old code serves until the new one has started."""
        set_revision("ffffffffffff")
        assert api().call("GET", "/readyz").status_int == 200

    def test_is_not_where_nothing_was_migrated(self, api, connection):
        connection.execute(text("DELETE FROM alembic_version"))
        assert api().call("GET", "/readyz").status_int == 503

    def test_is_not_without_a_database(self, api, needed, connection):
        api()
        connection.execute(text("ALTER TABLE alembic_version RENAME TO gone"))
        response = api().call("GET", "/readyz")
        assert response.json == not_ready(
            f"The database is not migrated, but the code needs {needed}: "
            "migrate it (alembic upgrade head)."
        )

    def test_is_not_when_it_is_about_to_end(self, api, app, monkeypatch):
        monkeypatch.setattr(app.registry.drain, "began", 1.0)
        response = api().call("GET", "/readyz")
        assert response.json == not_ready("The server is shutting down.")
        assert api().call("GET", "/healthz").status_int == 200


class TestSchema:
    def test_knows_its_migrations(self):
        schema = Schema(str(INI))
        assert schema.heads < schema.known
        assert not schema.is_behind(schema.heads)
        assert schema.is_behind(set())

    def test_without_migrations_is_not_checked(self, tmp_path):
        ini = tmp_path / "own.ini"
        ini.write_text(f"[alembic]\nscript_location = {tmp_path}/nowhere\n")
        schema = Schema(str(ini))
        assert schema.heads == set()
        assert not schema.is_behind({"anything"})
