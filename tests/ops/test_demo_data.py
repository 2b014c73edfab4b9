"""Production refuses to serve with the demo data, and says what to do about it."""

import subprocess

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import INI, ROOT
from tests.doors import Door, run_command
from tests.served import BIN, clean_environment, free_port, in_process
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("PostgreSQL")]

START = "import os; from apiserver.wsgi import make_application; make_application()"
REFUSED = """The database has demo data, whose passwords everybody knows:
* the account root: apiserver set-password -i production.ini --username root
* the account user: apiserver set-password -i production.ini --username user
* the account internal: apiserver set-password -i production.ini --username internal
* the client documentation: apiserver revoke -i production.ini --client documentation """  # noqa: E501
# What makes gunicorn end.
APPLICATION_FAILED = 4
ISSUER = {"APISERVER_ISSUER": "https://api.example.com"}


@pytest.fixture
def url(own_postgresql):
    """The URL of a database that is not migrated."""
    return own_postgresql.make_database()


def start(url):
    """Make the application as web servers do; return the status and what is said."""
    done = subprocess.run(  # noqa: S603
        [BIN / "python", "-c", START],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=url, **ISSUER),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture
def operate(url, capsys, monkeypatch):
    """A function that runs the command on production's settings."""
    for name, value in ISSUER.items():
        monkeypatch.setenv(name, value)
    command = Door(run_command, url, capsys, monkeypatch)

    def operate(*arguments, answer=""):
        status, _, error = command(*arguments, "-i", "production.ini", answer=answer)
        assert status == 0, error

    return operate


class TestDemoData:
    def test_is_refused_until_what_is_said_is_done(self, url, operate):
        done = in_process("apiserver", "init-development-data", str(INI), url=url)
        assert done[0] == 0
        status, said = start(url)
        assert status == APPLICATION_FAILED
        assert REFUSED in said
        for name in ("root", "user", "internal"):
            password = ("set-password", "--username", name)
            operate(*password, answer="an umbrella for the tortoise\n")
        assert "the account" not in start(url)[1]
        assert start(url)[0] == APPLICATION_FAILED
        operate("revoke", "--client", "documentation", "--disable")
        assert start(url)[0] == 0


class TestOtherDatabase:
    def test_that_is_not_migrated_is_no_reason_to_refuse(self, url):
        status, said = start(url)
        assert status == 0
        assert "Whether there is demo data can't be seen" in said

    def test_that_is_away_is_no_reason_to_refuse(self):
        url = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
        status, said = start(url)
        assert status == 0
        assert "Whether there is demo data can't be seen" in said

    def test_that_has_other_accounts_of_these_names_is_served(self, url):
        in_process("apiserver", "init-development-data", str(INI), url=url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE \"user\" SET password_digest = 'x'"))
            connection.execute(text("UPDATE oauth2_client SET secret_digest = NULL"))
        engine.dispose()
        assert start(url)[0] == 0
