"""Production refuses to serve with the demo data, and says what to do about it."""

import pytest
from sqlalchemy import create_engine, text

from apiserver.wsgi import APP_LOAD_ERROR, make_application
from tests.conftest import INI, ROOT
from tests.doors import Door, logging_as_it_was, run_command
from tests.served import free_port
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("PostgreSQL")]

REFUSED = """The database contains demo data, whose passwords are public:
* the account root: apiserver set-password -i production.ini --username root
* the account user: apiserver set-password -i production.ini --username user
* the account internal: apiserver set-password -i production.ini --username internal
* the client documentation: apiserver revoke -i production.ini --client documentation """  # noqa: E501
ISSUER = {
    "APISERVER_ISSUER": "https://api.example.com",
    "APISERVER_SMTP_HOST": "smtp.example.com",
    "APISERVER_MAIL_FROM": "no-reply@example.com",
    "APISERVER_FACTORS_KEY": "a" * 43 + "=",
}


@pytest.fixture
def url(own_postgresql):
    """The URL of a database that is not migrated."""
    return own_postgresql.make_database()


@pytest.fixture
def start(monkeypatch, capsys):
    """A function that makes the application as web servers do.

    Returns the status and what is said.
    """
    for name, value in ISSUER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)

    def start(url):
        monkeypatch.setenv("DATABASE_URL", url)
        capsys.readouterr()
        with logging_as_it_was():
            try:
                registry = make_application().registry
            except SystemExit as end:
                return end.code, capsys.readouterr().err
        for sessions in (registry.write_sessions, registry.read_sessions):
            sessions.kw["bind"].dispose()
        return 0, capsys.readouterr().err

    return start


@pytest.fixture
def operate(url, capsys, monkeypatch):
    """A function that runs the command on a database, by production's settings."""
    command = Door(run_command, url, capsys, monkeypatch)

    def operate(*arguments, ini="production.ini", answer=""):
        status, _, error = command(*arguments, "-i", ini, answer=answer)
        assert status == 0, error

    return operate


@pytest.fixture
def filled(url, operate):
    """The URL of the database, with the demo data."""
    operate("init-development-data", ini=str(INI))
    return url


class TestDemoData:
    def test_is_refused_until_what_is_said_is_done(self, filled, start, operate):
        status, said = start(filled)
        assert status == APP_LOAD_ERROR
        assert REFUSED in said
        for name in ("root", "user", "internal"):
            password = ("set-password", "--username", name)
            operate(*password, answer="an umbrella for the tortoise\n")
        status, said = start(filled)
        assert status == APP_LOAD_ERROR
        assert "the account" not in said
        operate("revoke", "--client", "documentation", "--disable")
        assert start(filled)[0] == 0


class TestOtherDatabase:
    def test_that_is_not_migrated_is_no_reason_to_refuse(self, url, start):
        status, said = start(url)
        assert status == 0
        assert "Can't check for demo data" in said

    def test_that_is_away_is_no_reason_to_refuse(self, start):
        url = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
        status, said = start(url)
        assert status == 0
        assert "Can't check for demo data" in said

    def test_that_lets_nobody_in_ends_the_server(self, url, start):
        status, said = start(f"{url}_that_is_not_there")
        assert status == APP_LOAD_ERROR
        assert "does not exist" in said

    def test_that_has_other_accounts_of_these_names_is_served(self, filled, start):
        engine = create_engine(filled)
        with engine.begin() as connection:
            connection.execute(text("UPDATE \"user\" SET password_digest = 'x'"))
            connection.execute(text("UPDATE oauth2_client SET secret_digest = NULL"))
        engine.dispose()
        assert start(filled)[0] == 0
