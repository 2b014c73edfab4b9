"""A file of SQLite that another process is writing to for longer than one waits."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.conformance.server import basic
from tests.conftest import SERVER
from tests.faults.test_database import assert_away, create, statuses
from tests.patches import replace
from tests.served import in_process

SCOPES = ("teams:read", "teams:write", "users:read", "users:write")
ALEMBIC = ("alembic", "-c", "testing.ini")
CREATE_USER = ("create-user", "-i", "testing.ini", "--username", "ada")
EMAIL = ("--email", "ada@example.com")

# Holds the lock until its input ends.
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
print("locked", flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(SERVER is not None, reason="is about SQLite")


@pytest.fixture
def url(make_database):
    return f"{make_database()}?timeout=0.1"


@pytest.fixture
def app(make_app, url):
    return make_app(url)


@pytest.fixture
def db(app):
    with Session(app.registry.engine, expire_on_commit=False) as db:
        yield db


@pytest.fixture
def user(db):
    return factories.make_user(db)


@pytest.fixture
def token(db, user):
    return factories.make_token(db, user, scopes=SCOPES)


@pytest.fixture
def locked(url):
    """A function for ``with locked():``, while another process holds the lock."""
    path = url.removeprefix("sqlite:///").partition("?")[0]

    @contextmanager
    def hold(statement="BEGIN IMMEDIATE"):
        command = [sys.executable, "-c", WRITER, path, statement]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, **pipes) as process:  # noqa: S603
            assert process.stdout.readline() == b"locked\n"
            yield
            process.stdin.close()

    return hold


def rows(url):
    """Return all rows of all tables."""
    engine = create_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {
            t.name: connection.execute(t.select()).all() for t in metadata.sorted_tables
        }
    engine.dispose()
    return found


class TestLock:
    def test_refuses_writes_for_a_moment_and_changes_nothing(
        self, url, caller, db, user, locked
    ):
        team = create(caller).json
        client = factories.make_client(db, first_party=True)
        form = {"username": user.username, "password": factories.PASSWORD}
        before = rows(url)
        path, title = f"/teams/{team['id']}", [replace("title", "Designers")]
        headers = basic(client.client_id, factories.CLIENT_SECRET)
        with locked():
            assert_away(create(caller))
            assert_away(caller.patch(path, title))
            assert_away(caller.delete(path))
            token = {"grant_type": "password", **form}
            token_path = "/auth/oauth2/token"
            refused = caller.call("POST", token_path, form=token, headers=headers)
            assert refused.status_int == 503
            assert refused.headers["Retry-After"] == "5"
            assert statuses(caller) == [200] * 3
            assert caller.call("GET", "/readyz").status_int == 200
        assert rows(url) == before
        assert create(caller).status_int == 201

    def test_of_the_whole_file_keeps_readers_no_longer(self, caller, locked):
        """In WAL mode readers go on beside whoever locks it all for writing."""
        with locked("BEGIN EXCLUSIVE"):
            assert statuses(caller) == [200] * 3
            assert_away(create(caller))
        assert create(caller).status_int == 201

    def test_is_said_by_commands(self, url, locked):
        said = "The database refuses this: database is locked.\n"
        before = rows(url)
        with locked():
            answer = {"answer": "correct horse battery\n"}
            command = ("apiserver", *CREATE_USER, *EMAIL)
            assert in_process(*command, url=url, **answer) == (1, "", said)
            status, _, error = in_process(*ALEMBIC, "downgrade", "base", url=url)
            assert (status, error.splitlines()[-1:]) == (1, [said.strip()])
        assert rows(url) == before
